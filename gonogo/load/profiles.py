"""Profiles as their files declare them. `profile_choice` decides which of them runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.core.errors import ConfigError
from gonogo.load.shapes import Shape, steady

if TYPE_CHECKING:
    from locust import User


@dataclass(frozen=True, slots=True)
class Declaration:
    """One profile: its personas (persona → weight) and its shape. `where` is the file and line of the declaration."""

    name: str
    personas: Mapping[type[User], int]
    shape: Shape
    where: str

    @property
    def file(self) -> str:
        return self.where.rpartition(":")[0]


DECLARED: list[Declaration] = []
"""The declared profiles, in the order in which Locust executes the files of load/."""


def profile(name: str, *, personas: Mapping[type[User], int], shape: Shape = steady) -> Declaration:
    """Declare the profile `name`; its size and objectives are in environments.yml, `load.profiles.<name>`.

    It raises no error: in a profile file, that would end Locust with a traceback.
    """
    caller = sys._getframe(1)
    _offer(caller.f_globals, personas)
    declaration = Declaration(name, dict(personas), shape, f"{caller.f_code.co_filename}:{caller.f_lineno}")
    DECLARED.append(declaration)
    return declaration


def _offer(module: dict[str, Any], personas: Mapping[type[User], int]) -> None:
    """Let Locust find the personas in the file that declares them, also if it imports a mapping of them only.

    With NoPersona, Locust starts, and `choose` gives the reason.
    """
    from gonogo.load.persona import NoPersona  # noqa: PLC0415  imports Locust, as the file that calls does

    runnable = [each for each in personas if getattr(each, "abstract", True) is False]
    for persona in runnable or [NoPersona]:
        if persona not in module.values():
            module.setdefault(persona.__name__, persona)


def personas_of(name: str) -> Mapping[type[User], int]:
    """Persona → weight of the profile `name`; empty if no file declares it."""
    return next((declaration.personas for declaration in reversed(DECLARED) if declaration.name == name), {})


def by_name(declared: list[Declaration]) -> dict[str, Declaration]:
    """The profiles of all files by name. Raises ConfigError if Locust would silently drop or mix profiles or personas.
    """
    profiles: dict[str, Declaration] = {}
    for declaration in declared:
        earlier = profiles.get(declaration.name)
        if earlier and Path(earlier.file).resolve() != Path(declaration.file).resolve():
            raise ConfigError(f"Two files declare the load profile '{declaration.name}'.", where=declaration.where,
                              fix=f"rename one of them; the other is declared at {earlier.where}.")
        profiles[declaration.name] = declaration
    for declaration in profiles.values():
        for error in persona_errors(declaration):
            raise error
    _refuse_two_of_a_name(profiles)
    return profiles


def persona_errors(declaration: Declaration) -> Iterator[ConfigError]:
    """Errors for personas that Locust would not run."""
    name, where = declaration.name, declaration.where
    if not declaration.personas:
        yield ConfigError(f"The load profile '{name}' has no persona.", where=where,
                          fix="add at least one: profile(..., personas={WindowShopper: 1}).")
    for persona, weight in declaration.personas.items():
        persona_name = getattr(persona, "__name__", repr(persona))
        if not isinstance(persona, type) or not hasattr(persona, "abstract"):
            yield ConfigError(f"The persona {persona_name} of '{name}' is not a user class.", where=where,
                              fix="derive it from gonogo.load.suite.Persona.")
        elif persona.abstract:
            yield ConfigError(f"The persona {persona_name} of '{name}' is abstract.", where=where,
                              fix="use a class derived from it, or remove `abstract = True`.")
        elif isinstance(weight, bool) or not isinstance(weight, int) or weight < 1:
            yield ConfigError(f"The weight of {persona_name} must be an integer of 1 or more, got {weight!r}.",
                              where=where, fix="set it to 1 or more, or remove the persona.")


def _refuse_two_of_a_name(profiles: Mapping[str, Declaration]) -> None:
    first_uses: dict[str, tuple[type[User], Declaration]] = {}
    for declaration in profiles.values():
        for persona in declaration.personas:
            other, other_declaration = first_uses.setdefault(persona.__name__, (persona, declaration))
            if other is not persona:
                raise ConfigError(f"Two personas are named {persona.__name__}; Locust would run only one of them.",
                                  where=declaration.where,
                                  fix=f"rename one, or define it once in a file load/_*.py; the other is at "
                                      f"{other_declaration.where}.")
