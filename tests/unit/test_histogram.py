"""Latencies as an HDR histogram: values are precise to three digits, and merging loses nothing."""

from __future__ import annotations

import math
import random

import pytest

from gonogo.model.histogram import Histogram

TIMES_MS = [random.Random(7).expovariate(1 / 40) for _ in range(997)]


@pytest.mark.parametrize("rank", [1, 2, 100, 499, 948, 996, 997])
def test_every_rank_is_precise_to_a_thousandth(rank: int) -> None:
    """A value is never below the recorded time, except for rounding to a microsecond."""
    true_ms = sorted(TIMES_MS)[rank - 1]
    assert true_ms - 0.0006 <= Histogram(TIMES_MS).at_rank(rank) <= true_ms * 1.001 + 0.001


def test_percentiles_are_nearest_ranks() -> None:
    found = Histogram([10.0, 20.0, 30.0, 40.0])
    assert found.percentiles(50, 75, 76, 100) == pytest.approx((20, 30, 40, 40), rel=1e-3)
    assert found.percentile(95) == pytest.approx(40, rel=1e-3)


def test_merged_parts_equal_the_whole() -> None:
    """The histograms of two workers, sent as text and merged, equal that of a single recorder."""
    merged = Histogram.decoded(Histogram(TIMES_MS[:400]).encoded())
    merged.add(Histogram.decoded(Histogram(TIMES_MS[400:]).encoded()))
    assert merged == Histogram(TIMES_MS)


@pytest.mark.parametrize("time_ms", [-1.0, math.nan, math.inf, -math.inf])
def test_invalid_time_is_refused(time_ms: float) -> None:
    found = Histogram()
    assert not found.record(time_ms)
    assert found.count == 0


@pytest.mark.parametrize("time_ms, told_ms", [(0.0, 0.001), (1e9, 3_600_000)])
def test_times_beyond_the_range_count_as_its_ends(time_ms: float, told_ms: float) -> None:
    assert Histogram([time_ms]).max_ms == pytest.approx(told_ms, rel=1e-3)


def test_slower_than_includes_times_equal_to_the_limit() -> None:
    """A time that equals the limit at three digits counts as slower, so rounding never makes an objective met."""
    found = Histogram([10.0, 99.99, 100.0, 100.001, 250.0])
    assert found.slower_than(9) == 5
    assert found.slower_than(120) == 1
    assert found.slower_than(100) in (2, 3, 4)
    assert found.slower_than(250) == 1


def test_slower_than_agrees_with_ranks() -> None:
    """The count equals the number of ranks above the limit, for any limit, including recorded times."""
    chance = random.Random(3)
    times = [chance.lognormvariate(4, 2) for _ in range(300)]
    found = Histogram(times)
    told = [found.at_rank(rank) for rank in range(1, 301)]
    for bound_ms in (0.0001, 0.001, 2.047, 2.048, 100, 1e9, *times[:50], *told[:50]):
        assert found.slower_than(bound_ms) == sum(time_ms > bound_ms for time_ms in told)


def test_stall_counts_once_per_measurement_that_was_due() -> None:
    """A stall of 300 ms, with a measurement due every 20 ms, counts as fifteen measurements."""
    found = Histogram()
    found.record_stall(300, 20)
    assert found.count == 15
    assert found.percentile(50) == pytest.approx(160, rel=0.01)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "HISTFAAAAA"])
def test_invalid_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid HDR histogram"):
        Histogram.decoded(text)


def test_rank_above_the_count_is_refused() -> None:
    with pytest.raises(ValueError, match="no rank 2 among 1"):
        Histogram([1.0]).at_rank(2)
    assert Histogram().percentiles(50) == ()
