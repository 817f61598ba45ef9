"""Profiles as their files declare them. Which of them runs, and whether it may, is `choice`'s."""

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
    """One profile: who comes (persona → weight), and in what shape. `where` is the file and line that say so."""

    name: str
    personas: Mapping[type[User], int]
    shape: Shape
    where: str

    @property
    def file(self) -> str:
        return self.where.rpartition(":")[0]


DECLARED: list[Declaration] = []
"""In the order of their files. Locust executes each file of load/; that is how they come here."""


def profile(name: str, *, personas: Mapping[type[User], int], shape: Shape = steady) -> Declaration:
    """Declare the profile `name`; its size and objectives stand in environments.yml, `load.profiles.<name>`.

    Nothing is refused here: an error raised in a profile file would end Locust with a traceback.
    """
    caller = sys._getframe(1)
    declaration = Declaration(name, dict(personas), shape, f"{caller.f_code.co_filename}:{caller.f_lineno}")
    DECLARED.append(declaration)
    return declaration


def personas_of(name: str) -> Mapping[type[User], int]:
    """The personas of the profile `name`, by weight; none where no file declares it."""
    return next((found.personas for found in reversed(DECLARED) if found.name == name), {})


def by_name(declared: list[Declaration]) -> dict[str, Declaration]:
    """The profiles of all files by name. Raises ConfigError where Locust would silently drop or mix something."""
    profiles: dict[str, Declaration] = {}
    for declaration in declared:
        earlier = profiles.get(declaration.name)
        if earlier and Path(earlier.file).resolve() != Path(declaration.file).resolve():
            raise ConfigError(f"Two files declare the load profile '{declaration.name}'.", where=declaration.where,
                              fix=f"rename one of them; the other is at {earlier.where}.")
        profiles[declaration.name] = declaration
    for declaration in profiles.values():
        _refuse_bad_weights(declaration)
    _refuse_two_of_a_name(profiles)
    return profiles


def _refuse_bad_weights(declaration: Declaration) -> None:
    if not declaration.personas:
        raise ConfigError(f"The load profile '{declaration.name}' has no persona.", where=declaration.where,
                          fix="name at least one: profile(..., personas={WindowShopper: 1}).")
    for persona, weight in declaration.personas.items():
        if weight < 1:
            raise ConfigError(f"The weight of {persona.__name__} is {weight}.", where=declaration.where,
                              fix="give it 1 or more, or leave the persona out.")


def _refuse_two_of_a_name(profiles: Mapping[str, Declaration]) -> None:
    seen: dict[str, tuple[type[User], Declaration]] = {}
    for declaration in profiles.values():
        for persona in declaration.personas:
            other, elsewhere = seen.setdefault(persona.__name__, (persona, declaration))
            if other is not persona:
                raise ConfigError(f"Two personas are called {persona.__name__}; Locust would run one of them.",
                                  where=declaration.where,
                                  fix=f"rename one, or share it from a file load/_*.py (other: {elsewhere.where}).")
