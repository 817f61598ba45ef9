"""Turns errors of the schema library into faults: the place and the violated keyword; and what could not be checked.

Values are shortened. A masked value cannot be checked, and is never a fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from jsonschema.exceptions import ValidationError

from gonogo.model.calls import ContractFault, GapCause
from gonogo.secrets.masking import is_masked
from gonogo.traffic.contract.keywords import Schema, is_unusable
from gonogo.traffic.http.endpoints import is_variable

_MAX_VALUE = 60
_MAX_MESSAGE = 160
_RANKS = ("required", "type", "additionalProperties", "enum", "const", "format", "pattern")
_COMPOSED = ("anyOf", "oneOf")
_COMPOSING = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else"})
_OPENING = frozenset({"additionalProperties", "patternProperties", "unevaluatedProperties"})
# keywords whose value states what is expected; for all others the library's message is used
_VALUE_KEYWORDS = frozenset({"format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
                   "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"})
_MAX_FAULTS = 20  # of one body
_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number",
          type(None): "null"}


class Fault(NamedTuple):
    """`where` is a place in the exchange ("request.body.passengers[].name")."""

    where: str
    fault: ContractFault


class Gap(NamedTuple):
    """What could not be checked at a place of the exchange, and the reason in words, if the cause has several."""

    where: str
    cause: GapCause
    why: str = ""


def faults_of(errors: Iterable[ValidationError], top: str) -> tuple[Fault | Gap, ...]:
    """One fault for each place below `top`, by rank of the keyword; the items of an array are one place."""
    results: dict[str, tuple[int, ContractFault]] = {}
    gaps: dict[Gap, None] = {}
    for error in _leaves(errors):
        where = top + "".join(map(_step, error.absolute_path))
        if is_unusable(error):
            if len(gaps) < _MAX_FAULTS:
                gaps[Gap(where, GapCause.PART, _reason(error))] = None
            continue
        if isinstance(error.instance, str) and is_masked(error.instance):
            continue
        rank = _RANKS.index(error.validator) if error.validator in _RANKS else len(_RANKS)
        if where not in results and len(results) >= _MAX_FAULTS:
            continue
        if where not in results or rank < results[where][0]:
            results[where] = rank, _fault(error)
    return (*(Fault(where, fault) for where, (_rank, fault) in results.items()), *gaps)


@lru_cache(maxsize=8192)
def member(name: str) -> str:
    """A member's name in a place; `*` if the name is itself a value (an id, a date)."""
    if is_variable(name):
        return "*"
    return f"'{name}'" if not name or set(name) & set(".[") else name


def short_json(value: object) -> str:
    """`value` as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_VALUE else text[:_MAX_VALUE - 1] + "…"


def undocumented_members(schemas: Sequence[Schema], value: object, where: str) -> Iterator[str]:
    """The places in `value` that are in none of `schemas`, all of which apply to it."""
    if not isinstance(value, dict | list):
        return
    parts = _parts(schemas)
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for item in value if items else ():
            yield from undocumented_members(items, item, f"{where}[]")
    if not isinstance(value, dict) or not any("properties" in part for part in parts):
        return
    # a schema with one of these keywords allows further members
    is_open = any(_OPENING & part.keys() for part in parts)
    for name, item in value.items():
        known = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        if known:
            yield from undocumented_members(known, item, f"{where}.{member(name)}")
        elif not is_open:
            yield f"{where}.{member(name)}"


def _parts(schemas: Iterable[Schema]) -> list[Mapping[str, Any]]:
    """Schemas and their parts (allOf and so on), each once, because they may be recursive."""
    waiting, results = list(schemas), dict[int, Mapping[str, Any]]()
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict) and id(schema) not in results:
            results[id(schema)] = schema
            for key in _COMPOSING & schema.keys():
                waiting += schema[key] if isinstance(schema[key], list) else [schema[key]]
    return list(results.values())


def _reason(error: ValidationError) -> str:
    """The reason of the first part that cannot be checked."""
    while error.context and (inner := next(filter(is_unusable, error.context), None)):
        error = inner
    return str(error.message)


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors, with those of alternatives replaced by the errors of the closest alternative."""
    for error in errors:
        if error.validator not in _COMPOSED or not error.context or is_unusable(error):
            yield error
            continue
        branches: dict[object, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        leaves = [list(_leaves(branch)) for branch in branches.values()]
        judged = [[leaf for leaf in branch if not (isinstance(leaf.instance, str) and is_masked(leaf.instance))]
                  for branch in leaves]
        yield from min(judged, key=lambda branch: _distance(branch, len(error.absolute_path)), default=[])


def _distance(branch: Sequence[ValidationError], depth: int) -> tuple[int, int, int]:
    """The distance of a value from an alternative: by type, by a constant that identifies it, by number of errors."""
    other_type = any(leaf.validator == "type" and len(leaf.absolute_path) == depth for leaf in branch)
    other_kind = any(leaf.validator in ("const", "enum") for leaf in branch)
    return int(other_type), int(other_kind), len(branch)


def _step(part: object) -> str:
    return "[]" if isinstance(part, int) else f".{member(str(part))}"


def _fault(error: ValidationError) -> ContractFault:
    value, rule = error.instance, error.validator_value
    keyword = str(error.validator)
    if keyword == "type":
        expected = rule if isinstance(rule, list) else [rule]
        return ContractFault("type", _type_and_value(value), tuple(map(str, expected)))
    if keyword in ("enum", "const"):
        allowed = rule if isinstance(rule, list) else [rule]
        return ContractFault("enum", short_json(value), tuple(map(short_json, allowed)))
    if keyword == "oneOf":  # the alternatives may be recursive
        return ContractFault(keyword, short_json(value))
    if keyword in _VALUE_KEYWORDS:
        return ContractFault(keyword, short_json(value), (rule if isinstance(rule, str) else short_json(rule),))
    if keyword in ("required", "additionalProperties"):
        return ContractFault(keyword)
    message = str(error.message)
    return ContractFault(keyword, message=message if len(message) <= _MAX_MESSAGE
                         else message[:_MAX_MESSAGE - 1] + "…")


def _type_and_value(value: object) -> str:
    """The type of a value, and a scalar itself: `string "x"`."""
    kind = _NAMES.get(type(value), type(value).__name__)
    return kind if value is None or isinstance(value, dict | list) else f"{kind} {short_json(value)}"
