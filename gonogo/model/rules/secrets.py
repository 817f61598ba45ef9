"""Findings about secrets in the open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.calls import Unrecorded
from gonogo.model.exposures import SecretPlace
from gonogo.model.findings import Parameters


@dataclass(frozen=True, slots=True)
class SecretExposed(Parameters):
    """A secret was found at `place`, `count` times; `known` says that the baseline had one of its kind there too."""

    place: SecretPlace
    count: int
    known: bool = False


@dataclass(frozen=True, slots=True)
class SecretsNotSearched(Parameters):
    """Evidence that is not there to be searched: `problems` in the words of its readers, and exchanges."""

    problems: tuple[str, ...] = ()
    unrecorded: tuple[Unrecorded, ...] = ()


RULES: Mapping[str, type[Parameters]] = {"secret-exposed": SecretExposed, "secrets-not-searched": SecretsNotSearched}
