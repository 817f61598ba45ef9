"""The rule on recovery: the requests after a spike's recovery time must meet the objectives on their own."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import LoadProfile
from gonogo.model.findings import Severity
from gonogo.model.load import LoadEvidence, Phase, PhaseKind
from gonogo.model.rules.load import FailuresTooMany, LatencyTooHigh, NotRecovered
from gonogo.verdict.load.objectives import Observation, judge_endpoints


def judge_recovery(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    """Judged separately, because good seconds before the spike could hide a missing recovery."""
    if profile.arrivals is None or profile.arrivals.spike is None:
        return
    after = _after(evidence.phases)
    if after is None or not after.requests:
        yield Observation("recovery-not-observed", Severity.INCONCLUSIVE)
        return
    for observed in judge_endpoints(after.endpoints, profile):
        if isinstance(observed.parameters, FailuresTooMany | LatencyTooHigh):
            yield Observation("not-recovered", Severity.BLOCK,
                              NotRecovered(profile.arrivals.spike.recovers_within_s, observed.parameters),
                              endpoint=observed.endpoint)


def _after(phases: tuple[Phase, ...]) -> Phase | None:
    recovered = next((index for index, phase in enumerate(phases) if phase.kind is PhaseKind.RECOVERY), None)
    if recovered is None:
        return None
    return next((phase for phase in phases[recovered:] if phase.kind is PhaseKind.LOAD), None)
