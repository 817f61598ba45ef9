"""What is new about a field, as looks then and now: kinds with their lengths, formats and orders.

Whether it is worth telling is `news`' business; its words are `report.wording`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gonogo.model.calls import Look, ShapeChange
from gonogo.traffic.shapes import values
from gonogo.traffic.shapes.formats import FIXED_LENGTH
from gonogo.traffic.shapes.news import PRESENCE, STATUS, News, middle
from gonogo.traffic.shapes.tally import Facet, Field

_WasAndIs = tuple[tuple[Look, ...], tuple[Look, ...]]

_MAX_KINDS = 4
_MAX_LENGTHS = 3


def change_of(news: News, then: Field, now: Field) -> ShapeChange:
    """One facet of a field, as it was and as it is."""
    facet = values.FORMAT if news.facet == values.LENGTH else news.facet  # a length stands with its formats
    return ShapeChange(facet, *_LOOKS_OF.get(news.facet, _plain)(news, then, now))


def _plain(news: News, then: Field, now: Field) -> _WasAndIs:
    return _looks(news.was), _looks(news.kinds)


def _presence(news: News, then: Field, now: Field) -> _WasAndIs:
    appeared = "there" in news.kinds
    if len(news.was) == 1:
        was, is_now = ("never", "present") if appeared else ("always", "missing")
    else:
        was, is_now = ("seldom", "always") if appeared else ("mostly", "missing")
    return (Look(was),), (Look(is_now),)


def _statuses(news: News, then: Field, now: Field) -> _WasAndIs:
    return _looks(sorted(news.was)), _looks(news.kinds)


def _members(news: News, then: Field, now: Field) -> _WasAndIs:
    return tuple(map(Look, sorted(news.was))), _looks(news.kinds)


def _orders(news: News, then: Field, now: Field) -> _WasAndIs:
    return _order(then), _order(now)


def _both_types(news: News, then: Field, now: Field) -> _WasAndIs:
    return _types(news.was, then), _types(news.kinds, now)


def _both_formats(news: News, then: Field, now: Field) -> _WasAndIs:
    return _formats(news.was, then), _formats(news.kinds, now)


def _both_lengths(news: News, then: Field, now: Field) -> _WasAndIs:
    return _formats(_kinds(then, values.FORMAT), then), _formats(_kinds(now, values.FORMAT), now)


_LOOKS_OF: dict[str, Callable[[News, Field, Field], _WasAndIs]] = {
    PRESENCE: _presence, STATUS: _statuses, values.TYPE: _both_types, values.FORMAT: _both_formats,
    values.LENGTH: _both_lengths, values.ORDER: _orders, values.MEMBER: _members}


def _types(kinds: Iterable[str], field: Field) -> tuple[Look, ...]:
    """A text with its formats."""
    return tuple(Look(kind, formats=_formats(_kinds(field, values.FORMAT), field))
                 if kind == "string" and values.FORMAT in field.facets else Look(kind)
                 for kind in list(kinds)[:_MAX_KINDS])


def _formats(kinds: tuple[str, ...], field: Field) -> tuple[Look, ...]:
    """With its lengths, where it has some and all of the field have the same format."""
    lengths, formats = field.facets.get(values.LENGTH, {}), field.facets.get(values.FORMAT, {})
    if len(kinds) == 1 and kinds[0] in FIXED_LENGTH and _total_of(lengths) and sum(
            kind in FIXED_LENGTH for kind in formats) == 1:
        some = sorted(lengths, key=lambda length: -lengths[length].count)[:_MAX_LENGTHS]
        return (Look(kinds[0], tuple(sorted(int(length.removeprefix("length ")) for length in some))),)
    return _looks(kinds)


def _order(field: Field) -> tuple[Look, ...]:
    """The half-decade in which the middle of the numbers lies: two numbers that are shown alike look alike."""
    half_decades = middle({kind: tally.count for kind, tally in field.facets[values.ORDER].items()})
    magnitude = f"{10 ** ((half_decades + 0.5) / 2):.1g}"
    return (Look(magnitude.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")),)


def _looks(kinds: Iterable[str]) -> tuple[Look, ...]:
    return tuple(map(Look, list(kinds)[:_MAX_KINDS]))


def _kinds(field: Field, facet: str) -> tuple[str, ...]:
    found: Facet = field.facets.get(facet, {})
    return tuple(sorted(found, key=lambda kind: (-found[kind].count, kind)))


def _total_of(facet: Facet) -> int:
    return sum(tally.count for tally in facet.values())
