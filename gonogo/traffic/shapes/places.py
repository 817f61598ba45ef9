"""The places of a message and their values: `request.body.passengers[].name`, `response.header.Location`.

`tally` counts the values; `headers` selects the headers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from gonogo.model.exchange import Exchange, Message
from gonogo.traffic.shapes.formats import format_of
from gonogo.traffic.shapes.headers import headers_of
from gonogo.traffic.shapes.values import SORTED, TYPE, Kinds, kinds_of, kinds_of_text

_DEEPEST = 12
_MAX_ITEMS = 500
_MAX_SORTED = 12  # members of an object that an order is looked for in
_MAX_BITS = 40
_NAMES_THAT_ARE_VALUES = frozenset({"digits", "uuid", "hex", "ISO date", "locator", "e-mail address", "URL", "base64"})
_FORM = "application/x-www-form-urlencoded"


class Place(NamedTuple):
    """One value at one place; `parent` is the containing place if the value is optional, else ""."""

    where: str
    parent: str
    kinds: Kinds
    value: object


def places_of(message: Message, side: str) -> Iterator[Place]:
    """The places of a request or response (`side`)."""
    if message.headers:  # none at all: headers were not recorded
        top = f"{side}.header"
        yield Place(top, "", ((TYPE, "headers"),), None)
        for name, kinds, value in headers_of(message):
            yield Place(f"{top}.{name}", top, kinds, value)
    where = f"{side}.body"
    kind = _body_kind(message)
    if kind == "JSON":
        yield from _walk(where, "", message.json(), 0)
    elif kind == "form":
        body = message.body.text if message.body and message.body.text else ""
        yield from named_texts(where, parse_qsl(body, keep_blank_values=True), "form")
    elif kind:
        yield Place(where, "", ((TYPE, kind),), None)


def path_places(exchange: Exchange, endpoint: str) -> Iterator[Place]:
    """The query parameters, and the values of the path where `endpoint` has `[id]`."""
    yield from named_texts("request.query", exchange.query, "query")
    actual, template = exchange.path.split("/"), endpoint.split("/")
    if len(actual) == len(template):
        values = [value for value, name in zip(actual, template, strict=True) if name == "[id]"]
        for number, value in enumerate(values, 1):
            where = "request.path.id" if len(values) == 1 else f"request.path.id{number}"
            yield Place(where, "", kinds_of_text(value), value)


def named_texts(where: str, pairs: list[tuple[str, str]] | tuple[tuple[str, str], ...], kind: str) -> Iterator[Place]:
    yield Place(where, "", ((TYPE, kind),), None)
    once: dict[str, list[str]] = {}
    for name, value in pairs:
        once.setdefault(name, []).append(value)
    for name, values in once.items():
        kinds = kinds_of_text(values[0]) if len(values) == 1 else ((TYPE, "several values"),)
        yield Place(f"{where}.{_name(name)}", where, kinds, values[0])


def _body_kind(message: Message) -> str:
    """The kind of body; "" if unknown: not recorded, or truncated."""
    body = message.body
    if body is None or body.size == 0:
        return "no body" if message.headers else ""
    if body.text is None or body.truncated:
        return ""
    if not body.text:
        return "no body"
    if message.json() is not None or (body.is_json and body.text.strip() == "null"):
        return "JSON"
    if body.mime == _FORM:
        return "form"
    return "announced as JSON, and is none" if body.is_json else "text"


def _walk(where: str, parent: str, value: object, depth: int) -> Iterator[Place]:
    yield Place(where, parent, kinds_of(value), value)
    if depth >= _DEEPEST:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _walk(f"{where}.{_name(name)}", where, member, depth + 1)
    elif isinstance(value, list):
        for item in value[:_MAX_ITEMS]:
            yield from _walk(f"{where}[]", "", item, depth + 1)
        if len(value) >= 2:
            yield from _orders(f"{where}[]", value[:_MAX_ITEMS])


def _orders(where: str, items: list[object]) -> Iterator[Place]:
    """The sort order of the items by value, or by each of their members."""
    if all(isinstance(item, dict) for item in items):
        first: Mapping[str, object] = items[0]  # type: ignore[assignment]
        for name in sorted(first)[:_MAX_SORTED]:
            values = [item.get(name) for item in items if isinstance(item, dict)]
            if kinds := _order_of(values):
                yield Place(f"{where}.{_name(name)}", where, kinds, None)
    elif kinds := _order_of(items):
        yield Place(where, "", kinds, None)


def _order_of(values: list[object]) -> Kinds:
    """The order; empty if it is undefined. The number of bits states how unlikely it is to be a coincidence."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if not numbers and not all(isinstance(value, str) for value in values):
        return ()
    comparable: list[float] = values  # type: ignore[assignment]  # or all are texts
    distinct = len(set(comparable))
    if distinct < 2:
        return ()
    ordered = sorted(comparable)
    kind = "ascending" if comparable == ordered else "descending" if comparable == ordered[::-1] else "unsorted"
    bits = min(int(math.log2(math.factorial(min(distinct, 20)))), _MAX_BITS)
    return ((SORTED, kind), *((SORTED, "bit"),) * bits)


@lru_cache(maxsize=8192)
def _name(name: str) -> str:
    """A member's name; `*` if the name is itself a value (an id, a date)."""
    if format_of(name) in _NAMES_THAT_ARE_VALUES:
        return "*"
    return f"'{name}'" if "." in name or "[" in name or not name else name
