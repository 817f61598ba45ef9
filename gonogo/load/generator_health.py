"""Measures the health of the generator in one process: its CPU use and the lag of its event loop."""

from __future__ import annotations

import time
from bisect import bisect_right
from contextlib import suppress

import gevent
import psutil

from gonogo.model.histogram import Histogram

_CPU_OVER_S = 5.0  # a single busy second (users starting, garbage collection) does not distort the latencies
_LAG_EVERY_S = 0.02
_NICE = -5


def take_precedence() -> None:
    """Raise the priority of this process, if permitted (as root), above the system on the same machine.

    The generator needs a core only briefly; if it has to wait for one, it measures its own delay.
    """
    with suppress(psutil.Error, OSError):
        psutil.Process().nice(_NICE)


class GeneratorHealth:
    """Measures this process until `stop`; `cpu_ratio` is that of its worst five seconds, 1.0 is a whole core."""

    def __init__(self) -> None:
        self._cpu = CpuMeter()
        self._cpu.read(time.monotonic())
        self._lag = Histogram()
        self._watching = gevent.spawn(self._watch_lag)

    def read(self) -> None:
        """Take a reading; call it each second."""
        self._cpu.read(time.monotonic())

    def stop(self) -> None:
        self._watching.kill()

    @property
    def cpu_ratio(self) -> float | None:
        return self._cpu.highest

    @property
    def lag_p95_ms(self) -> float | None:
        """The 95th percentile of the loop's lag over time: a stall counts for each moment that it lasted."""
        return self._lag.percentile(95) if self._lag.count else None

    def _watch_lag(self) -> None:
        while True:
            due = time.monotonic() + _LAG_EVERY_S
            gevent.sleep(_LAG_EVERY_S)
            self._lag.record_stall((time.monotonic() - due) * 1000, _LAG_EVERY_S * 1000)


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
    """The steepest growth of (second, CPU seconds used) over five seconds, or over all readings if they are shorter.

    Readings may be taken at any time: a span begins with the last reading that is five seconds old.
    """
    moments = [at for at, _ in readings]
    begins = [bisect_right(moments, at - _CPU_OVER_S) - 1 for at in moments]
    spans = [(readings[begin], reading) for begin, reading in zip(begins, readings, strict=True) if begin >= 0]
    if not spans and readings and moments[-1] > moments[0]:
        spans = [(readings[0], readings[-1])]
    return max(((used - used_before) / (at - before) for (before, used_before), (at, used) in spans), default=None)
