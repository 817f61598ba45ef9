"""What is new about one facet of one field: kinds that were never there, and kinds that are all of it now.

The rule of surprise is `surprise`'s, the words for people are `wording`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gonogo.traffic.shapes import values
from gonogo.traffic.shapes.formats import COVERS
from gonogo.traffic.shapes.surprise import LOOSE, MIN_SEEN, STICKY, chance_of_at_least

SIGNIFICANT = 0.01  # a new kind less likely than this is told
SIGNIFICANT_IN_SWARMS = 1e-4  # where values are not independent: the items of one list, the polls of one scenario
SELDOM = 0.2
PRESENCE, STATUS, SPELLING = "presence", "status", "spelling"
MAX_HALF_DECADES = 3  # about thirty times as much, or as little

_SURE_OF_SHIFT = 0.001
_COUNTED_PER_MEMBER = 4  # so often must each member of an enumeration have been seen, on average
_MIN_OF_ENUMERATION = 8

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class News:
    """`kinds` are the new ones, `count` of `total` values now; `seen` values were there then, `was` of these kinds."""

    facet: str
    was: tuple[str, ...]
    kinds: tuple[str, ...]
    seen: int
    count: int
    total: int
    chance: float


@dataclass(frozen=True, slots=True)
class _Rule:
    prior: float
    covers: Callable[[str, str], bool] | None = None  # (a kind seen then, a kind seen now)
    may_take_over: bool = True


def _close(then: str, now: str, most: int) -> bool:
    return abs(int(then) - int(now)) < most


_RULES: Mapping[str, _Rule] = {
    PRESENCE: _Rule(STICKY),
    STATUS: _Rule(LOOSE, lambda then, now: now == "304" and then == "200"),
    SPELLING: _Rule(STICKY),
    values.TYPE: _Rule(STICKY, lambda then, now: (then, now) == ("decimal", "integer")),
    values.FORMAT: _Rule(STICKY, lambda then, now: then == "text" or now in COVERS.get(then, ())),
    values.LENGTH: _Rule(STICKY),
    values.ZEROS: _Rule(LOOSE, lambda then, now: True),
    values.FRACTION: _Rule(LOOSE),
    values.SPACE: _Rule(STICKY),
    values.UNICODE: _Rule(STICKY),
    values.MARKUP: _Rule(STICKY),
    values.CASE: _Rule(LOOSE, lambda then, now: then == "in mixed case"),
    values.MEMBER: _Rule(LOOSE, lambda then, now: {then, now} == {"true", "false"}),
    values.SIZE: _Rule(LOOSE, lambda then, now: _close(then, now, 3), may_take_over=False),
    values.SIGN: _Rule(LOOSE, lambda then, now: now != "negative"),
    values.PLACES: _Rule(LOOSE, lambda then, now: int(then) >= int(now)),
    values.ORDER: _Rule(LOOSE, lambda then, now: _close(then, now, MAX_HALF_DECADES), may_take_over=False),
    values.EPOCH: _Rule(STICKY, lambda then, now: then == "no moment"),
    values.WIDTH: _Rule(STICKY),
    values.ITEMS: _Rule(LOOSE, lambda then, now: then == "many items"),
}
FACETS = tuple(_RULES)


def news_of(facet: str, then: Counts, now: Counts, *, in_list: bool = False) -> News | None:
    """What is surprising about the kinds of `facet` now; None where nothing is, or too little was seen then.

    `in_list`: the values are of items of lists. What data decide of them comes in swarms, what code decides does not.
    """
    rule = _RULES[facet]
    seen, total = sum(then.values()), sum(now.values())
    if seen < MIN_SEEN or not total:
        return None
    fresh = sorted(kind for kind in now if kind not in then and not _covered(rule, kind, then))
    rarities = sum(count == 1 for count in then.values())
    count = sum(now[kind] for kind in fresh)
    chance = chance_of_at_least(count, total, k0=0, n=seen, prior=rule.prior + rarities)
    if fresh and chance < (SIGNIFICANT_IN_SWARMS if in_list and rule.prior == LOOSE else SIGNIFICANT):
        return News(facet, _by_count(then), tuple(fresh), seen, count, total, chance)
    if facet == values.ORDER:
        return _shift(then, now, seen, total)
    return _taken_over(facet, then, now, seen, total) if rule.may_take_over else None


def is_enumeration(counts: Counts, values_seen: int) -> bool:
    """Whether all the values are members of a small closed set."""
    seen = sum(counts.values())
    return bool(counts) and seen == values_seen and seen >= max(_MIN_OF_ENUMERATION,
                                                                _COUNTED_PER_MEMBER * len(counts))


def _covered(rule: _Rule, kind: str, then: Counts) -> bool:
    return rule.covers is not None and any(rule.covers(seen, kind) for seen in then)


def _taken_over(facet: str, then: Counts, now: Counts, seen: int, total: int) -> News | None:
    before = sum(then.get(kind, 0) for kind in now)
    if before > SELDOM * seen:
        return None
    chance = chance_of_at_least(total, total, k0=before, n=seen, prior=LOOSE)
    if chance >= SIGNIFICANT_IN_SWARMS:
        return None
    return News(facet, tuple(kind for kind in _by_count(then) if kind not in now), _by_count(now), seen, total,
                total, chance)


def _shift(then: Counts, now: Counts, seen: int, total: int) -> News | None:
    """Numbers that are, in the middle, much larger or smaller than before: a unit has changed."""
    if abs(middle(then) - middle(now)) < MAX_HALF_DECADES:
        return None
    distance = _distance(then, now, seen, total)  # Kolmogorov and Smirnov's
    chance = min(1.0, 2 * math.exp(-2 * distance**2 * seen * total / (seen + total)))
    if chance >= _SURE_OF_SHIFT:
        return None
    return News(values.ORDER, _by_count(then), _by_count(now), seen, total, total, chance)


def middle(orders: Counts) -> int:
    """The half-decade that the median is in."""
    half, below = sum(orders.values()) / 2, 0
    for order in sorted(map(int, orders)):
        below += orders[str(order)]
        if below >= half:
            return order
    return 0


def _distance(then: Counts, now: Counts, seen: int, total: int) -> float:
    largest, one, other = 0.0, 0, 0
    for order in sorted({*map(int, then), *map(int, now)}):
        one += then.get(str(order), 0)
        other += now.get(str(order), 0)
        largest = max(largest, abs(one / seen - other / total))
    return largest


def _by_count(counts: Counts) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda kind: (-counts[kind], kind)))
