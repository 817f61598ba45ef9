"""Steps up to the knee: at how many visits a second the objectives are still met, each step judged by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gonogo.config import LoadProfile
from gonogo.model.load import Arrived, LoadEvidence, Phase, PhaseKind
from gonogo.model.verdict import Severity
from gonogo.verdict.load.confidence import Outcome
from gonogo.verdict.load.objectives import Finding, judge_endpoints

_SAME_RATE = 1e-9  # rates are sums of steps
_LATE_S = 0.5  # a run ends within so much of its time


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its rate, what is known of the objectives, and the worst that is to say of them."""

    per_s: float
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Knee:
    """The highest rate that met every objective, below the first that missed one (0: none), and why it is no higher.

    A step that had too few requests to tell is passed over: a higher one that met them all speaks for it. `ended` is
    MET where no higher step was missed or undecided, so that the knee lies higher still.
    """

    per_s: float
    ended: Outcome
    why: str


def knee(evidence: LoadEvidence, profile: LoadProfile) -> Knee:
    """Where the knee is; `profile` has steps."""
    reached, beyond = 0.0, None
    for step in _steps(evidence, profile):
        if step.outcome is Outcome.MET:
            reached, beyond = step.per_s, None
        else:
            beyond = beyond or step
        if step.outcome is Outcome.MISSED:
            break
    if beyond:
        return Knee(reached, beyond.outcome, f"at {beyond.per_s:g} a second {beyond.why}")
    return Knee(reached, Outcome.MET, "no step was tried above it" if reached else "no step was tried")


def knee_passed(evidence: LoadEvidence, profile: LoadProfile, elapsed_s: float) -> bool:
    """Whether a step that is over has missed an objective, so that further ones tell nothing: for a look in mid-run."""
    over = tuple(phase for phase in evidence.phases if phase.to_s <= elapsed_s)
    return any(step.outcome is Outcome.MISSED for step in _steps(replace(evidence, phases=over), profile))


def judge_steps(evidence: LoadEvidence, profile: LoadProfile, wanted: float) -> Iterator[Finding]:
    """Nothing where the knee is at `wanted` visits a second or more. What comes after it never stops the release."""
    found = knee(evidence, profile)
    if found.per_s >= wanted - _SAME_RATE:
        return
    held = f"the objectives hold up to {found.per_s:g} visits a second, and {wanted:g} are asked for"
    missed = next((step for step in _steps(evidence, profile)
                   if step.outcome is Outcome.MISSED and step.per_s <= wanted + _SAME_RATE), None)
    if missed:
        yield Finding("knee-too-low", Severity.BLOCK, f"{held}: at {missed.per_s:g} a second {missed.why}")
    else:
        yield Finding("knee-undecided", Severity.INCONCLUSIVE, f"{held}: {found.why}")


def arrived_up_to_knee(evidence: LoadEvidence, profile: LoadProfile) -> Arrived | None:
    """Visits of the steps before the first that was missed, which may be too many for the system.

    Those of the whole run where they were not counted by step.
    """
    counted: list[Arrived] = []
    for phase in _phases(evidence):
        if phase.arrived is None:
            return evidence.arrived
        if _step(phase, profile, evidence.sent_s).outcome is Outcome.MISSED:
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
    findings = [replace(finding, title=f"{endpoint} {finding.title}")
                for endpoint, finding in judge_endpoints(phase.endpoints, profile)]
    for severity, outcome in ((Severity.BLOCK, Outcome.MISSED), (Severity.INCONCLUSIVE, Outcome.UNDECIDED)):
        worst = next((finding for finding in findings if finding.severity is severity), None)
        if worst:
            return Step(phase.per_s, outcome, worst.title)
    if phase.to_s > sent_s + _LATE_S:
        return Step(phase.per_s, Outcome.UNDECIDED, "the step was not tried to its end")
    return Step(phase.per_s, Outcome.MET)
