"""Latencies as an HDR histogram: what is put in comes out at three digits, and merging loses nothing."""

from __future__ import annotations

import math
import random

import pytest

from gonogo.model.histogram import Histogram

TIMES_MS = [random.Random(7).expovariate(1 / 40) for _ in range(997)]


@pytest.mark.parametrize("rank", [1, 2, 100, 499, 948, 996, 997])
def test_every_rank_is_right_to_a_thousandth(rank: int) -> None:
    """Never below the time that was put in, but for the microsecond that it was rounded to."""
    true_ms = sorted(TIMES_MS)[rank - 1]
    assert true_ms - 0.0006 <= Histogram(TIMES_MS).at_rank(rank) <= true_ms * 1.001 + 0.001


def test_percentiles_are_nearest_ranks() -> None:
    found = Histogram([10.0, 20.0, 30.0, 40.0])
    assert found.percentiles(50, 75, 76, 100) == pytest.approx((20, 30, 40, 40), rel=1e-3)
    assert found.percentile(95) == pytest.approx(40, rel=1e-3)


def test_parts_merged_are_the_whole() -> None:
    """Two workers' histograms, sent as text, are what one would have recorded."""
    merged = Histogram.decoded(Histogram(TIMES_MS[:400]).encoded())
    merged.add(Histogram.decoded(Histogram(TIMES_MS[400:]).encoded()))
    assert merged == Histogram(TIMES_MS)


@pytest.mark.parametrize("time_ms", [-1.0, math.nan, math.inf, -math.inf])
def test_a_time_that_no_clock_tells_is_refused(time_ms: float) -> None:
    found = Histogram()
    assert not found.record(time_ms)
    assert found.count == 0


@pytest.mark.parametrize("time_ms, told_ms", [(0.0, 0.001), (1e9, 3_600_000)])
def test_the_shortest_and_the_longest_are_kept(time_ms: float, told_ms: float) -> None:
    assert Histogram([time_ms]).max_ms == pytest.approx(told_ms, rel=1e-3)


def test_slower_than_counts_what_is_not_surely_faster() -> None:
    """A bound within the digits of a time counts it as slower: an objective is never met by rounding."""
    found = Histogram([10.0, 99.99, 100.0, 100.001, 250.0])
    assert found.slower_than(9) == 5
    assert found.slower_than(120) == 1
    assert found.slower_than(100) in (2, 3, 4)
    assert found.slower_than(250) == 1


def test_slower_than_agrees_with_ranks() -> None:
    """As many are slower as there are ranks above the bound, wherever it lies; also at a time that was put in."""
    chance = random.Random(3)
    times = [chance.lognormvariate(4, 2) for _ in range(300)]
    found = Histogram(times)
    told = [found.at_rank(rank) for rank in range(1, 301)]
    for bound_ms in (0.0001, 0.001, 2.047, 2.048, 100, 1e9, *times[:50], *told[:50]):
        assert found.slower_than(bound_ms) == sum(time_ms > bound_ms for time_ms in told)


def test_a_stall_counts_for_each_moment_that_it_lasted() -> None:
    """300 ms in which a look every 20 ms was due are fifteen looks."""
    found = Histogram()
    found.record_stall(300, 20)
    assert found.count == 15
    assert found.percentile(50) == pytest.approx(160, rel=0.01)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "HISTFAAAAA"])
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid HDR histogram"):
        Histogram.decoded(text)


def test_a_rank_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no rank 2 among 1"):
        Histogram([1.0]).at_rank(2)
    assert Histogram().percentiles(50) == ()
