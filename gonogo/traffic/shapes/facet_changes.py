"""Changes of one facet of one field: new kinds, and kinds that have replaced all others.

`significance` has the statistics; `report.wording` has the texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gonogo.traffic.shapes import values
from gonogo.traffic.shapes.formats import COVERS
from gonogo.traffic.shapes.significance import LOOSE, MIN_VALUES, STICKY, chance_of_at_least

SIGNIFICANT = 0.01  # a new kind that is less likely than this is reported
SIGNIFICANT_IN_SWARMS = 1e-4  # for values that are not independent: items of one list, polls of one scenario
RARE_RATIO = 0.2
PRESENCE, STATUS, SPELLING = "presence", "status", "spelling"
MAX_HALF_DECADES = 3  # a factor of about thirty

_SHIFT_SIGNIFICANCE = 0.001
_COUNTED_PER_MEMBER = 4  # required average count of each member of an enumeration
_MIN_OF_ENUMERATION = 8

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FacetChange:
    """`count` of `total` values are of the new `kinds`; the `baseline_total` values before were of the kinds `was`."""

    facet: str
    was: tuple[str, ...]
    kinds: tuple[str, ...]
    baseline_total: int
    count: int
    total: int
    chance: float


@dataclass(frozen=True, slots=True)
class _Rule:
    prior: float
    covers: Callable[[str, str], bool] | None = None  # (baseline kind, current kind) → the latter is not new
    may_replace: bool = True


def _close(then: str, now: str, limit: int) -> bool:
    return abs(int(then) - int(now)) < limit


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
    values.SIZE: _Rule(LOOSE, lambda then, now: _close(then, now, 3), may_replace=False),
    values.SIGN: _Rule(LOOSE, lambda then, now: now != "negative"),
    values.PLACES: _Rule(LOOSE, lambda then, now: int(then) >= int(now)),
    values.ORDER: _Rule(LOOSE, lambda then, now: _close(then, now, MAX_HALF_DECADES), may_replace=False),
    values.EPOCH: _Rule(STICKY, lambda then, now: then == "no moment"),
    values.WIDTH: _Rule(STICKY),
    values.ITEMS: _Rule(LOOSE, lambda then, now: then == "many items"),
}
FACETS = tuple(_RULES)


def facet_change_of(facet: str, then: Counts, now: Counts, *, in_list: bool = False) -> FacetChange | None:
    """The significant change of `facet` from `then` to `now`; None if none, or if `then` has too few values.

    `in_list`: the values are items of lists. Their data-dependent kinds are not independent of each other.
    """
    rule = _RULES[facet]
    baseline_total, total = sum(then.values()), sum(now.values())
    if baseline_total < MIN_VALUES or not total:
        return None
    new_kinds = sorted(kind for kind in now if kind not in then and not _covered(rule, kind, then))
    singletons = sum(count == 1 for count in then.values())
    count = sum(now[kind] for kind in new_kinds)
    chance = chance_of_at_least(count, total, k0=0, n=baseline_total, prior=rule.prior + singletons)
    if new_kinds and chance < (SIGNIFICANT_IN_SWARMS if in_list and rule.prior == LOOSE else SIGNIFICANT):
        return FacetChange(facet, _by_count(then), tuple(new_kinds), baseline_total, count, total, chance)
    if facet == values.ORDER:
        return _shift(then, now, baseline_total, total)
    return _replaced(facet, then, now, baseline_total, total) if rule.may_replace else None


def is_enumeration(counts: Counts, value_count: int) -> bool:
    """Whether all values are members of a small closed set."""
    baseline_total = sum(counts.values())
    return bool(counts) and baseline_total == value_count and baseline_total >= max(_MIN_OF_ENUMERATION,
                                                                _COUNTED_PER_MEMBER * len(counts))


def _covered(rule: _Rule, kind: str, then: Counts) -> bool:
    return rule.covers is not None and any(rule.covers(baseline_total, kind) for baseline_total in then)


def _replaced(facet: str, then: Counts, now: Counts, baseline_total: int, total: int) -> FacetChange | None:
    before = sum(then.get(kind, 0) for kind in now)
    if before > RARE_RATIO * baseline_total:
        return None
    chance = chance_of_at_least(total, total, k0=before, n=baseline_total, prior=LOOSE)
    if chance >= SIGNIFICANT_IN_SWARMS:
        return None
    return FacetChange(facet, tuple(kind for kind in _by_count(then) if kind not in now), _by_count(now),
                       baseline_total, total, total, chance)


def _shift(then: Counts, now: Counts, baseline_total: int, total: int) -> FacetChange | None:
    """Numbers whose median is much larger or smaller than before: a unit may have changed."""
    if abs(middle(then) - middle(now)) < MAX_HALF_DECADES:
        return None
    distance = _distance(then, now, baseline_total, total)  # of the Kolmogorov-Smirnov test
    chance = min(1.0, 2 * math.exp(-2 * distance**2 * baseline_total * total / (baseline_total + total)))
    if chance >= _SHIFT_SIGNIFICANCE:
        return None
    return FacetChange(values.ORDER, _by_count(then), _by_count(now), baseline_total, total, total, chance)


def middle(orders: Counts) -> int:
    """The half-decade of the median."""
    half, below = sum(orders.values()) / 2, 0
    for order in sorted(map(int, orders)):
        below += orders[str(order)]
        if below >= half:
            return order
    return 0


def _distance(then: Counts, now: Counts, baseline_total: int, total: int) -> float:
    largest, one, other = 0.0, 0, 0
    for order in sorted({*map(int, then), *map(int, now)}):
        one += then.get(str(order), 0)
        other += now.get(str(order), 0)
        largest = max(largest, abs(one / baseline_total - other / total))
    return largest


def _by_count(counts: Counts) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda kind: (-counts[kind], kind)))
