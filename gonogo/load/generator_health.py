"""How the generator itself fares in one process: its CPU, and how late its event loop is."""

from __future__ import annotations

import time
from contextlib import suppress

import gevent
import psutil

from gonogo.model.histogram import Histogram

_CPU_OVER_S = 5  # a single busy second (users starting, a collection of garbage) does not spoil the times
_LAG_EVERY_S = 0.02
_NICE = -5


def take_precedence() -> None:
    """Run ahead of whatever shares this machine, where that is allowed (as root): load must not wait for the loaded.

    Of two that want a core, the generator needs it for a moment only; kept waiting, it measures its own waiting.
    """
    with suppress(psutil.Error, OSError):
        psutil.Process().nice(_NICE)


class GeneratorHealth:
    """Watches this process from its making until `stop`; `cpu_ratio` is of its worst five seconds, 1.0 a whole core."""

    def __init__(self) -> None:
        self._cpu = CpuMeter()
        self._cpu.read(time.monotonic())
        self._lag = Histogram()
        self._watching = gevent.spawn(self._watch_lag)

    def read(self) -> None:
        """To be called each second."""
        self._cpu.read(time.monotonic())

    def stop(self) -> None:
        self._watching.kill()

    @property
    def cpu_ratio(self) -> float | None:
        return self._cpu.highest

    @property
    def lag_p95_ms(self) -> float | None:
        """How late the loop was at 95 % of all moments: a stall counts for every moment that it lasted."""
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
    """The steepest growth of (second, CPU seconds used) over five seconds, or over all where there are fewer."""
    spans = (list(zip(readings, readings[_CPU_OVER_S:], strict=False))
             or list(zip(readings[:1], readings[1:][-1:], strict=False)))
    return max(((used - used_before) / (at - before) for (before, used_before), (at, used) in spans), default=None)
