"""Makes awkward requests of a plain one: one value at a time is replaced. Pure; it knows no OpenAPI library."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from gonogo.model.probing import UNIQUE, Change
from gonogo.stages.probe.awkward import LOCALES, MANY_ITEMS, NUMBERS, WHOLE_NUMBERS, texts_for
from gonogo.stages.probe.placeholders import placeholder

_MANY_CHARS = 60
_SHOWN_CHARS = 40
_MAIL = re.compile(r"[^@\s\"]+@[^@\s]+\.[^@\s.]+")
_SAME_KEY_SAME_RESULT = frozenset({"idempotency-key", "x-idempotency-key"})
_MISSING = object()
_TYPES = ((bool, "a boolean"), (int, "a number"), (float, "a number"), (str, "a text"), (list, "a list"),
          (dict, "an object"))

Json = Any  # any JSON, of a document that is foreign
SchemaOf = Callable[[tuple[str | int, ...]], Mapping[str, Json]]  # the way to a value in the body → its schema
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a request consists of. `body` is None without a media type; values are as a client has them."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    mime: str = ""
    body: Json = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, `where` is "path", "query" or "header"."""

    where: str
    name: str
    schema: Mapping[str, Json]


def awkward_parts(base: Parts, parameters: Iterable[Parameter], schema_of: SchemaOf) -> Iterator[tuple[Change, Parts]]:
    """`base` with one awkward value each, in turns of its places."""
    places = [*(_of_parameter(base, parameter) for parameter in parameters),
              *(_of_leaf(base, way, value, schema_of(way)) for way, value in leaves(base.body)), _of_locales(base)]
    return in_turns(places)


def with_parameters(parts: Parts, where: str, values: Mapping[str, Any]) -> Parts:
    """`parts` with other parameters of the "path", the "query" or the "header"."""
    if where == "path":
        return replace(parts, path=values)
    return replace(parts, query=values) if where == "query" else replace(parts, headers=values)


def in_turns(sources: Iterable[Iterable[_Item]]) -> Iterator[_Item]:
    """The first of each, the second of each, …"""
    left = [iter(source) for source in sources]
    while left:
        for source in list(left):
            try:
                yield next(source)
            except StopIteration:
                left.remove(source)


def leaves(value: Json, way: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Texts, numbers and lists of a body, each with the way to it; of a list, those in its first item."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*way, name))
    elif isinstance(value, list):
        yield way, value
        if value:
            yield from leaves(value[0], (*way, 0))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield way, value


def place_of(way: Iterable[str | int]) -> str:
    """`body.passengers[].name`."""
    return "body" + "".join("[]" if isinstance(step, int) else f".{step}" for step in way)


def with_placeholders(parts: Parts, base: Parts, names: Collection[str]) -> Parts:
    """`parts` with placeholders for what is as in `base`, where the sign-in has a value of its name.

    An e-mail address, and a key for which a server repeats its answer, are new with each send.
    """
    def of(values: Mapping[str, Any], originals: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _held(value, originals.get(name, _MISSING), name, names) for name, value in values.items()}

    headers = of(parts.headers, base.headers)
    headers |= {name: placeholder(UNIQUE) for name in headers if name.lower() in _SAME_KEY_SAME_RESULT
                and parts.headers[name] == base.headers.get(name)}
    return replace(parts, path=of(parts.path, base.path), query=of(parts.query, base.query), headers=headers,
                   body=_held(parts.body, base.body, "", names))


def change_between(base: Parts, parts: Parts) -> Change:
    """What differs first."""
    pairs = [*((f"{where}.{name}", before.get(name, _MISSING), now.get(name, _MISSING))
               for where, before, now in (("path", base.path, parts.path), ("query", base.query, parts.query),
                                          ("header", base.headers, parts.headers))
               for name in dict.fromkeys([*before, *now]))]
    body = (base.body if base.mime else _MISSING, parts.body if parts.mime else _MISSING)
    for place, before, now in (*pairs, ("body", *body)):
        if before != now or type(before) is not type(now):
            return _change(place, before, now)
    return Change("ordinary")


def _of_parameter(base: Parts, parameter: Parameter) -> Iterator[tuple[Change, Parts]]:
    held = {"path": base.path, "query": base.query, "header": base.headers}[parameter.where]
    if parameter.name not in held or "enum" in parameter.schema:
        return
    numeric = parameter.schema.get("type") in ("integer", "number")
    sample: Json = 0 if numeric else ""
    for kind, value in _values(parameter.name, sample, parameter.schema):
        if parameter.where == "header" and not _fits_header(str(value)):
            continue
        yield (_named(kind, f"{parameter.where}.{parameter.name}", value),
               with_parameters(base, parameter.where, {**held, parameter.name: str(value)}))


def _of_leaf(base: Parts, way: tuple[str | int, ...], value: Json,
             schema: Mapping[str, Json]) -> Iterator[tuple[Change, Parts]]:
    if "enum" in schema or "const" in schema:
        return
    if isinstance(value, list):
        most = schema.get("maxItems", MANY_ITEMS)
        for items in ([], value[:1] * min(most if isinstance(most, int) else MANY_ITEMS, MANY_ITEMS)):
            if items != value:
                yield _change(place_of(way), value, items), replace(base, body=_replaced(base.body, way, items))
        return
    name = next((step for step in reversed(way) if isinstance(step, str)), "")
    for kind, awkward in _values(name, value, schema):
        if awkward != value:
            yield _named(kind, place_of(way), awkward), replace(base, body=_replaced(base.body, way, awkward))


def _of_locales(base: Parts) -> Iterator[tuple[Change, Parts]]:
    for kind, locale in LOCALES.items():
        yield (Change("text", "header.Accept-Language", kind),
               replace(base, headers={**base.headers, "Accept-Language": locale}))


def _values(name: str, value: Json, schema: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    if isinstance(value, str):
        longest, form = schema.get("maxLength"), schema.get("format")
        yield from texts_for(name, form if isinstance(form, str) else "", has_pattern="pattern" in schema,
                             max_length=longest if isinstance(longest, int) else None)
    else:
        whole = isinstance(value, int)
        yield from (WHOLE_NUMBERS.items() if whole else itertools.chain(NUMBERS.items(), WHOLE_NUMBERS.items()))


def _named(kind: str, place: str, value: Json) -> Change:
    if kind == "long" or value == "":
        return Change("long", place, str(len(value))) if value else Change("empty", place)
    return Change("text", place, kind) if isinstance(value, str) else Change("number", place, str(value))


def _change(place: str, before: Json, now: Json) -> Change:
    if before is _MISSING:
        return Change("extra", place)
    if now is _MISSING:
        return Change("missing", place)
    if isinstance(before, dict) and isinstance(now, dict):
        name = next(name for name in dict.fromkeys([*before, *now])
                    if before.get(name, _MISSING) != now.get(name, _MISSING)
                    or type(before.get(name)) is not type(now.get(name)))
        return _change(f"{place}.{name}", before.get(name, _MISSING), now.get(name, _MISSING))
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return _change(f"{place}[]", *next((one, other) for one, other in zip(before, now, strict=True)
                                           if one != other or type(one) is not type(other)))
    return _change_of_value(place, before, now)


def _change_of_value(place: str, before: Json, now: Json) -> Change:
    if now is None:
        return Change("null", place)
    if isinstance(now, list):
        return Change("empty list", place) if not now else Change("items", place, str(len(now)))
    if before is not None and _type_of(before) != _type_of(now):
        return Change("type", place, _type_of(now))
    if isinstance(now, str) and (not now or len(now) > _MANY_CHARS):
        return Change("long", place, str(len(now))) if now else Change("empty", place)
    if isinstance(now, int | float) and not isinstance(now, bool):
        return Change("number", place, str(now)[:_SHOWN_CHARS])
    return Change("value", place, json.dumps(now, ensure_ascii=False)[:_SHOWN_CHARS])


def _type_of(value: Json) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "null")


def _held(value: Json, base: Json, name: str, names: Collection[str]) -> Json:
    if value == base and type(value) is type(base):
        if name in names:
            return placeholder(name)
        if isinstance(value, str) and _MAIL.fullmatch(value):
            local, _, domain = value.partition("@")
            return f"{local}.{placeholder(UNIQUE)}@{domain}"
    if isinstance(value, dict):
        before = base if isinstance(base, dict) else {}
        return {key: _held(item, before.get(key, _MISSING), key, names) for key, item in value.items()}
    if isinstance(value, list) and isinstance(base, list) and base:
        return [_held(item, base[min(index, len(base) - 1)], name, names) for index, item in enumerate(value)]
    return value


def _replaced(body: Json, way: tuple[str | int, ...], value: Json) -> Json:
    if not way:
        return value
    changed = copy.deepcopy(body)
    within = changed
    for step in way[:-1]:
        within = within[step]
    within[way[-1]] = value
    return changed


def _fits_header(value: str) -> bool:
    return all(" " <= character <= "~" for character in value) and value == value.strip()
