"""Predictions for a load profile that is still running, used by the generator to stop or extend the run."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gonogo.config import Arrivals, LoadProfile
from gonogo.model.load import LoadEvidence, LostObjective, PhaseKind
from gonogo.verdict.load.checks import Check, checks_of
from gonogo.verdict.load.confidence import Decision
from gonogo.verdict.load.objectives import SETTLED_BY_MORE, judge_endpoints
from gonogo.verdict.load.validity import doubts_so_far

_RAMP = 2.0  # a closed loop with a linear ramp ends at twice its average rate


def undecided(evidence: LoadEvidence, profile: LoadProfile) -> bool:
    """Whether only a lack of requests prevents a verdict, so that an extension would help.

    False for steps: an extension adds no requests to them.
    """
    stepwise = profile.arrivals is not None and profile.arrivals.steps is not None
    if stepwise or doubts_so_far(evidence, profile):
        return False
    observations = list(judge_endpoints(evidence.endpoints, profile))
    return bool(observations) and all(observed.rule in SETTLED_BY_MORE for observed in observations)


def unreachable_objective(evidence: LoadEvidence, profile: LoadProfile, remaining_s: float,
             waived: Collection[tuple[str, str]] = ()) -> LostObjective | None:
    """The first objective that can no longer be met, or None. `waived` (rule, endpoint) pairs do not count.

    Such an objective is missed now, and stays missed even if all requests that may follow in `remaining_s` (extension
    included) are good. So a run that could end in GO never stops early.
    """
    growth = _growth(evidence, profile)
    judged_s = sum(min(phase.to_s, evidence.sent_s) - phase.from_s for phase in evidence.phases
                   if phase.kind is PhaseKind.LOAD) or evidence.sent_s
    for endpoint, check in _missed(evidence, profile):
        if ("error-ratio" if check.percent is None else "latency", endpoint) in waived:
            continue
        future_requests = check.count / max(judged_s, 1.0) * growth * max(remaining_s, 0.0)
        if check.bad > check.allowed * (check.count + future_requests):
            return LostObjective(endpoint, check.percent, check.bound, check.bad, check.count)
    return None


def _missed(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[tuple[str, Check]]:
    for samples in evidence.endpoints:
        objective = profile.objective_of(samples.endpoint)
        if objective is not None and samples.requests:
            for check in checks_of(samples, objective):
                if check.outcome is Decision.MISSED:
                    yield samples.endpoint, check


def _growth(evidence: LoadEvidence, profile: LoadProfile) -> float:
    """The maximum future request rate as a multiple of the average rate so far."""
    if profile.arrivals is None:
        return _RAMP * (profile.users or 0) / max(min(evidence.peak_users, profile.users or 0), 1)
    due = evidence.arrived.due if evidence.arrived else 0
    return max(_highest_rate(profile.arrivals) * max(evidence.sent_s, 1.0) / max(due, 1), 1.0)


def _highest_rate(arrivals: Arrivals) -> float:
    rates = [arrivals.per_s, arrivals.to_per_s or 0.0, *(rate for _, rate in arrivals.curve or ())]
    return max([*rates, arrivals.spike.to_per_s] if arrivals.spike else rates)
