"""The verdict as data: the answer, its findings, the suspects, and what was not checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.model.findings import Finding
from gonogo.model.not_checked import NotChecked
from gonogo.model.stages import StageFigures
from gonogo.model.suspects import NoSuspect, Suspect


class Answer(StrEnum):
    GO = "GO"
    PARTIAL = "PARTIAL"  # no finding stops the requested part; never promotes
    NO_GO = "NO-GO"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict; findings and suspects are worst first. `no_suspect` is why a NO-GO has no suspect."""

    answer: Answer
    findings: tuple[Finding, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    no_suspect: NoSuspect | None = None
    stages: Mapping[str, StageFigures] = field(default_factory=dict)
    not_checked: tuple[NotChecked, ...] = ()
