"""After a spike: the objectives must be met again by what comes after the recovery, taken by itself."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import LoadProfile
from gonogo.model.findings import Severity
from gonogo.model.load import LoadEvidence, Phase, PhaseKind
from gonogo.model.rules.load import FailuresTooMany, LatencyTooHigh, NotRecovered
from gonogo.verdict.load.objectives import Observation, judge_endpoints


def judge_recovery(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    """Calm seconds before a spike must not hide that it was never got over. Few requests leave it to the whole."""
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
