"""What an endpoint's objectives say about the release: met, missed, or not to be told from so few requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.config import OTHERS, LoadProfile, Objective
from gonogo.model.load import EndpointSamples
from gonogo.model.verdict import Severity
from gonogo.verdict.load.checks import Check, checks_of
from gonogo.verdict.load.confidence import FEWEST_SLOW, Outcome, percentile_bounds, requests_needed, share_bounds, shown

# What an endpoint without any objective must meet: else a sign-in that always fails would pass unseen.
_UNNAMED = Objective(error_ratio=0.01)
_FEWEST_OF_OTHERS = 100  # requests that a share of failures is taken of: one failed of ten is no share
SETTLED_BY_MORE = ("undecided", "too-few-requests")  # rules that a longer run may have nothing of


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that has something to say, and what."""

    rule: str
    severity: Severity
    title: str
    component: str | None = None


def judge_endpoints(found: Sequence[EndpointSamples], profile: LoadProfile, *,
                    extended: bool = False) -> Iterator[tuple[str, Finding]]:
    """(endpoint, what is to say of it); those with objectives first, in their order."""
    samples = {each.endpoint: each for each in found}
    named = [endpoint for endpoint in profile.objectives if endpoint != OTHERS]
    for endpoint in named:
        for finding in judge_endpoint(samples.get(endpoint, EndpointSamples(endpoint)), profile.objectives[endpoint],
                                      extended=extended):
            yield endpoint, finding
    for endpoint in sorted(set(samples) - set(named)):
        for finding in judge_other(samples[endpoint], profile.objectives.get(OTHERS, _UNNAMED)):
            yield endpoint, finding


def judge_endpoint(samples: EndpointSamples, objective: Objective, *, extended: bool = False) -> Iterator[Finding]:
    """Nothing where every objective was met."""
    if not samples.requests:
        yield Finding("endpoint-not-reached", Severity.INCONCLUSIVE, "has an objective and was never called")
        return
    found = list(checks_of(samples, objective))
    for check in found:
        if check.outcome is Outcome.MISSED:
            yield _missed(check, samples)
    if samples.requests < objective.min_requests:
        if found[0].outcome is not Outcome.MISSED:
            yield Finding("too-few-requests", Severity.INCONCLUSIVE,
                          f"had {samples.requests} requests, and {objective.min_requests} are asked for")
        return
    for check in found:
        if check.outcome is Outcome.UNDECIDED:
            yield Finding("undecided", Severity.INCONCLUSIVE, _undecided(check, samples) + (
                ", although it went on for twice as long" if extended else ""))


def judge_other(samples: EndpointSamples, objective: Objective) -> Iterator[Finding]:
    """An endpoint without objectives of its own: what it surely misses stops the release, what few requests leave
    open does not.
    """
    if samples.failed > objective.error_ratio * max(samples.requests, objective.min_requests, _FEWEST_OF_OTHERS):
        yield Finding("error-ratio", Severity.BLOCK, _failures(samples, objective.error_ratio))
    for check in checks_of(samples, objective):
        if check.percent is not None and check.outcome is Outcome.MISSED:
            yield _missed(check, samples)


def _missed(check: Check, samples: EndpointSamples) -> Finding:
    if check.percent is None:
        least = share_bounds(check.bad, check.count).low or 0.0
        known = "" if not check.allowed else f"; at least {shown(100 * least, 100 * check.bound)}% with 95% confidence"
        return Finding("error-ratio", Severity.BLOCK, _failures(samples, check.bound) + known)
    took_ms = samples.latencies.percentile(check.percent)
    least_ms = percentile_bounds(samples.latencies, check.percent).low or 0.0
    return Finding("latency", Severity.BLOCK, (
        f"{check.name} {shown(took_ms, check.bound)} ms > {check.bound:g} ms (at least "
        f"{shown(least_ms, check.bound)} ms with 95% confidence, of {check.count} requests)"))


def _failures(samples: EndpointSamples, error_ratio: float) -> str:
    cause, times = most_first(samples.failures)[0]
    return (f"failed {samples.failed} of {samples.requests} ({samples.failed / max(samples.requests, 1):.1%} > "
            f"{error_ratio:.1%}); most often ({times}): {cause}")


def _undecided(check: Check, samples: EndpointSamples) -> str:
    """`p95 is between 240 and 330 ms, the objective is 300 ms: 410 requests would tell, there were 180`."""
    if check.percent is None:
        bounds, unit, scale, subject = share_bounds(check.bad, check.count), "%", 100.0, "its share of failures"
    else:
        bounds, unit, scale, subject = percentile_bounds(samples.latencies, check.percent), " ms", 1.0, check.name
    bound = scale * check.bound
    low, high = (None if end is None else shown(scale * end, bound) for end in (bounds.low, bounds.high))
    if high is None:
        lies = f"is {low}{unit} or more" if low else "is not known"
    else:
        lies = f"is between {low} and {high}{unit}" if low else f"is {high}{unit} or less"
    fewest_bad = 1 if check.percent is None else FEWEST_SLOW
    needed = requests_needed(check.bad, check.count, check.allowed, fewest_bad=fewest_bad)
    would = f"{needed} requests would tell" if needed else "it lies too close to be told"
    return f"{subject} {lies}, the objective is {bound:g}{unit}: {would}, there were {check.count}"


def most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Causes with their number, the most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
