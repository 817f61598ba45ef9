"""What is counted in one process between two flushes: times and failures an endpoint, CPU. No Locust, no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import psutil

from gonogo.evidence.load import SecondOfEndpoint

_CPU_OVER_S = 5  # a single busy second (users starting, a collection of garbage) does not spoil the times


class Tally:
    """Takes each answer as it comes; `drained` gives what came since the last time."""

    def __init__(self) -> None:
        self._latencies: dict[str, list[float]] = {}
        self._failures: dict[str, Counter[str]] = {}

    def add(self, endpoint: str, latency_ms: float, cause: str | None = None) -> None:
        self._latencies.setdefault(endpoint, []).append(latency_ms)
        if cause is not None:
            self._failures.setdefault(endpoint, Counter())[cause] += 1

    def merge(self, endpoint: str, latencies_ms: list[float], failures: Mapping[str, int]) -> None:
        self._latencies.setdefault(endpoint, []).extend(latencies_ms)
        self._failures.setdefault(endpoint, Counter()).update(failures)

    def drained(self, second: int) -> list[SecondOfEndpoint]:
        """One line per endpoint that answered; the tally is empty afterwards."""
        latencies, self._latencies = self._latencies, {}
        failures, self._failures = self._failures, {}
        return [SecondOfEndpoint(second=second, endpoint=endpoint, latencies_ms=times,
                                 failures=dict(failures.get(endpoint, {}))) for endpoint, times in latencies.items()]


class CpuMeter:
    """This process's CPU time, read each second; `highest` is the worst five seconds, 1.0 = one whole core."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._readings: list[tuple[float, float]] = []

    def read(self, now: float) -> None:
        """`now` in seconds, on any clock that only moves forward."""
        times = self._process.cpu_times()
        self._readings.append((now, times.user + times.system))

    @property
    def highest(self) -> float | None:
        return highest_ratio(self._readings)


def highest_ratio(readings: list[tuple[float, float]]) -> float | None:
    """The steepest growth of (second, CPU seconds used) over five seconds, or over all where there are fewer."""
    spans = (list(zip(readings, readings[_CPU_OVER_S:], strict=False))
             or list(zip(readings[:1], readings[1:][-1:], strict=False)))
    return max(((used - used_before) / (at - before) for (before, used_before), (at, used) in spans), default=None)
