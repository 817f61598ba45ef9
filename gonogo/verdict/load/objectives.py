"""What an endpoint's objectives say about the release: met, missed, or not to be told from so few requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.config import OTHERS, LoadProfile, Objective
from gonogo.model.findings import NoParameters, Parameters, Severity
from gonogo.model.load import EndpointSamples
from gonogo.model.rules.load import FailuresTooMany, LatencyTooHigh, RequestsTooFew, Undecided
from gonogo.verdict.load.checks import Check, checks_of
from gonogo.verdict.load.confidence import MIN_SLOW, Decision, percentile_bounds, requests_needed, share_bounds

# What an endpoint without any objective must meet: else a sign-in that always fails would pass unseen.
_UNNAMED = Objective(error_ratio=0.01)
_MIN_OF_OTHERS = 100  # requests that a share of failures is taken of: one failed of ten is no share
SETTLED_BY_MORE = ("undecided", "too-few-requests")  # rules that a longer run may have nothing of


@dataclass(frozen=True, slots=True)
class Observation:
    """What a rule has to say about a profile, or about its `endpoint`; the profile itself is not known here."""

    rule: str
    severity: Severity
    parameters: Parameters = NoParameters()
    component: str | None = None
    endpoint: str = ""


def judge_endpoints(found: Sequence[EndpointSamples], profile: LoadProfile, *,
                    extended: bool = False) -> Iterator[Observation]:
    """Of each endpoint; those with objectives first, in their order."""
    samples = {each.endpoint: each for each in found}
    named = [endpoint for endpoint in profile.objectives if endpoint != OTHERS]
    for endpoint in named:
        for observed in judge_endpoint(samples.get(endpoint, EndpointSamples(endpoint)), profile.objectives[endpoint],
                                       extended=extended):
            yield replace(observed, endpoint=endpoint)
    for endpoint in sorted(set(samples) - set(named)):
        for observed in judge_other(samples[endpoint], profile.objectives.get(OTHERS, _UNNAMED)):
            yield replace(observed, endpoint=endpoint)


def judge_endpoint(samples: EndpointSamples, objective: Objective, *, extended: bool = False) -> Iterator[Observation]:
    """Nothing where every objective was met."""
    if not samples.requests:
        yield Observation("endpoint-not-reached", Severity.INCONCLUSIVE)
        return
    found = list(checks_of(samples, objective))
    for check in found:
        if check.outcome is Decision.MISSED:
            yield _missed(check, samples)
    if samples.requests < objective.min_requests:
        if found[0].outcome is not Decision.MISSED:
            yield Observation("too-few-requests", Severity.INCONCLUSIVE,
                              RequestsTooFew(samples.requests, objective.min_requests))
        return
    for check in found:
        if check.outcome is Decision.UNDECIDED:
            yield Observation("undecided", Severity.INCONCLUSIVE, _undecided(check, samples, extended=extended))


def judge_other(samples: EndpointSamples, objective: Objective) -> Iterator[Observation]:
    """An endpoint without objectives of its own: what it surely misses stops the release, what few requests leave
    open does not.
    """
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
    cause, times = most_first(samples.failures)[0]
    return FailuresTooMany(samples.failed, samples.requests, error_ratio, cause, times, at_least)


def _undecided(check: Check, samples: EndpointSamples, *, extended: bool) -> Undecided:
    bounds = (share_bounds(check.bad, check.count) if check.percent is None
              else percentile_bounds(samples.latencies, check.percent))
    needed = requests_needed(check.bad, check.count, check.allowed,
                             min_bad=1 if check.percent is None else MIN_SLOW)
    return Undecided(check.percent, bounds.low, bounds.high, check.bound, check.count, needed, extended)


def most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Causes with their number, the most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
