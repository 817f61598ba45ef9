"""Steps up to the knee: at how many visits a second the objectives are still met, each step judged by itself."""

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
_LATE_S = 0.5  # a run ends within so much of its time


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its rate, what is known of the objectives, and the worst that was observed.

    None was observed where all were met, or where the step was not tried to its end.
    """

    per_s: float
    outcome: Decision
    worst: Observation | None = None


@dataclass(frozen=True, slots=True)
class Knee:
    """The highest rate that met every objective, below the first that missed one (0: none), and why it is no higher.

    A step that had too few requests is passed over: a higher one that met them all speaks for it. `beyond` is the first
    step above that was missed or undecided, None where there is none, so that the knee lies higher still.
    """

    per_s: float
    beyond: Step | None


def knee(evidence: LoadEvidence, profile: LoadProfile) -> Knee:
    """Where the knee is; `profile` has steps."""
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
    """Whether a step that is over has missed an objective, so that further ones tell nothing: for a look in mid-run."""
    over = tuple(phase for phase in evidence.phases if phase.to_s <= elapsed_s)
    return any(step.outcome is Decision.MISSED for step in _steps(replace(evidence, phases=over), profile))


def judge_steps(evidence: LoadEvidence, profile: LoadProfile, wanted: float) -> Iterator[Observation]:
    """Nothing where the knee is at `wanted` visits a second or more. What comes after it never stops the release."""
    found = knee(evidence, profile)
    if found.per_s >= wanted - _SAME_RATE:
        return
    missed = next((step for step in _steps(evidence, profile)
                   if step.outcome is Decision.MISSED and step.per_s <= wanted + _SAME_RATE), None)
    if missed:
        yield Observation("knee-too-low", Severity.BLOCK, _too_low(found, wanted, missed))
    else:
        yield Observation("knee-undecided", Severity.INCONCLUSIVE, _too_low(found, wanted, found.beyond))


def _too_low(found: Knee, wanted: float, step: Step | None) -> KneeTooLow:
    if step is None or step.worst is None:
        return KneeTooLow(found.per_s, wanted, step.per_s if step else 0.0)
    worst = step.worst
    cause = worst.parameters if isinstance(worst.parameters, Missed) else NoParameters()
    return KneeTooLow(found.per_s, wanted, step.per_s, worst.endpoint, cause, worst.rule)


def arrived_up_to_knee(evidence: LoadEvidence, profile: LoadProfile) -> Arrived | None:
    """Visits of the steps before the first that was missed, which may be too many for the system.

    Those of the whole run where they were not counted by step.
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
    """In the order of their rates."""
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
