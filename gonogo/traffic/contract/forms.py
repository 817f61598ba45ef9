"""Values that are written as text: single ones, lists and objects in the notations of OpenAPI, and forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from gonogo.traffic.contract.keywords import Schema

MAX_NESTING = 20  # brackets of one name in a form: `a[b][c]` has two
_INTEGER = re.compile(r"-?[0-9]{1,1000}")
_NUMBER = re.compile(r"-?[0-9]{1,1000}(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_COMPOSING = ("allOf", "anyOf", "oneOf")


def types_of(schema: Schema) -> frozenset[str]:
    """The types that a schema allows; empty if it does not restrict them."""
    return frozenset(name for part in _parts(schema) for name in
                     ([part["type"]] if isinstance(part.get("type"), str) else part.get("type", ())))


def member_schema(schema: Schema, name: str) -> Schema:
    """The schema of a member; True if it is not documented."""
    for part in _parts(schema):
        if name in part.get("properties", {}):
            return part["properties"][name]  # type: ignore[no-any-return]  # foreign JSON
    extra = next((part["additionalProperties"] for part in _parts(schema)
                  if isinstance(part.get("additionalProperties"), dict)), True)
    return extra if isinstance(extra, dict) else True


def items_schema(schema: Schema) -> Schema:
    return next((part["items"] for part in _parts(schema) if isinstance(part.get("items"), dict)), True)


def member_names(schema: Schema) -> frozenset[str]:
    return frozenset(name for part in _parts(schema) for name in part.get("properties", {}))


def typed(text: str, types: frozenset[str]) -> object:
    """`text` parsed as one of `types`; unchanged if it is none of them."""
    if not types or "string" in types:
        return text
    if types & {"integer", "number"} and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return None if "null" in types and text in ("", "null") else text


def typed_list(texts: Iterable[str], schema: Schema) -> list[object]:
    types = types_of(items_schema(schema))
    return [typed(text, types) for text in texts]


def typed_object(pairs: Iterable[tuple[str, str]], schema: Schema) -> dict[str, object]:
    return {name: typed(text, types_of(member_schema(schema, name))) for name, text in pairs}


def form_value(text: str, schema: Schema) -> dict[str, object]:
    """A form as the object that it stands for: repeated names are lists, `a[b]`, `a[0]` and `a[]` are parts of `a`."""
    form = _Place()
    known = member_names(schema)
    for name, value in parse_qsl(text, keep_blank_values=True):
        match = None if name in known else _BRACKETED.fullmatch(name)
        place = form
        for part in [name] if match is None else [match[1], *match[2][1:-1].split("][", MAX_NESTING)]:
            place = place.members.setdefault(part, _Place())
        place.texts.append(value)
    return {name: _shaped(place, member_schema(schema, name)) for name, place in form.members.items()}


@dataclass(slots=True)
class _Place:
    """The texts at one place of a form, and the places below it."""

    texts: list[str] = field(default_factory=list)
    members: dict[str, _Place] = field(default_factory=dict)


def _shaped(place: _Place, schema: Schema) -> object:
    """What is at a place and below, as the documented type."""
    types = types_of(schema)
    if not place.members:
        return _of_texts(place.texts, schema, types)
    if "array" in types or ("object" not in types and all(not name or name.isdecimal() for name in place.members)):
        items = items_schema(schema)
        return [item for each in place.members.values()
                for item in ([_shaped(each, items)] if each.members else typed_list(each.texts, schema))]
    return {name: _shaped(each, member_schema(schema, name)) for name, each in place.members.items()}


def _of_texts(texts: list[str], schema: Schema, types: frozenset[str]) -> object:
    if "array" in types:
        return typed_list(texts, schema)
    if "object" in types and texts[-1].lstrip().startswith("{"):
        try:
            return json.loads(texts[-1])
        except (ValueError, RecursionError):
            return texts[-1]
    return typed(texts[-1], types)


def _parts(schema: Schema) -> list[dict[str, Any]]:
    """A schema and what it is composed of, each once, because schemas may be recursive."""
    waiting, results = [schema], dict[int, dict[str, Any]]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict) and id(part) not in results:
            results[id(part)] = part
            waiting += [each for key in _COMPOSING for each in part.get(key, ())]
    return list(results.values())
