"""What is wrong with a value, in words for people: errors of the schema library → where and what.

Values are shown short; what was masked when it was recorded cannot be judged, and is never a fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from jsonschema.exceptions import ValidationError

from gonogo.secrets.masking import MASK
from gonogo.traffic.contract.schemas import Schema
from gonogo.traffic.http.endpoints import is_variable

_LONGEST_VALUE = 60
_LONGEST_WHAT = 160
_RANKS = ("required", "type", "additionalProperties", "enum", "const", "format", "pattern")
_COMPOSED = ("anyOf", "oneOf")
_COMPOSING = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else"})
_OPENING = frozenset({"additionalProperties", "patternProperties", "unevaluatedProperties"})
_BOUNDS = {"minimum": "is {value}, less than {rule}", "maximum": "is {value}, more than {rule}",
           "exclusiveMinimum": "is {value}, not more than {rule}",
           "exclusiveMaximum": "is {value}, not less than {rule}",
           "multipleOf": "is {value}, no multiple of {rule}", "minLength": "is {value}, shorter than {rule}",
           "maxLength": "is {value}, longer than {rule}", "minItems": "has fewer than {rule} items",
           "maxItems": "has more than {rule} items", "uniqueItems": "has an item more than once"}
_MOST = 20  # faults of one body: more do not say more
_NAMES = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a whole number",
          float: "a number", type(None): "null"}
_TYPES = {"object": "an object", "array": "a list", "string": "text", "boolean": "true or false",
          "integer": "a whole number", "number": "a number", "null": "null"}


class Fault(NamedTuple):
    """`where`: "request.body.passengers[].name"; `what`: "' Ana' does not match …"."""

    where: str
    what: str


def faults_of(errors: Iterable[ValidationError], top: str) -> tuple[Fault, ...]:
    """One fault for each place below `top`: the one that says most; those of an array's items once."""
    found: dict[str, tuple[int, str]] = {}
    for error in _leaves(errors):
        if isinstance(error.instance, str) and MASK in error.instance:
            continue
        where = top + "".join(map(_step, error.absolute_path))
        rank = _RANKS.index(error.validator) if error.validator in _RANKS else len(_RANKS)
        if where not in found and len(found) >= _MOST:
            continue
        if where not in found or rank < found[where][0]:
            found[where] = rank, _what(error)
    return tuple(Fault(where, what) for where, (_rank, what) in found.items())


@lru_cache(maxsize=8192)
def member(name: str) -> str:
    """A member's name as it stands in a place; `*` where it is itself a value (an id, a date)."""
    if is_variable(name):
        return "*"
    return f"'{name}'" if not name or set(name) & set(".[") else name


def shown(value: object) -> str:
    """`value` as JSON, short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE - 1] + "…"


def undocumented_members(schemas: Sequence[Schema], value: object, where: str) -> Iterator[str]:
    """The places in `value` that none of `schemas`, which hold for it together, knows of."""
    if not isinstance(value, dict | list):
        return
    parts = _parts(schemas)
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for item in value if items else ():
            yield from undocumented_members(items, item, f"{where}[]")
    if not isinstance(value, dict) or not any("properties" in part for part in parts):
        return
    # a schema that says anything of further members has them in mind
    is_open = any(_OPENING & part.keys() for part in parts)
    for name, item in value.items():
        known = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        if known:
            yield from undocumented_members(known, item, f"{where}.{member(name)}")
        elif not is_open:
            yield f"{where}.{member(name)}"


def _parts(schemas: Iterable[Schema]) -> list[Mapping[str, Any]]:
    """Schemas with all that they are composed of; each once, since one may hold itself."""
    waiting, found = list(schemas), list[Mapping[str, Any]]()
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict) and not any(schema is known for known in found):
            found.append(schema)
            for key in _COMPOSING & schema.keys():
                waiting += schema[key] if isinstance(schema[key], list) else [schema[key]]
    return found


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Errors, those of alternatives replaced by what is wrong with the alternative that comes nearest."""
    for error in errors:
        if error.validator not in _COMPOSED or not error.context:
            yield error
            continue
        branches: dict[object, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        leaves = [list(_leaves(branch)) for branch in branches.values()]
        judged = [[leaf for leaf in branch if not (isinstance(leaf.instance, str) and MASK in leaf.instance)]
                  for branch in leaves]
        yield from min(judged, key=lambda branch: _distance(branch, len(error.absolute_path)), default=[])


def _distance(branch: Sequence[ValidationError], depth: int) -> tuple[int, int, int]:
    """How far a value is from an alternative: of another type, of another kind by its own word, or faulty."""
    other_type = any(leaf.validator == "type" and len(leaf.absolute_path) == depth for leaf in branch)
    other_kind = any(leaf.validator in ("const", "enum") for leaf in branch)
    return int(other_type), int(other_kind), len(branch)


def _step(part: object) -> str:
    return "[]" if isinstance(part, int) else f".{member(str(part))}"


def _what(error: ValidationError) -> str:
    """The error as a clause whose subject is the place."""
    value, rule = error.instance, error.validator_value
    kind = error.validator
    if kind in ("required", "additionalProperties"):
        what = str(error.message)
    elif kind == "type":
        allowed = [_TYPES.get(str(name), str(name)) for name in (rule if isinstance(rule, list) else [rule])]
        what = f"is {_kind_of(value)}{_in_brackets(value)} instead of {' or '.join(allowed)}"
    elif kind in ("enum", "const"):
        options = rule if isinstance(rule, list) else [rule]
        what = f"is {shown(value)}, none of {', '.join(map(shown, options))}"
    elif kind == "format":
        what = f"{shown(value)} is no {rule}"
    elif kind == "pattern":
        what = f"{shown(value)} does not match {rule}"
    elif kind == "oneOf":
        what = f"{shown(value)} fits several of the documented alternatives, and may fit one alone"
    elif kind in _BOUNDS:
        what = _BOUNDS[kind].format(value=shown(value), rule=shown(rule))
    else:
        what = str(error.message)
    return what if len(what) <= _LONGEST_WHAT else what[:_LONGEST_WHAT - 1] + "…"


def _kind_of(value: object) -> str:
    return _NAMES.get(type(value), type(value).__name__)


def _in_brackets(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else f" ({shown(value)})"
