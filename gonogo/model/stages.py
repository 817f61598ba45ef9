"""The result of any stage: how much was planned and executed, and the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.findings import Finding, Severity
from gonogo.model.load import LoadEvidence
from gonogo.model.not_checked import NotChecked
from gonogo.model.scenarios import ScenarioEvidence


class Ending(StrEnum):
    """How a process of a stage came to its end."""

    EXITED = "exited"
    TIMED_OUT = "timed out"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How a process of a stage ended. Evidence is judged; this only explains why there is none.

    `exit_code` is None if it was not started; `budget_s` is its time limit, if it timed out; `detail` has its last
    lines after a failure, `log` is the file of all lines, in the run folder.
    """

    ending: Ending
    exit_code: int | None = None
    detail: str = ""
    duration_s: float = 0.0
    budget_s: float | None = None
    log: str = ""


class StageEvidence:
    """The evidence of a stage, as data for its own judge. Each stage derives a frozen class."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ScenarioResults(StageEvidence):
    """Of a stage that runs scenarios.

    `exercises_system`: they use the system as its users do, so that their exchanges are checked against contracts,
    shapes and declared calls.
    """

    scenarios: ScenarioEvidence
    exercises_system: bool = False


@dataclass(frozen=True, slots=True)
class LoadResults(StageEvidence):
    """Of the load stage: the evidence of each profile that ran."""

    profiles: tuple[LoadEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class StageResult:
    """`executed` of `planned` units (scenarios, load profiles, …), and the evidence of them; None where none was left.

    `nothing_to_do`: this environment has nothing for the stage; its judge must list that as not checked. `load_window`
    is when the stage put load on the system, seconds since the epoch.
    """

    planned: int
    executed: int
    evidence: StageEvidence | None = None
    processes: tuple[ProcessEnd, ...] = ()
    duration_s: float = 0.0
    nothing_to_do: bool = False
    load_window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class StageFigures:
    """The counts of one stage; `unit` is what is counted, in the plural."""

    planned: int = 0
    executed: int = 0
    passed: int = 0
    failed: int = 0
    flaky: int = 0
    duration_s: float = 0.0
    unit: str = "scenarios"


@dataclass(frozen=True, slots=True)
class JudgedStage:
    """What the judge of one stage made of its result; without `figures` they are counted from result and findings."""

    findings: Sequence[Finding] = ()
    figures: StageFigures | None = None
    not_checked: Sequence[NotChecked] = ()


def figures_of(result: StageResult, findings: Iterable[Finding]) -> StageFigures:
    """Each subject that something above a warning was found about has failed."""
    against = {finding.subject for finding in findings if finding.severity is not Severity.WARN}
    failed = min(len(against), result.executed)
    return StageFigures(result.planned, result.executed, result.executed - failed, failed,
                        duration_s=result.duration_s, unit="units")
