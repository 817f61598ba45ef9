"""Tests whether one set of times is longer than another: the factor, its bounds, p-value and detectable minimum.

All on a logarithmic scale, where a factor is a shift.
"""

# scipy is imported where it is called: it takes a second, and few commands compare anything.
# ruff: noqa: PLC0415

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

_ALPHA = 0.05
_Z_95 = 1.6448536269514722
_POWER = 0.8
_RANKS_FOR_MEANS = math.pi / 3  # sample size of a rank test relative to a test of means, for normal data


def ratio(now: Sequence[float], was: Sequence[float]) -> float:
    """The Hodges-Lehmann estimate: the median of all ratios of a time in `now` to one in `was`."""
    return math.exp(statistics.median(_differences(now, was)))


def ratio_bounds(now: Sequence[float], was: Sequence[float]) -> tuple[float, float]:
    """One-sided 95 % bounds by the same rank test; 0 and infinity if there are too few times."""
    differences = sorted(_differences(now, was))
    pairs = len(differences)
    spread = math.sqrt(pairs * (len(now) + len(was) + 1) / 12)
    rank = math.floor(pairs / 2 - _Z_95 * spread)
    if rank < 1:
        return 0.0, math.inf
    return math.exp(differences[rank - 1]), math.exp(differences[-rank])


def chance_of_longer(now: Sequence[float], was: Sequence[float], factor: float = 1.0) -> float:
    """The one-sided p-value of `now` being longer than `was` × `factor`.

    The larger of Mann-Whitney's (exact for few times) and Brunner-Munzel's (valid for unequal variances, but undefined
    if the sets do not overlap).
    """
    from scipy.stats import brunnermunzel, mannwhitneyu

    scaled = [each / factor for each in now]
    by_ranks = float(mannwhitneyu(scaled, was, alternative="greater").pvalue) if len({*scaled, *was}) > 1 else 1.0
    if min(scaled) >= max(was) or max(scaled) <= min(was):
        return by_ranks
    return max(by_ranks, float(brunnermunzel(was, scaled, alternative="less").pvalue))


def holm(chances: Sequence[float]) -> list[float]:
    """Holm's correction: p-values of several tests that bound the risk of any false alarm; in their order."""
    highest, corrected = 0.0, [0.0] * len(chances)
    for place, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, chances[index] * (len(chances) - place)))
        corrected[index] = highest
    return corrected


def smallest_detectable_ratio(now: Sequence[float], was: Sequence[float], tests: int, threshold: float) -> float | None:
    """The smallest factor that one of `tests` tests detects with a power of 80 %; None if no factor is detectable.

    The estimate must also exceed `threshold` with that power.
    """
    from scipy.stats import t as student

    if tests / math.comb(len(now) + len(was), len(now)) > _ALPHA:
        return None  # not significant even if every time in `now` exceeds all in `was`
    error = math.sqrt(_RANKS_FOR_MEANS * (_variance(now) / len(now) + _variance(was) / len(was)))
    degrees = len(now) + len(was) - 2
    significance, power = (float(student.ppf(chance, degrees)) for chance in (1 - _ALPHA / tests, _POWER))
    return math.exp(max(significance * error, math.log(threshold)) + power * error)


def _variance(times: Sequence[float]) -> float:
    return statistics.variance([math.log(each) for each in times])


def _differences(now: Sequence[float], was: Sequence[float]) -> list[float]:
    before = [math.log(each) for each in was]
    return [math.log(each) - other for each in now for other in before]
