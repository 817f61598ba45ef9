"""What so many requests can tell: one-sided bounds of 95 % on a percentile and on a share, and what follows from them.

"p95 <= 300 ms" says that at most 5 % of all requests are slower than 300 ms. So a percentile is decided as a share is:
the order statistics that bound it and Clopper and Pearson's bounds of that share always agree.
"""

# scipy is imported where it is called: it takes 0.4 s, and most commands judge no load.
# ruff: noqa: PLC0415

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.histogram import Histogram

CONFIDENCE = 0.95
MIN_SLOW = 5  # two or three slow requests may share one hiccup: no percentile is missed by them alone
_DOUBT = 1 - CONFIDENCE
_TIE = 1e-9  # sums of probabilities that are equal differ by less
_MAX_REQUESTS = 200_000  # no run is asked for more


class Decision(StrEnum):
    """What is known of an objective."""

    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Each of the two holds with 95 % confidence; None where there are too few requests for it."""

    low: float | None
    high: float | None


def decide_share(bad: int, count: int, allowed: float) -> Decision:
    """Whether at most `allowed` (0 to 1) of all requests are bad, where `bad` of `count` were.

    No number of requests proves that none fails: 0 is taken for a rule on these requests, not on a share.
    """
    if allowed <= 0 or allowed >= 1:
        return Decision.MET if bad <= allowed * count else Decision.MISSED
    if _at_most(bad, count, allowed) <= _DOUBT + _TIE:
        return Decision.MET
    return Decision.MISSED if _at_least(bad, count, allowed) < _DOUBT - _TIE else Decision.UNDECIDED


def decide_slow(slow: int, count: int, percent: float) -> Decision:
    """Whether a percentile is within a bound, where `slow` of `count` requests took longer than that."""
    found = decide_share(slow, count, allowed_slow(percent))
    return Decision.UNDECIDED if found is Decision.MISSED and slow < MIN_SLOW else found


def allowed_slow(percent: float) -> float:
    """The share of requests that may be slower than the bound of a percentile."""
    return (100 - percent) / 100


def share_bounds(bad: int, count: int) -> Bounds:
    """Clopper and Pearson's: the share of bad requests that `bad` of `count` speak for."""
    from scipy.special import betaincinv

    if not count:
        return Bounds(None, None)
    return Bounds(float(betaincinv(bad, count - bad + 1, _DOUBT)) if bad else 0.0,
                  float(betaincinv(bad + 1, count - bad, CONFIDENCE)) if bad < count else 1.0)


def percentile_bounds(latencies: Histogram, percent: float) -> Bounds:
    """Between which two times, in ms, the percentile lies: each is one that some request took."""
    low, high = lower_rank(latencies.count, percent / 100), upper_rank(latencies.count, percent / 100)
    return Bounds(None if low is None else latencies.at_rank(low), None if high is None else latencies.at_rank(high))


def upper_rank(count: int, share: float) -> int | None:
    """The first of `count` times in order that is not below the quantile, with 95 % confidence."""
    below = bisect_left(range(count + 1), True, key=lambda rank: _at_most(rank, count, share) >= CONFIDENCE - _TIE)
    return below + 1 if below < count else None


def lower_rank(count: int, share: float) -> int | None:
    """The last of `count` times in order that is not above the quantile, with 95 % confidence."""
    above = bisect_left(range(count + 1), True, key=lambda rank: _at_most(rank, count, 1 - share) > CONFIDENCE + _TIE)
    rank = min(count - above, count - MIN_SLOW + 1)
    return rank if rank > 0 else None


def requests_needed(bad: int, count: int, allowed: float, *, min_bad: int = 1) -> int | None:
    """How many requests would decide, were as large a share of them bad as of these; more than `count`.

    None where that share lies so close to `allowed` that no run has so many.
    """
    import numpy as np
    from scipy.special import bdtr, bdtrc

    share = bad / count if count else 0.0
    start = count + 1
    while start <= _MAX_REQUESTS:
        counts = np.arange(start, min(2 * start, _MAX_REQUESTS) + 1)
        if share < allowed:
            decided = bdtr(np.ceil(share * counts - _TIE), counts, allowed) <= _DOUBT
        else:
            expected = np.floor(share * counts + _TIE)
            decided = (bdtrc(expected - 1, counts, allowed) < _DOUBT) & (expected >= min_bad)
        if decided.any():
            return int(counts[int(np.argmax(decided))])
        start = int(counts[-1]) + 1
    return None


def _at_most(most: int, count: int, share: float) -> float:
    """The chance that at most so many of `count` are of a kind that makes up `share` of all."""
    from scipy.special import bdtr

    return float(bdtr(most, count, share)) if count else 1.0


def _at_least(least: int, count: int, share: float) -> float:
    from scipy.special import bdtrc

    return float(bdtrc(least - 1, count, share)) if least > 0 else 1.0
