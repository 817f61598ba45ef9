"""After a spike: the objectives must be met again by what comes after the recovery, taken by itself."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import LoadProfile
from gonogo.model.load import LoadEvidence, Phase, PhaseKind
from gonogo.model.verdict import Severity
from gonogo.verdict.load.objectives import Finding, judge_endpoints


def judge_recovery(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Finding]:
    """Calm seconds before a spike must not hide that it was never got over. Few requests leave it to the whole."""
    if profile.arrivals is None or profile.arrivals.spike is None:
        return
    after = _after(evidence.phases)
    if after is None or not after.requests:
        yield Finding("recovery-unseen", Severity.INCONCLUSIVE, "nothing was sent after the spike and its recovery")
        return
    for endpoint, finding in judge_endpoints(after.endpoints, profile):
        if finding.severity is Severity.BLOCK:
            yield Finding("not-recovered", Severity.BLOCK, (
                f"{profile.arrivals.spike.recovers_within_s:g} s after the spike {endpoint} still "
                f"{'' if finding.rule == 'error-ratio' else 'has '}{finding.title}"))


def _after(phases: tuple[Phase, ...]) -> Phase | None:
    recovered = next((index for index, phase in enumerate(phases) if phase.kind is PhaseKind.RECOVERY), None)
    if recovered is None:
        return None
    return next((phase for phase in phases[recovered:] if phase.kind is PhaseKind.LOAD), None)
