"""Profiles as their files declare them. `profile_choice` decides which of them runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    declaration = Declaration(name, dict(personas), shape, f"{caller.f_code.co_filename}:{caller.f_lineno}")
    DECLARED.append(declaration)
    return declaration


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
        _refuse_bad_weights(declaration)
    _refuse_two_of_a_name(profiles)
    return profiles


def _refuse_bad_weights(declaration: Declaration) -> None:
    if not declaration.personas:
        raise ConfigError(f"The load profile '{declaration.name}' has no persona.", where=declaration.where,
                          fix="add at least one: profile(..., personas={WindowShopper: 1}).")
    for persona, weight in declaration.personas.items():
        if weight < 1:
            raise ConfigError(f"The weight of {persona.__name__} must be 1 or more, got {weight}.",
                              where=declaration.where, fix="set it to 1 or more, or remove the persona.")


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
