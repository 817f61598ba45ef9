"""Checks an endpoint's samples against its objectives, each as a share of bad requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gonogo.config import Objective
from gonogo.model.load import EndpointSamples
from gonogo.verdict.load.confidence import Decision, allowed_slow, decide_share, decide_slow


@dataclass(frozen=True, slots=True)
class Check:
    """`bad` of `count` requests were slower than `bound` (ms, of the `percent`-th percentile), or failed.

    `percent` is None for failures, and `bound` their ratio. `allowed` is the share that may be bad.
    """

    percent: float | None
    bound: float
    bad: int
    count: int
    allowed: float
    outcome: Decision

    @property
    def name(self) -> str:
        """`p95`, or `error_ratio`."""
        return "error_ratio" if self.percent is None else f"p{self.percent:g}"


def checks_of(samples: EndpointSamples, objective: Objective) -> Iterator[Check]:
    """Failures first, then each percentile that has a bound."""
    yield _of_failures(samples, objective)
    count = samples.latencies.count
    for percent, bound_ms in objective.percentiles.items():
        slow = samples.latencies.slower_than(bound_ms) if count else 0
        yield Check(percent, bound_ms, slow, count, allowed_slow(percent), decide_slow(slow, count, percent))


def _of_failures(samples: EndpointSamples, objective: Objective) -> Check:
    failed, count, ratio = samples.failed, max(samples.requests, samples.failed), objective.error_ratio
    outcome = decide_share(failed, count, ratio)
    if outcome is Decision.MISSED:
        # missed even if every request still missing to the minimum were good
        outcome = (Decision.MISSED if decide_share(failed, max(count, objective.min_requests), ratio) is Decision.MISSED
                   else Decision.UNDECIDED)
    return Check(None, ratio, failed, count, ratio, outcome)


def budget_spent(samples: EndpointSamples, objective: Objective) -> float:
    """The share of its error budget that an endpoint used: 1.0 is all failures that `error_ratio` allows."""
    allowed = objective.error_ratio * samples.requests
    if not samples.failed:
        return 0.0
    return samples.failed / allowed if allowed else float("inf")
