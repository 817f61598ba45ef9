"""Whether one set of times is longer than another, by which factor, and the smallest factor that would have shown.

All on the scale of logarithms, so that a shift is a factor. What the times are of is not known here.
"""

# scipy is imported where it is called: it takes a second, and few commands compare anything.
# ruff: noqa: PLC0415

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

_DOUBT = 0.05
_Z_95 = 1.6448536269514722
_POWER = 0.8
_RANKS_FOR_MEANS = math.pi / 3  # a test by ranks needs so many times as much as one by means, of normal scatter


def ratio(now: Sequence[float], was: Sequence[float]) -> float:
    """Hodges and Lehmann's: the median of all the factors between a time of now and one of then."""
    return math.exp(statistics.median(_differences(now, was)))


def ratio_bounds(now: Sequence[float], was: Sequence[float]) -> tuple[float, float]:
    """One-sided bounds of 95 % each, of the same test by ranks; 0 and infinity where there are too few times."""
    found = sorted(_differences(now, was))
    pairs = len(found)
    spread = math.sqrt(pairs * (len(now) + len(was) + 1) / 12)
    rank = math.floor(pairs / 2 - _Z_95 * spread)
    if rank < 1:
        return 0.0, math.inf
    return math.exp(found[rank - 1]), math.exp(found[-rank])


def chance_of_longer(now: Sequence[float], was: Sequence[float], factor: float = 1.0) -> float:
    """One-sided p: how seldom chance alone would make `now` this much longer than `was` × `factor`.

    The larger of Mann and Whitney's, exact for few times, and of Brunner and Munzel's, which one set that scatters more
    than the other does not mislead; the latter has no value where the two do not overlap.
    """
    from scipy.stats import brunnermunzel, mannwhitneyu

    scaled = [each / factor for each in now]
    by_ranks = float(mannwhitneyu(scaled, was, alternative="greater").pvalue) if len({*scaled, *was}) > 1 else 1.0
    if min(scaled) >= max(was) or max(scaled) <= min(was):
        return by_ranks
    return max(by_ranks, float(brunnermunzel(was, scaled, alternative="less").pvalue))


def holm(chances: Sequence[float]) -> list[float]:
    """The p values of several tests, such that 5 % is the chance of any one false alarm; in their order."""
    highest, found = 0.0, [0.0] * len(chances)
    for place, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, chances[index] * (len(chances) - place)))
        found[index] = highest
    return found


def least_that_shows(now: Sequence[float], was: Sequence[float], tests: int, threshold: float) -> float | None:
    """The factor that one of `tests` would have found in four of five such runs; None where none could be found.

    No smaller than what it takes for the estimate to lie above `threshold` as often.
    """
    from scipy.stats import t as student

    if tests / math.comb(len(now) + len(was), len(now)) > _DOUBT:
        return None  # even where every time of now is longer than all of then, chance is not excluded
    error = math.sqrt(_RANKS_FOR_MEANS * (_variance(now) / len(now) + _variance(was) / len(was)))
    surely, mostly = (float(student.ppf(chance, len(now) + len(was) - 2)) for chance in (1 - _DOUBT / tests, _POWER))
    return math.exp(max(surely * error, math.log(threshold)) + mostly * error)


def _variance(times: Sequence[float]) -> float:
    return statistics.variance([math.log(each) for each in times])


def _differences(now: Sequence[float], was: Sequence[float]) -> list[float]:
    before = [math.log(each) for each in was]
    return [math.log(each) - other for each in now for other in before]
