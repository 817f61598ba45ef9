"""What a load profile that is still under way may come to: asked by the generator, which sees no record yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gonogo.config import Arrivals, LoadProfile
from gonogo.model.load import LoadEvidence, LostObjective, PhaseKind
from gonogo.verdict.load.checks import Check, checks_of
from gonogo.verdict.load.confidence import Decision
from gonogo.verdict.load.objectives import SETTLED_BY_MORE, judge_endpoints
from gonogo.verdict.load.validity import doubts_so_far

_RAMP = 2.0  # a closed loop that grows evenly asks at its end twice as often as on average


def undecided(evidence: LoadEvidence, profile: LoadProfile) -> bool:
    """Whether all that keeps it from a verdict is that there are too few requests, so that going on would help.

    Not for steps: going on brings other steps, and no more requests of these.
    """
    stepwise = profile.arrivals is not None and profile.arrivals.steps is not None
    if stepwise or doubts_so_far(evidence, profile):
        return False
    found = list(judge_endpoints(evidence.endpoints, profile))
    return bool(found) and all(observed.rule in SETTLED_BY_MORE for observed in found)


def hopeless(evidence: LoadEvidence, profile: LoadProfile, remaining_s: float,
             waived: Collection[tuple[str, str]] = ()) -> LostObjective | None:
    """The objective that is missed and can no longer be met, None where there is none; none of those `waived`, which
    are (rule, endpoint).

    It is missed by its bound now, and even were all the requests good that may come in `remaining_s` (an extension
    included), too large a share of all would be bad. So a run that could have ended in GO is never given up.
    """
    growth = _growth(evidence, profile)
    judged_s = sum(min(phase.to_s, evidence.sent_s) - phase.from_s for phase in evidence.phases
                   if phase.kind is PhaseKind.LOAD) or evidence.sent_s
    for endpoint, check in _missed(evidence, profile):
        if ("error-ratio" if check.percent is None else "latency", endpoint) in waived:
            continue
        to_come = check.count / max(judged_s, 1.0) * growth * max(remaining_s, 0.0)
        if check.bad > check.allowed * (check.count + to_come):
            return LostObjective(endpoint, check.percent, check.bound, check.bad, check.count)
    return None


def _missed(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[tuple[str, Check]]:
    for found in evidence.endpoints:
        objective = profile.objective_of(found.endpoint)
        if objective is not None and found.requests:
            for check in checks_of(found, objective):
                if check.outcome is Decision.MISSED:
                    yield found.endpoint, check


def _growth(evidence: LoadEvidence, profile: LoadProfile) -> float:
    """How many times as many requests a second may come as came on average so far, at the very most."""
    if profile.arrivals is None:
        return _RAMP * (profile.users or 0) / max(min(evidence.peak_users, profile.users or 0), 1)
    due = evidence.arrived.due if evidence.arrived else 0
    return max(_highest_rate(profile.arrivals) * max(evidence.sent_s, 1.0) / max(due, 1), 1.0)


def _highest_rate(arrivals: Arrivals) -> float:
    rates = [arrivals.per_s, arrivals.to_per_s or 0.0, *(rate for _, rate in arrivals.curve or ())]
    return max([*rates, arrivals.spike.to_per_s] if arrivals.spike else rates)
