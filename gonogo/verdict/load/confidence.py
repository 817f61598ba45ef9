"""One-sided 95 % confidence bounds on percentiles and shares, and the decision on an objective that follows from them.

"p95 <= 300 ms" means that at most 5 % of all requests are slower than 300 ms. So a percentile is decided as a share:
the order statistics that bound it and the Clopper-Pearson bounds of that share always agree.
"""

# scipy is imported where it is called: it takes 0.4 s, and most commands judge no load.
# ruff: noqa: PLC0415

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.histogram import Histogram

CONFIDENCE = 0.95
MIN_SLOW = 5  # two or three slow requests may share one cause, so they alone miss no percentile
_ALPHA = 1 - CONFIDENCE
_EPSILON = 1e-9  # rounding error of sums of probabilities
_MAX_REQUESTS = 200_000  # upper limit of `requests_needed`


class Decision(StrEnum):
    """The decision on an objective."""

    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Each bound holds with 95 % confidence; None if there are too few requests."""

    low: float | None
    high: float | None


def decide_share(bad: int, count: int, allowed: float) -> Decision:
    """Whether at most a share `allowed` (0 to 1) of all requests is bad, given `bad` of `count`.

    No sample proves a share of 0, so `allowed` 0 is a rule on these requests only.
    """
    if allowed <= 0 or allowed >= 1:
        return Decision.MET if bad <= allowed * count else Decision.MISSED
    if _at_most(bad, count, allowed) <= _ALPHA + _EPSILON:
        return Decision.MET
    return Decision.MISSED if _at_least(bad, count, allowed) < _ALPHA - _EPSILON else Decision.UNDECIDED


def decide_slow(slow: int, count: int, percent: float) -> Decision:
    """Whether a percentile is within its limit, given that `slow` of `count` requests exceeded the limit."""
    decision = decide_share(slow, count, allowed_slow(percent))
    return Decision.UNDECIDED if decision is Decision.MISSED and slow < MIN_SLOW else decision


def allowed_slow(percent: float) -> float:
    """The share of requests that may exceed the limit of a percentile."""
    return (100 - percent) / 100


def share_bounds(bad: int, count: int) -> Bounds:
    """The Clopper-Pearson bounds of the share of bad requests, given `bad` of `count`."""
    from scipy.special import betaincinv

    if not count:
        return Bounds(None, None)
    return Bounds(float(betaincinv(bad, count - bad + 1, _ALPHA)) if bad else 0.0,
                  float(betaincinv(bad + 1, count - bad, CONFIDENCE)) if bad < count else 1.0)


def percentile_bounds(latencies: Histogram, percent: float) -> Bounds:
    """Bounds of the percentile in ms; each is the latency of one request."""
    low, high = lower_rank(latencies.count, percent / 100), upper_rank(latencies.count, percent / 100)
    return Bounds(None if low is None else latencies.at_rank(low), None if high is None else latencies.at_rank(high))


def upper_rank(count: int, share: float) -> int | None:
    """The smallest rank of `count` sorted times that is not below the quantile, with 95 % confidence."""
    below = bisect_left(range(count + 1), True, key=lambda rank: _at_most(rank, count, share) >= CONFIDENCE - _EPSILON)
    return below + 1 if below < count else None


def lower_rank(count: int, share: float) -> int | None:
    """The largest rank of `count` sorted times that is not above the quantile, with 95 % confidence."""
    above = bisect_left(range(count + 1), True,
                        key=lambda rank: _at_most(rank, count, 1 - share) > CONFIDENCE + _EPSILON)
    rank = min(count - above, count - MIN_SLOW + 1)
    return rank if rank > 0 else None


def requests_needed(bad: int, count: int, allowed: float, *, min_bad: int = 1) -> int | None:
    """The number of requests (above `count`) that decides if the share of bad requests stays the same.

    None if the share is so close to `allowed` that more than `_MAX_REQUESTS` are needed.
    """
    import numpy as np
    from scipy.special import bdtr, bdtrc

    share = bad / count if count else 0.0
    start = count + 1
    while start <= _MAX_REQUESTS:
        counts = np.arange(start, min(2 * start, _MAX_REQUESTS) + 1)
        if share < allowed:
            decided = bdtr(np.ceil(share * counts - _EPSILON), counts, allowed) <= _ALPHA
        else:
            expected = np.floor(share * counts + _EPSILON)
            decided = (bdtrc(expected - 1, counts, allowed) < _ALPHA) & (expected >= min_bad)
        if decided.any():
            return int(counts[int(np.argmax(decided))])
        start = int(counts[-1]) + 1
    return None


def _at_most(most: int, count: int, share: float) -> float:
    """The binomial probability of at most `most` of `count`, at probability `share`."""
    from scipy.special import bdtr

    return float(bdtr(most, count, share)) if count else 1.0


def _at_least(least: int, count: int, share: float) -> float:
    from scipy.special import bdtrc

    return float(bdtrc(least - 1, count, share)) if least > 0 else 1.0
