"""Latencies as an HDR histogram: three significant digits, from a microsecond to an hour, merged without loss.

`gonogo.verdict` judges its figures.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

_LOWEST_US, _HIGHEST_US, _DIGITS = 1, 3_600_000_000, 3


class Histogram:
    """Times in milliseconds; a figure taken out is at most 0.1 % above the time that was put in, never below it."""

    __slots__ = ("_counts",)

    def __init__(self, latencies_ms: Iterable[float] = ()) -> None:
        from hdrh.histogram import HdrHistogram  # noqa: PLC0415  of the extra `load`: most gates record no latency

        self._counts = HdrHistogram(_LOWEST_US, _HIGHEST_US, _DIGITS)
        for latency_ms in latencies_ms:
            self.record(latency_ms)

    def record(self, latency_ms: float) -> bool:
        """Count one time; False, and nothing counted, for an invalid time (negative, infinite or NaN)."""
        if not 0 <= latency_ms < math.inf:
            return False
        # what took longer than an hour took an hour at least
        self._counts.record_value(min(max(round(latency_ms * 1000), _LOWEST_US), _HIGHEST_US))
        return True

    def record_stall(self, latency_ms: float, expected_ms: float) -> None:
        """Count a time that kept others from being measured, and those others too, one every `expected_ms`."""
        self._counts.record_corrected_value(max(round(latency_ms * 1000), _LOWEST_US), round(expected_ms * 1000))

    def add(self, other: Histogram) -> None:
        """Merge another one into this one, exactly."""
        self._counts.add(other._counts)

    @property
    def count(self) -> int:
        return int(self._counts.get_total_count())

    @property
    def max_ms(self) -> float:
        return float(self._counts.get_max_value()) / 1000

    def at_rank(self, rank: int) -> float:
        """The time, in ms, of the request that `rank` - 1 others were not slower than; 1 is the fastest."""
        if not 1 <= rank <= self.count:
            raise ValueError(f"there is no rank {rank} among {self.count} times")
        return self._at_ranks([rank])[0]

    def percentile(self, percent: float) -> float:
        """The smallest time, in ms, that at least `percent` % of all do not exceed (nearest rank)."""
        return self.at_rank(max(math.ceil(percent * self.count / 100), 1))

    def percentiles(self, *percents: float) -> tuple[float, ...]:
        """Several percentiles in one go; none of an empty histogram."""
        if not self.count:
            return ()
        return self._at_ranks([max(math.ceil(percent * self.count / 100), 1) for percent in percents])

    def slower_than(self, bound_ms: float) -> int:
        """How many took longer than `bound_ms`; a latency equal to it at three digits counts as slower."""
        counted_us = min(int(bound_ms * 1000), _HIGHEST_US)
        first = self._counts._counts_index_for(counted_us)
        if self._counts.get_highest_equivalent_value(counted_us) <= bound_ms * 1000:
            first += 1
        # the counts themselves: going through them by the library's iterator takes 80 ms, of a generator's own time
        return sum(self._counts.counts[first:])

    def _at_ranks(self, ranks: Sequence[int]) -> tuple[float, ...]:
        """In ms. A run needs hundreds of buckets: the library's own loop over the counts takes 2 ms each."""
        end = self._counts._counts_index_for(self._counts.get_max_value()) + 1
        reached = list(accumulate(self._counts.counts[:end]))
        values_us = (self._counts.get_value_from_index(bisect_left(reached, rank)) for rank in ranks)
        return tuple(float(self._counts.get_highest_equivalent_value(each)) / 1000 for each in values_us)

    def encoded(self) -> str:
        """As HdrHistogram's own tools read it (V2, compressed, base64)."""
        text: bytes = self._counts.encode()
        return text.decode("ascii")

    @classmethod
    def decoded(cls, text: str) -> Histogram:
        """Raises ValueError if `text` is not a valid histogram."""
        found = cls()
        try:
            found._counts.decode_and_add(text)
        except Exception as error:  # the library raises whatever zlib, base64 or its own checks come upon
            raise ValueError("not a valid HDR histogram") from error
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and bytes(self._counts.counts) == bytes(other._counts.counts)

    __hash__ = None  # type: ignore[assignment]  # it changes as it is recorded into

    def __repr__(self) -> str:
        return f"Histogram({self.count} times, at most {self.max_ms:g} ms)" if self.count else "Histogram()"
