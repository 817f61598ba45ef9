"""The times at which visits are due: an absolute timetable from a varying rate, the same in every process.

Pure: no clock, no Locust. Each of n workers takes every n-th visit of the same timetable, so that together they make
exactly the visits of one process.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gonogo.config import Arrivals

Point = tuple[float, float]
"""(second, visits a second from then on); between two points the rate is linear."""


def curve_of(arrivals: Arrivals, duration_s: float) -> tuple[Point, ...]:
    """The rate over the profile as points; two at the same second are a jump. After the last point it is constant."""
    start = arrivals.per_s
    if arrivals.to_per_s is not None:
        return ((0.0, start), (duration_s, arrivals.to_per_s))
    if spike := arrivals.spike:
        begins, ends = spike.after_s, spike.after_s + spike.for_s
        return ((0.0, start), (begins, start), (begins, spike.to_per_s), (ends, spike.to_per_s), (ends, start))
    if steps := arrivals.steps:
        points: list[Point] = []
        for index in range(max(1, math.ceil(duration_s / steps.every_s))):
            rate = start + index * steps.by_per_s
            points += [(index * steps.every_s, rate), ((index + 1) * steps.every_s, rate)]
        return tuple(points)
    if arrivals.curve:
        return tuple(arrivals.curve)
    return ((0.0, start),)


def rate_at(points: Sequence[Point], second: float) -> float:
    """Visits a second at `second`; at a jump, the rate after it."""
    if second < points[0][0]:
        return 0.0
    rate = points[-1][1]
    for (from_s, from_rate), (to_s, to_rate) in pairwise(points):
        if from_s <= second < to_s:
            return from_rate + (to_rate - from_rate) * (second - from_s) / (to_s - from_s)
    return rate


def expected_visits(points: Sequence[Point], second: float) -> float:
    """The number of visits expected until `second`."""
    return sum((_ends(piece, second)[1] + piece[1]) / 2 * (_ends(piece, second)[0] - piece[0])
               for piece in _pieces(points) if piece[0] < second)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: when it is due, and a random number (0 to 1) that selects its persona by weight."""

    due_s: float
    draw: float


def timetable(arrivals: Arrivals, duration_s: float) -> Iterator[Visit]:
    """All visits in order. It continues after `duration_s` at the last rate; the caller stops reading."""
    chance = random.Random(arrivals.seed)  # noqa: S311  each run must have the same visits
    reached = 0.0
    moments = _Moments(curve_of(arrivals, duration_s))
    while True:
        reached += chance.expovariate(1.0) if arrivals.pacing == "poisson" else 1.0
        due_s = moments.when(reached)
        if due_s is None:
            return
        yield Visit(due_s, chance.random())


class _Moments:
    """Inverts the rate: the second at which a number of visits is due. Call `when` with increasing numbers."""

    def __init__(self, points: Sequence[Point]) -> None:
        self._pieces = _pieces(points)
        self._piece = next(self._pieces)
        self._before = 0.0  # visits of the pieces that are through

    def when(self, visits: float) -> float | None:
        """The second; None if the rate stays 0 from here on."""
        while (wanted := visits - self._before) > self._of_piece:
            if math.isinf(self._piece[2]):
                return None
            self._before += self._of_piece
            self._piece = next(self._pieces)
        from_s, rate, to_s, to_rate = self._piece
        slope = 0.0 if math.isinf(to_s) else (to_rate - rate) / (to_s - from_s)
        # rate * t + slope / 2 * t² = wanted, in the form that keeps its precision for a small slope
        return from_s + 2 * wanted / (rate + math.sqrt(max(0.0, rate * rate + 2 * slope * wanted)))

    @property
    def _of_piece(self) -> float:
        from_s, rate, to_s, to_rate = self._piece
        if math.isinf(to_s):
            return math.inf if rate else 0.0
        return (rate + to_rate) / 2 * (to_s - from_s)


def _pieces(points: Sequence[Point]) -> Iterator[tuple[float, float, float, float]]:
    """(from, rate, to, rate there) of each linear piece; the last has no end."""
    for (from_s, rate), (to_s, to_rate) in pairwise(points):
        if to_s > from_s:
            yield from_s, rate, to_s, to_rate
    last_s, last_rate = points[-1]
    yield last_s, last_rate, math.inf, last_rate


def _ends(piece: tuple[float, float, float, float], second: float) -> tuple[float, float]:
    """The end of `piece`, cut off at `second`: (second, rate)."""
    from_s, rate, to_s, to_rate = piece
    if second >= to_s:
        return to_s, to_rate
    share = 0.0 if math.isinf(to_s) else (second - from_s) / (to_s - from_s)
    return second, rate + (to_rate - rate) * share
