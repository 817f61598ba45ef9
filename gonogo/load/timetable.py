"""When visits are due: an absolute timetable from a rate that may change, the same for every process that reads it.

Pure: no clock, no Locust. Each of several workers takes every n-th visit of the same timetable, so that together
they bring exactly what one would.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gonogo.config import Arrivals

Point = tuple[float, float]
"""(second, visits a second from there on); between two points the rate goes in a straight line."""


def curve_of(arrivals: Arrivals, duration_s: float) -> tuple[Point, ...]:
    """The rate over the profile as points; two at the same second are a jump. After the last the rate stays."""
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
    """Visits a second at `second`; at a jump, those after it."""
    if second < points[0][0]:
        return 0.0
    rate = points[-1][1]
    for (from_s, from_rate), (to_s, to_rate) in pairwise(points):
        if from_s <= second < to_s:
            return from_rate + (to_rate - from_rate) * (second - from_s) / (to_s - from_s)
    return rate


def expected_visits(points: Sequence[Point], second: float) -> float:
    """How many visits the rate makes until `second`."""
    return sum((_ends(piece, second)[1] + piece[1]) / 2 * (_ends(piece, second)[0] - piece[0])
               for piece in _pieces(points) if piece[0] < second)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: when it is due, and how far along the weights of the personas it falls (0 to 1)."""

    due_s: float
    draw: float


def timetable(arrivals: Arrivals, duration_s: float) -> Iterator[Visit]:
    """All visits in their order. It goes on after `duration_s`, at the last rate: whoever reads it stops."""
    chance = random.Random(arrivals.seed)  # noqa: S311  the same visits each time are wanted
    reached = 0.0
    moments = _Moments(curve_of(arrivals, duration_s))
    while True:
        reached += chance.expovariate(1.0) if arrivals.pacing == "poisson" else 1.0
        due_s = moments.when(reached)
        if due_s is None:
            return
        yield Visit(due_s, chance.random())


class _Moments:
    """When so many visits have become due; asked in growing order."""

    def __init__(self, points: Sequence[Point]) -> None:
        self._pieces = _pieces(points)
        self._piece = next(self._pieces)
        self._before = 0.0  # visits of the pieces that are through

    def when(self, visits: float) -> float | None:
        """The second; None where the rate has come to 0 for good."""
        while (wanted := visits - self._before) > self._of_piece:
            if math.isinf(self._piece[2]):
                return None
            self._before += self._of_piece
            self._piece = next(self._pieces)
        from_s, rate, to_s, to_rate = self._piece
        slope = 0.0 if math.isinf(to_s) else (to_rate - rate) / (to_s - from_s)
        # rate * t + slope / 2 * t² = wanted, in the form that does not lose digits where the slope is small
        return from_s + 2 * wanted / (rate + math.sqrt(max(0.0, rate * rate + 2 * slope * wanted)))

    @property
    def _of_piece(self) -> float:
        from_s, rate, to_s, to_rate = self._piece
        if math.isinf(to_s):
            return math.inf if rate else 0.0
        return (rate + to_rate) / 2 * (to_s - from_s)


def _pieces(points: Sequence[Point]) -> Iterator[tuple[float, float, float, float]]:
    """(from, rate, to, rate there) of each straight line; the last has no end."""
    for (from_s, rate), (to_s, to_rate) in pairwise(points):
        if to_s > from_s:
            yield from_s, rate, to_s, to_rate
    last_s, last_rate = points[-1]
    yield last_s, last_rate, math.inf, last_rate


def _ends(piece: tuple[float, float, float, float], second: float) -> tuple[float, float]:
    """Where the piece ends that `second` cuts off: (second, rate)."""
    from_s, rate, to_s, to_rate = piece
    if second >= to_s:
        return to_s, to_rate
    share = 0.0 if math.isinf(to_s) else (second - from_s) / (to_s - from_s)
    return second, rate + (to_rate - rate) * share
