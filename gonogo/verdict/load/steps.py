"""The knee: the highest rate of visits per second that meets the objectives. Each step is judged on its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gonogo.config import LoadProfile
from gonogo.model.findings import NoParameters, Severity
from gonogo.model.load import Arrived, LoadEvidence, Phase, PhaseKind
from gonogo.model.rules.load import KneeTooLow, Missed
from gonogo.verdict.load.confidence import Decision
from gonogo.verdict.load.objectives import Observation, judge_endpoints

_SAME_RATE = 1e-9  # rates are sums of steps
_LATE_S = 0.5  # tolerance for the end of a run


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its rate, the decision on its objectives, and the worst observation.

    `worst` is None if all objectives were met, or if the step was not completed.
    """

    per_s: float
    outcome: Decision
    worst: Observation | None = None


@dataclass(frozen=True, slots=True)
class Knee:
    """The highest rate (0: none) that met every objective, below the first step that missed one.

    An undecided step is skipped if a higher one met all objectives. `beyond` is the first missed or undecided step
    above the knee; None if there is none, so that the knee may be higher.
    """

    per_s: float
    beyond: Step | None


def knee(evidence: LoadEvidence, profile: LoadProfile) -> Knee:
    """The knee; `profile` must have steps."""
    reached, beyond = 0.0, None
    for step in _steps(evidence, profile):
        if step.outcome is Decision.MET:
            reached, beyond = step.per_s, None
        else:
            beyond = beyond or step
        if step.outcome is Decision.MISSED:
            break
    return Knee(reached, beyond)


def knee_passed(evidence: LoadEvidence, profile: LoadProfile, elapsed_s: float) -> bool:
    """Whether a completed step missed an objective, so that the run may stop; used during the run."""
    over = tuple(phase for phase in evidence.phases if phase.to_s <= elapsed_s)
    return any(step.outcome is Decision.MISSED for step in _steps(replace(evidence, phases=over), profile))


def judge_steps(evidence: LoadEvidence, profile: LoadProfile, required_per_s: float) -> Iterator[Observation]:
    """Nothing if the knee is at `required_per_s` or above; steps above it do not affect the verdict."""
    reached = knee(evidence, profile)
    if reached.per_s >= required_per_s - _SAME_RATE:
        return
    missed = next((step for step in _steps(evidence, profile)
                   if step.outcome is Decision.MISSED and step.per_s <= required_per_s + _SAME_RATE), None)
    if missed:
        yield Observation("knee-too-low", Severity.BLOCK, _too_low(reached, required_per_s, missed))
    else:
        yield Observation("knee-undecided", Severity.INCONCLUSIVE, _too_low(reached, required_per_s, reached.beyond))


def _too_low(knee: Knee, required_per_s: float, step: Step | None) -> KneeTooLow:
    if step is None or step.worst is None:
        return KneeTooLow(knee.per_s, required_per_s, step.per_s if step else 0.0)
    worst = step.worst
    cause = worst.parameters if isinstance(worst.parameters, Missed) else NoParameters()
    return KneeTooLow(knee.per_s, required_per_s, step.per_s, worst.endpoint, cause, worst.rule)


def arrived_up_to_knee(evidence: LoadEvidence, profile: LoadProfile) -> Arrived | None:
    """Visits of the steps below the first missed one, which may overload the system.

    Visits of the whole run if they were not counted by step.
    """
    counted: list[Arrived] = []
    for phase in _phases(evidence):
        if phase.arrived is None:
            return evidence.arrived
        if _step(phase, profile, evidence.sent_s).outcome is Decision.MISSED:
            break
        counted.append(phase.arrived)
    return Arrived(sum(each.due for each in counted), sum(each.started for each in counted),
                   sum(each.dropped for each in counted)) if counted else evidence.arrived


def _phases(evidence: LoadEvidence) -> list[Phase]:
    return sorted((phase for phase in evidence.phases if phase.kind is PhaseKind.STEP), key=lambda each: each.per_s)


def _steps(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Step]:
    """The steps in order of their rates."""
    return (_step(phase, profile, evidence.sent_s) for phase in _phases(evidence))


def _step(phase: Phase, profile: LoadProfile, sent_s: float) -> Step:
    observed = list(judge_endpoints(phase.endpoints, profile))
    for severity, outcome in ((Severity.BLOCK, Decision.MISSED), (Severity.INCONCLUSIVE, Decision.UNDECIDED)):
        worst = next((each for each in observed if each.severity is severity), None)
        if worst:
            return Step(phase.per_s, outcome, worst)
    if phase.to_s > sent_s + _LATE_S:
        return Step(phase.per_s, Decision.UNDECIDED)
    return Step(phase.per_s, Decision.MET)
