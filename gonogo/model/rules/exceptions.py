"""Findings about the exceptions of exceptions.yml themselves, and about what they leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.exceptions import ExceptionSubject
from gonogo.model.findings import Parameters
from gonogo.model.load import LostObjective


@dataclass(frozen=True, slots=True)
class ExceptionUnused(Parameters):
    """An exception of this kind for `about` and the rule `excepted`, at `where`, that no finding needed."""

    kind: str
    excepted: str
    about: ExceptionSubject
    where: str


@dataclass(frozen=True, slots=True)
class WaivedEndedEarly(Parameters):
    """A profile that was ended early for this objective, which is waived."""

    objective: LostObjective


RULES: Mapping[str, type[Parameters]] = {
    "exception-unused": ExceptionUnused, "waived-load-ended-early": WaivedEndedEarly,
}
