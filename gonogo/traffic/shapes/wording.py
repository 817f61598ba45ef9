"""What is new about a field, in words for people: "digits of length 12", "never there", "one of EUR, GBP".

Whether it is worth telling is `news`' business.
"""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.traffic.shapes import values
from gonogo.traffic.shapes.formats import FIXED_LENGTH
from gonogo.traffic.shapes.news import PRESENCE, SPELLING, STATUS, News, middle
from gonogo.traffic.shapes.tally import Facet, Field

_MOST_KINDS = 4
_TYPES = {"string": "a text", "integer": "an integer", "decimal": "a decimal number", "boolean": "true or false",
          "object": "an object", "array": "a list", "headers": "headers", "query": "a query"}
_TEMPLATES: Mapping[str, str] = {values.PLACES: "with {} decimal places", values.MEMBER: "{}",
                                 SPELLING: "spelt {}", values.SIZE: "about 2^{} characters long"}


def words_for(news: News, then: Field, now: Field) -> tuple[str, str]:
    """What it was and what it is."""
    if news.facet == PRESENCE:
        return _presence(news)
    if news.facet == values.ORDER:
        return _orders(then, now)
    if news.facet == STATUS:
        return " or ".join(sorted(news.was)[:_MOST_KINDS]), " or ".join(news.kinds[:_MOST_KINDS])
    if news.facet == values.TYPE:
        return _types(news.was, then), _types(news.kinds, now)
    if news.facet in (values.FORMAT, values.LENGTH):
        formats = news.facet == values.FORMAT
        return (_formats(news.was if formats else _kinds(then, values.FORMAT), then),
                _formats(news.kinds if formats else _kinds(now, values.FORMAT), now))
    template = _TEMPLATES.get(news.facet, "{}")
    was = _joined(template.format(kind) for kind in news.was)
    if news.facet == values.MEMBER:
        was = f"one of {', '.join(sorted(news.was))}" if len(news.was) > 1 else f"always {was}"
    return was, _joined(template.format(kind) for kind in news.kinds)


def _presence(news: News) -> tuple[str, str]:
    there = "there" in news.kinds
    if len(news.was) == 1:
        return ("never there", "there") if there else ("always there", "missing")
    return ("seldom there", "always there") if there else ("mostly there", "missing")


def _types(kinds: tuple[str, ...], field: Field) -> str:
    """A text by its format, as "a text (digits of length 12)"."""
    return _joined(f"a text ({_formats(_kinds(field, values.FORMAT), field)})"
                   if kind == "string" and values.FORMAT in field.facets else _TYPES.get(kind, kind)
                   for kind in kinds)


def _formats(kinds: tuple[str, ...], field: Field) -> str:
    """With its length, where it has one and all of the field have the same."""
    lengths, formats = field.facets.get(values.LENGTH, {}), field.facets.get(values.FORMAT, {})
    if len(kinds) == 1 and kinds[0] in FIXED_LENGTH and _total_of(lengths) and sum(
            kind in FIXED_LENGTH for kind in formats) == 1:
        some = sorted(lengths, key=lambda length: -lengths[length].count)[:3]
        numbers = [int(length.removeprefix("length ")) for length in some]
        return f"{kinds[0]} of length {_joined(map(str, sorted(numbers)))}"
    return _joined(kinds)


def _orders(then: Field, now: Field) -> tuple[str, str]:
    before, after = (middle({kind: tally.count for kind, tally in field.facets[values.ORDER].items()})
                     for field in (then, now))
    return f"around {_amount(before)}", f"around {_amount(after)}"


def _amount(half_decades: int) -> str:
    return f"{10 ** ((half_decades + 0.5) / 2):.1g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")


def _kinds(field: Field, facet: str) -> tuple[str, ...]:
    found: Facet = field.facets.get(facet, {})
    return tuple(sorted(found, key=lambda kind: (-found[kind].count, kind)))


def _total_of(facet: Facet) -> int:
    return sum(tally.count for tally in facet.values())


def _joined(words: object) -> str:
    known = list(words)[:_MOST_KINDS]  # type: ignore[call-overload]
    return " or ".join(known)
