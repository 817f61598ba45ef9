"""The verdict as data: what is answered, the reasons for it, and who is suspected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.core.exit_codes import ExitCode

NO_EVIDENCE = "no-evidence"  # the rule that says that a stage left nothing; it explains nothing


class Answer(StrEnum):
    GO = "GO"
    PARTIAL = "PARTIAL"  # nothing wrong in the part that was asked for; never promotes
    NO_GO = "NO-GO"
    INCONCLUSIVE = "INCONCLUSIVE"

    @property
    def exit_code(self) -> ExitCode:
        return {Answer.GO: ExitCode.GO, Answer.PARTIAL: ExitCode.GO, Answer.NO_GO: ExitCode.NO_GO,
                Answer.INCONCLUSIVE: ExitCode.INCONCLUSIVE}[self]


class Severity(StrEnum):
    """What one reason does to the verdict; the first named that occurs decides it."""

    VOID = "void"  # what was tried is not what is to be promoted: INCONCLUSIVE, whatever else was found
    BLOCK = "block"  # the release misses the policy: NO-GO
    INCONCLUSIVE = "inconclusive"  # the environment, a browser, a generator or the suite failed, or too little was seen
    WARN = "warn"  # told, and does not stop


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of why. `component` → `peer` where known; `evidence` are paths in the run folder."""

    stage: str
    rule: str
    severity: Severity
    title: str
    component: str | None = None
    peer: str | None = None
    evidence: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """`behaviour: scenario-failed: … [web → gds]`, without the evidence: its path depends on who reads."""
        edge = f"{self.component or '?'} → {self.peer}" if self.peer else self.component
        return f"{self.stage}: {self.rule}: {self.title}" + (f" [{edge}]" if edge else "")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A component that may have broken a peer, the edge between them, and why it is suspected."""

    component: str
    peer: str
    edge: str
    why: str

    @property
    def line(self) -> str:
        """`web → customers: POST /api/customers: …`, the one sentence that a service team acts on."""
        return f"{self.component} → {self.peer}: {self.edge}: {self.why}"


@dataclass(frozen=True, slots=True)
class StageFigures:
    """The counts of one stage. For load, a planned unit is a profile."""

    planned: int = 0
    executed: int = 0
    passed: int = 0
    failed: int = 0
    flaky: int = 0
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate answers; reasons and suspects stand worst first. `nobody` says why a NO-GO has no suspect."""

    answer: Answer
    reasons: tuple[Reason, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    nobody: str = ""
    stages: Mapping[str, StageFigures] = field(default_factory=dict)
    not_checked: tuple[str, ...] = ()
