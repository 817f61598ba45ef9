"""The confidence bounds for a number of requests, compared with published tables and checked by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.model.histogram import Histogram
from gonogo.report.wording.text import near
from gonogo.verdict.load.confidence import (
    Bounds,
    Decision,
    decide_share,
    decide_slow,
    lower_rank,
    percentile_bounds,
    requests_needed,
    share_bounds,
    upper_rank,
)

MET, MISSED, UNDECIDED = Decision.MET, Decision.MISSED, Decision.UNDECIDED


@pytest.mark.parametrize(("count", "share", "rank"), [
    (0, 0.95, None), (4, 0.5, None), (58, 0.95, None), (298, 0.99, None), (2994, 0.999, None),
    (5, 0.5, 5), (59, 0.95, 59), (299, 0.99, 299), (2995, 0.999, 2995), (100, 0.5, 59), (92, 0.95, 92), (93, 0.95, 92)])
def test_upper_rank(count: int, share: float, rank: int | None) -> None:
    """With the fewest sufficient requests, the upper bound of a percentile is the slowest; with fewer there is none."""
    assert upper_rank(count, share) == rank


@pytest.mark.parametrize(("count", "share", "rank"), [
    (0, 0.95, None), (4, 0.99, None), (4, 0.5, None), (5, 0.5, 1), (59, 0.95, 53), (100, 0.5, 42), (100, 0.95, 91),
    (9, 0.95, 5)])
def test_lower_rank(count: int, share: float, rank: int | None) -> None:
    """At least five requests are at or above the lower bound, even if statistics would allow fewer."""
    assert lower_rank(count, share) == rank


@pytest.mark.parametrize(("bad", "count", "low", "high"), [
    (0, 300, 0.0, 0.0099361), (0, 20, 0.0, 0.1391083), (10, 100, 0.0552632, 0.1637176), (1, 10, 0.0051162, 0.3941633),
    (5, 5, 0.5492803, 1.0)])
def test_share_bounds(bad: int, count: int, low: float, high: float) -> None:
    """The bounds are Clopper and Pearson's, as in tables of their 90 % intervals."""
    found = share_bounds(bad, count)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_without_requests_there_are_no_bounds() -> None:
    assert share_bounds(0, 0) == percentile_bounds(Histogram(), 95) == Bounds(None, None)


@pytest.mark.parametrize(("bad", "count", "allowed", "outcome"), [
    (0, 0, 0.01, UNDECIDED), (0, 200, 0.01, UNDECIDED), (0, 298, 0.01, UNDECIDED), (1, 400, 0.01, UNDECIDED),
    (4, 400, 0.01, UNDECIDED), (7, 400, 0.01, UNDECIDED),
    (9, 400, 0.01, MISSED), (12, 300, 0.02, MISSED), (1, 9, 0.0, MISSED),
    (0, 299, 0.01, MET), (0, 300, 0.01, MET), (1, 473, 0.01, MET), (0, 9, 0.0, MET), (9, 9, 1.0, MET)])
def test_share_is_decided(bad: int, count: int, allowed: float, outcome: Decision) -> None:
    assert decide_share(bad, count, allowed) is outcome


@pytest.mark.parametrize(("slow", "count", "percent", "outcome"), [
    (0, 58, 95, UNDECIDED), (0, 298, 99, UNDECIDED), (4, 4, 99, UNDECIDED), (2, 2, 95, UNDECIDED),
    (0, 59, 95, MET), (0, 299, 99, MET), (0, 2995, 99.9, MET), (0, 2994, 99.9, UNDECIDED), (5, 5, 50, MISSED),
    (5, 5, 99, MISSED)])
def test_percentile_is_decided(slow: int, count: int, percent: float, outcome: Decision) -> None:
    """Two or three slow requests may share one cause, so it takes five to miss a percentile."""
    assert decide_slow(slow, count, percent) is outcome


@pytest.mark.parametrize(("bad", "count", "allowed", "needed"), [
    (0, 0, 0.05, 59), (0, 40, 0.05, 59), (0, 0, 0.01, 299), (0, 200, 0.01, 299), (0, 10, 0.001, 2995),
    (5, 100, 0.05, None), (499, 10_000, 0.05, None), (3, 3, 0.01, 5)])
def test_requests_needed(bad: int, count: int, allowed: float, needed: int | None) -> None:
    assert requests_needed(bad, count, allowed, min_bad=5) == needed


@pytest.mark.parametrize(("bad", "count", "allowed"), [(4, 180, 0.05), (12, 180, 0.05), (1, 300, 0.01), (6, 400, 0.01)])
def test_needed_requests_are_the_fewest_that_decide(bad: int, count: int, allowed: float) -> None:
    """With the same share of bad requests, rounded in favour of doubt, this number decides and no smaller one does."""
    needed = requests_needed(bad, count, allowed)
    assert needed is not None and needed > count
    rounding = np.ceil if bad / count < allowed else np.floor
    decided = [decide_share(int(rounding(bad / count * each)), each, allowed) is not UNDECIDED
               for each in range(count + 1, needed + 1)]
    assert decided == [False] * (needed - count - 1) + [True]


def test_bounds_and_decision_agree() -> None:
    """The bounds that are shown never contradict the decision, whatever the objective."""
    chance = np.random.default_rng(7)
    for count in (3, 9, 40, 59, 60, 133, 299, 700):
        times = Histogram(chance.lognormal(4, 1, count))
        for percent in (50, 95, 99):
            bounds = percentile_bounds(times, percent)
            for bound_ms in np.quantile(chance.lognormal(4, 1, 500), np.linspace(0.02, 0.999, 25)):
                outcome = decide_slow(times.slower_than(bound_ms), count, percent)
                assert (outcome is MET) == (bounds.high is not None and bounds.high <= bound_ms)
                assert (outcome is MISSED) == (bounds.low is not None and bounds.low > bound_ms)


@pytest.mark.parametrize(("count", "share"), [(59, 0.95), (200, 0.95), (400, 0.99), (60, 0.5)])
def test_percentile_bounds_hold_often_enough(count: int, share: float) -> None:
    """Each of the two bounds is correct in at least 95 % of runs."""
    times = np.sort(np.random.default_rng(11).random((8000, count)))  # the quantile of these is `share` itself
    upper, lower = upper_rank(count, share), lower_rank(count, share)
    assert upper and lower
    assert (times[:, upper - 1] >= share).mean() >= 0.945  # 0.95 less two standard errors of 8000 runs
    assert (times[:, lower - 1] <= share).mean() >= 0.945


@pytest.mark.parametrize(("count", "allowed"), [(300, 0.01), (400, 0.02), (100, 0.05)])
def test_release_exactly_at_the_objective_is_rarely_decided(count: int, allowed: float) -> None:
    """For a release exactly at the objective, MET and MISSED are each returned in at most 5 % of runs."""
    found = [decide_share(bad, count, allowed) for bad in np.random.default_rng(5).binomial(count, allowed, 3000)]
    assert found.count(MISSED) / 3000 <= 0.058
    assert found.count(MET) / 3000 <= 0.058


@pytest.mark.parametrize(("value", "bound", "text"), [
    (412.3, 300, "412"), (300.3, 300, "300.3"), (299.6, 300, "300"), (1.4866, 1, "1.49"), (20.015, 300, "20"), (1049.0, 300, "1049"), (0.0, 1, "0")])
def test_rounded_figures_stay_on_their_side_of_the_limit(value: float, bound: float, text: str) -> None:
    assert near(value, bound) == text
