"""Compares the shapes of a run with those of the baseline: one difference per field, the most significant first.

Endpoints that only one of the two called are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gonogo.core.numbers import whole_number
from gonogo.model.calls import Difference, Edge, FacetValue, ShapeChange
from gonogo.traffic.shapes import values
from gonogo.traffic.shapes.facet_changes import (
    FACETS,
    PRESENCE,
    SPELLING,
    STATUS,
    FacetChange,
    facet_change_of,
    is_enumeration,
)
from gonogo.traffic.shapes.facet_values import change_of
from gonogo.traffic.shapes.shapes import EndpointShape, Fields, Shapes
from gonogo.traffic.shapes.significance import STICKY, chance_of_at_least
from gonogo.traffic.shapes.tally import Field, total
from gonogo.traffic.shapes.values import PADDED

_MAX_LISTED = 3  # scenarios of a difference
_SORTED_FOR_SURE_BITS = 7  # one in 128 by accident
_SIGNIFICANT = 0.01
_LONG = 6  # a code of this length or more has a fixed length
_OF_TEXTS = (values.LENGTH, values.ZEROS, values.FRACTION, values.CASE, values.MEMBER, values.SIZE)
# facet → facets whose changes follow from its own, and are not reported
_HIDES: dict[str, tuple[str, ...]] = {
    PRESENCE: FACETS, values.TYPE: FACETS, values.FORMAT: (*_OF_TEXTS, SPELLING), values.LENGTH: _OF_TEXTS,
    values.SPACE: _OF_TEXTS, values.UNICODE: _OF_TEXTS, values.MARKUP: _OF_TEXTS,
    values.MEMBER: (values.FORMAT, values.LENGTH, values.CASE),
    values.EPOCH: (values.ORDER, values.MEMBER, values.WIDTH), values.WIDTH: (values.ORDER,)}
_REPORT_ORDER = (PRESENCE, STATUS, values.TYPE, values.SPACE, values.UNICODE, values.MARKUP, values.MEMBER,
                 values.FORMAT, values.LENGTH, values.EPOCH, values.WIDTH, *FACETS)
_WEAK = (values.SIZE, values.ITEMS, values.ORDER)


@dataclass(frozen=True, slots=True)
class _Ranked:
    chance: float
    weak: bool
    difference: Difference

    def rank(self) -> tuple[bool, float, str, str]:
        return self.weak, self.chance, self.difference.edge.operation, self.difference.where


def differences(now: Shapes, then: Shapes, *, ignore: Sequence[str] = ()) -> tuple[Difference, ...]:
    """The differences of `now` from `then`; `ignore` has entries "METHOD /endpoint where" with `*` as a wildcard."""
    ignored = [_pattern(entry) for entry in ignore]
    before = then.edges()
    results = [each for edge, shape in now.edges().items() if edge in before
             for each in _of_endpoint(edge, before[edge], shape)
             if not any(pattern.fullmatch(f"{edge.operation} {each.difference.where}") for pattern in ignored)]
    return tuple(each.difference for each in sorted(results, key=_Ranked.rank))


def _pattern(entry: str) -> re.Pattern[str]:
    """A place also matches all places below it."""
    return re.compile(re.escape(" ".join(entry.split())).replace(r"\*", ".*") + r"([.\[].*)?", re.IGNORECASE)


def _of_endpoint(edge: Edge, then: EndpointShape, now: EndpointShape) -> Iterator[_Ranked]:
    for message, fields in now.messages.items():
        before = then.messages.get(message)
        if before is None:
            continue
        answers = message if whole_number(message, minimum=300) else ""
        for where in sorted({*fields, *before}):
            one, other = before.get(where, Field()), fields.get(where, Field())
            changes = _changes_of(where, one, other, before, fields)
            if changes:
                yield _difference_of(edge, (where, answers), changes, before, fields)
        yield from _orders(edge, before, fields)


def _changes_of(where: str, then: Field, now: Field, before: Fields, after: Fields) -> list[FacetChange]:
    """All changes of one field, without those that follow from others."""
    results: list[FacetChange] = []
    for facet in dict.fromkeys(_REPORT_ORDER):
        if any(facet in _HIDES.get(change.facet, ()) for change in results):
            continue
        if facet == PRESENCE:
            change = _presence(then, now, before, after)
        elif not _is_usual(facet, then):
            change = None
        else:
            change = facet_change_of(facet, _counts(then, facet), _counts(now, facet), in_list="[]" in where)
        disturbed = any(each.facet in (values.SPACE, values.UNICODE, values.MARKUP) for each in results)
        if change and not (disturbed and change.facet == values.FORMAT and change.kinds == ("text",)):
            results.append(change)
    return results


def _is_usual(facet: str, then: Field) -> bool:
    """Whether this facet is meaningful for the field."""
    counts = _counts(then, facet)
    if facet == values.MEMBER:
        return not then.many_members and is_enumeration(counts, total(then.facets.get(values.TYPE, {})))
    if facet == values.LENGTH:  # a short length may be that of a counter, which grows
        (length, *more) = counts or [""]
        return not more and (int(length.rpartition(" ")[2] or 0) >= _LONG or bool(then.count(values.ZEROS, PADDED)))
    return True


def _presence(then: Field, now: Field, before: Fields, after: Fields) -> FacetChange | None:
    """The change of the field's presence in its parent."""
    parent = then.parent or now.parent
    if not parent or parent not in before or parent not in after:
        return None
    return facet_change_of(PRESENCE, _presence_counts(then, before[parent]), _presence_counts(now, after[parent]))


def _presence_counts(field: Field, parent: Field) -> dict[str, int]:
    parents = sum(tally.count for kind, tally in parent.facets.get(values.TYPE, {}).items()
                  if kind in ("object", "headers", "query", "form"))
    present = total(field.facets.get(values.TYPE, {}))
    counts = {"present": present, "absent": max(parents - present, 0)}
    return {kind: count for kind, count in counts.items() if count}


def _difference_of(edge: Edge, place: tuple[str, str], changes: list[FacetChange], before: Fields,
                   after: Fields) -> _Ranked:
    """One difference for all changes of a field; `place` is its place, and the status of the answers.

    For a missing field, the examples and scenarios are those of its parent.
    """
    where, answers = place
    then, now = before.get(where, Field()), after.get(where, Field())
    parent = after.get(then.parent, Field())
    strongest = min(changes, key=lambda change: change.chance)
    tallies = [tally for change in changes for kind, tally in now.facets.get(change.facet, {}).items()
               if kind in change.kinds]
    tallies = tallies or list((now.facets.get(values.TYPE) or parent.facets.get(values.TYPE, {})).values())
    scenarios = sorted({name for tally in tallies for name in tally.scenarios})[:_MAX_LISTED]
    examples = sorted({text for tally in tallies for text in tally.examples})[:_MAX_LISTED]
    difference = Difference(
        edge=edge, where=where, changes=tuple(dict.fromkeys(change_of(change, then, now) for change in changes)),
        answers=answers, baseline_count=strongest.baseline_total, count=strongest.count, total=strongest.total,
        scenarios=tuple(scenarios), examples=tuple(examples))
    appeared = strongest.facet == PRESENCE and "present" in strongest.kinds
    return _Ranked(strongest.chance, appeared or strongest.facet in _WEAK, difference)


def _orders(edge: Edge, before: Fields, after: Fields) -> Iterator[_Ranked]:
    """Lists that were always sorted and are not now: one difference, for the most significant sort key."""
    lists: dict[str, list[_Ranked]] = {}
    for where, field in before.items():
        now = _counts(after.get(where, Field()), values.SORTED)
        then = _counts(field, values.SORTED)
        bits = then.pop("bit", 0)
        now.pop("bit", 0)
        if len(then) != 1 or "unsorted" in then or bits < _SORTED_FOR_SURE_BITS:
            continue
        order, baseline_total = next(iter(then.items()))
        arrays, lost = sum(now.values()), sum(count for kind, count in now.items() if kind != order)
        chance = chance_of_at_least(lost, arrays, k0=0, n=baseline_total, prior=STICKY)
        if lost and chance < _SIGNIFICANT:
            of_list, _, member = where.rpartition("[]")
            kinds = tuple(map(FacetValue, sorted(kind for kind in now if kind != order)))
            change = ShapeChange(values.SORTED, (FacetValue(order, formats=(FacetValue(member.lstrip(".")),)),), kinds)
            difference = Difference(edge, of_list, (change,), "", baseline_total, lost, arrays)
            lists.setdefault(of_list, []).append(_Ranked(chance / 2**min(bits, 200), False, difference))
    for candidates in lists.values():
        yield min(candidates, key=_Ranked.rank)


def _counts(field: Field, facet: str) -> dict[str, int]:
    return {kind: tally.count for kind, tally in field.facets.get(facet, {}).items()}
