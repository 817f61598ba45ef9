"""Rules on an endpoint's objectives: met, missed, or undecided with this number of requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.config import OTHERS, LoadProfile, Objective
from gonogo.model.findings import NoParameters, Parameters, Severity
from gonogo.model.load import EndpointSamples
from gonogo.model.rules.load import FailuresTooMany, LatencyTooHigh, RequestsTooFew, Undecided
from gonogo.verdict.load.checks import Check, checks_of
from gonogo.verdict.load.confidence import MIN_SLOW, Decision, percentile_bounds, requests_needed, share_bounds

# The objective of endpoints without one, so that e.g. a sign-in that always fails is detected.
_DEFAULT = Objective(error_ratio=0.01)
_MIN_OF_OTHERS = 100  # minimum denominator of the error ratio: one failure of ten is too little evidence
SETTLED_BY_MORE = ("undecided", "too-few-requests")  # rules that a longer run may resolve


@dataclass(frozen=True, slots=True)
class Observation:
    """A finding on a profile, or on its `endpoint`, that does not name the profile yet."""

    rule: str
    severity: Severity
    parameters: Parameters = NoParameters()
    component: str | None = None
    endpoint: str = ""


def judge_endpoints(endpoints: Sequence[EndpointSamples], profile: LoadProfile, *,
                    extended: bool = False) -> Iterator[Observation]:
    """Observations of all endpoints; those with objectives first, in their order."""
    samples = {each.endpoint: each for each in endpoints}
    named = [endpoint for endpoint in profile.objectives if endpoint != OTHERS]
    for endpoint in named:
        for observed in judge_endpoint(samples.get(endpoint, EndpointSamples(endpoint)), profile.objectives[endpoint],
                                       extended=extended):
            yield replace(observed, endpoint=endpoint)
    for endpoint in sorted(set(samples) - set(named)):
        for observed in judge_other(samples[endpoint], profile.objectives.get(OTHERS, _DEFAULT)):
            yield replace(observed, endpoint=endpoint)


def judge_endpoint(samples: EndpointSamples, objective: Objective, *, extended: bool = False) -> Iterator[Observation]:
    """Nothing if every objective was met."""
    if not samples.requests:
        yield Observation("endpoint-not-reached", Severity.INCONCLUSIVE)
        return
    checks = list(checks_of(samples, objective))
    for check in checks:
        if check.outcome is Decision.MISSED:
            yield _missed(check, samples)
    if samples.requests < objective.min_requests:
        if checks[0].outcome is not Decision.MISSED:
            yield Observation("too-few-requests", Severity.INCONCLUSIVE,
                              RequestsTooFew(samples.requests, objective.min_requests))
        return
    for check in checks:
        if check.outcome is Decision.UNDECIDED:
            yield Observation("undecided", Severity.INCONCLUSIVE, _undecided(check, samples, extended=extended))


def judge_other(samples: EndpointSamples, objective: Objective) -> Iterator[Observation]:
    """For an endpoint without its own objectives: a certain miss blocks, an undecided result is accepted."""
    if samples.failed > objective.error_ratio * max(samples.requests, objective.min_requests, _MIN_OF_OTHERS):
        yield Observation("error-ratio", Severity.BLOCK, _failures(samples, objective.error_ratio))
    for check in checks_of(samples, objective):
        if check.percent is not None and check.outcome is Decision.MISSED:
            yield _missed(check, samples)


def _missed(check: Check, samples: EndpointSamples) -> Observation:
    if check.percent is None:
        at_least = (share_bounds(check.bad, check.count).low or 0.0) if check.allowed else None
        return Observation("error-ratio", Severity.BLOCK, _failures(samples, check.bound, at_least))
    at_least_ms = percentile_bounds(samples.latencies, check.percent).low or 0.0
    return Observation("latency", Severity.BLOCK, LatencyTooHigh(
        check.percent, samples.latencies.percentile(check.percent), check.bound, at_least_ms, check.count))


def _failures(samples: EndpointSamples, error_ratio: float, at_least: float | None = None) -> FailuresTooMany:
    cause, times = most_frequent_first(samples.failures)[0]
    return FailuresTooMany(samples.failed, samples.requests, error_ratio, cause, times, at_least)


def _undecided(check: Check, samples: EndpointSamples, *, extended: bool) -> Undecided:
    bounds = (share_bounds(check.bad, check.count) if check.percent is None
              else percentile_bounds(samples.latencies, check.percent))
    needed = requests_needed(check.bad, check.count, check.allowed,
                             min_bad=1 if check.percent is None else MIN_SLOW)
    return Undecided(check.percent, bounds.low, bounds.high, check.bound, check.count, needed, extended)


def most_frequent_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Causes with their number, the most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
