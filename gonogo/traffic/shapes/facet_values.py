"""Describes the change of a facet as values before and now: kinds with their lengths, formats and orders.

`facet_changes` decides what has changed; `report.wording` has the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gonogo.model.calls import FacetValue, ShapeChange
from gonogo.traffic.shapes import values
from gonogo.traffic.shapes.facet_changes import PRESENCE, STATUS, FacetChange, middle
from gonogo.traffic.shapes.formats import FIXED_LENGTH
from gonogo.traffic.shapes.tally import Facet, Field

_WasAndIs = tuple[tuple[FacetValue, ...], tuple[FacetValue, ...]]

_MAX_KINDS = 4
_MAX_LENGTHS = 3


def change_of(change: FacetChange, then: Field, now: Field) -> ShapeChange:
    """The change of one facet of a field."""
    facet = values.FORMAT if change.facet == values.LENGTH else change.facet  # a length is shown with its format
    return ShapeChange(facet, *_VALUES_OF.get(change.facet, _plain)(change, then, now))


def _plain(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    return _facet_values(change.was), _facet_values(change.kinds)


def _presence(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    appeared = "present" in change.kinds
    if len(change.was) == 1:
        was, is_now = ("never", "present") if appeared else ("always", "missing")
    else:
        was, is_now = ("seldom", "always") if appeared else ("mostly", "missing")
    return (FacetValue(was),), (FacetValue(is_now),)


def _statuses(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    return _facet_values(sorted(change.was)), _facet_values(change.kinds)


def _members(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    return tuple(map(FacetValue, sorted(change.was))), _facet_values(change.kinds)


def _orders(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    return _order(then), _order(now)


def _both_types(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    return _types(change.was, then), _types(change.kinds, now)


def _both_formats(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    return _formats(change.was, then), _formats(change.kinds, now)


def _both_lengths(change: FacetChange, then: Field, now: Field) -> _WasAndIs:
    return _formats(_kinds(then, values.FORMAT), then), _formats(_kinds(now, values.FORMAT), now)


_VALUES_OF: dict[str, Callable[[FacetChange, Field, Field], _WasAndIs]] = {
    PRESENCE: _presence, STATUS: _statuses, values.TYPE: _both_types, values.FORMAT: _both_formats,
    values.LENGTH: _both_lengths, values.ORDER: _orders, values.MEMBER: _members}


def _types(kinds: Iterable[str], field: Field) -> tuple[FacetValue, ...]:
    """The types; a string with its formats."""
    return tuple(FacetValue(kind, formats=_formats(_kinds(field, values.FORMAT), field))
                 if kind == "string" and values.FORMAT in field.facets else FacetValue(kind)
                 for kind in list(kinds)[:_MAX_KINDS])


def _formats(kinds: tuple[str, ...], field: Field) -> tuple[FacetValue, ...]:
    """The formats; with lengths if all values have the same format of fixed length."""
    lengths, formats = field.facets.get(values.LENGTH, {}), field.facets.get(values.FORMAT, {})
    if len(kinds) == 1 and kinds[0] in FIXED_LENGTH and _total_of(lengths) and sum(
            kind in FIXED_LENGTH for kind in formats) == 1:
        some = sorted(lengths, key=lambda length: -lengths[length].count)[:_MAX_LENGTHS]
        return (FacetValue(kinds[0], tuple(sorted(int(length.removeprefix("length ")) for length in some))),)
    return _facet_values(kinds)


def _order(field: Field) -> tuple[FacetValue, ...]:
    """The order of magnitude of the median, rounded to half-decades."""
    half_decades = middle({kind: tally.count for kind, tally in field.facets[values.ORDER].items()})
    magnitude = f"{10 ** ((half_decades + 0.5) / 2):.1g}"
    return (FacetValue(magnitude.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")),)


def _facet_values(kinds: Iterable[str]) -> tuple[FacetValue, ...]:
    return tuple(map(FacetValue, list(kinds)[:_MAX_KINDS]))


def _kinds(field: Field, facet: str) -> tuple[str, ...]:
    counts: Facet = field.facets.get(facet, {})
    return tuple(sorted(counts, key=lambda kind: (-counts[kind].count, kind)))


def _total_of(facet: Facet) -> int:
    return sum(tally.count for tally in facet.values())
