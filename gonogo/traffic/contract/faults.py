"""What is wrong with a value: errors of the schema library → where, and which keyword it does not keep to.

Values are shown short; what was masked when it was recorded cannot be judged, and is never a fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from jsonschema.exceptions import ValidationError

from gonogo.model.calls import ContractFault
from gonogo.secrets.masking import is_masked
from gonogo.traffic.contract.schemas import Schema
from gonogo.traffic.http.endpoints import is_variable

_LONGEST_VALUE = 60
_LONGEST_MESSAGE = 160
_RANKS = ("required", "type", "additionalProperties", "enum", "const", "format", "pattern")
_COMPOSED = ("anyOf", "oneOf")
_COMPOSING = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else"})
_OPENING = frozenset({"additionalProperties", "patternProperties", "unevaluatedProperties"})
# keywords whose value says what is expected; all others are told in the library's own words
_TOLD = frozenset({"format", "pattern", "oneOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
                   "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"})
_MAX_FAULTS = 20  # of one body: more do not say more
_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number",
          type(None): "null"}


class Fault(NamedTuple):
    """`where` is a place in the exchange ("request.body.passengers[].name")."""

    where: str
    fault: ContractFault


def faults_of(errors: Iterable[ValidationError], top: str) -> tuple[Fault, ...]:
    """One fault for each place below `top`: the one that says most; those of an array's items once."""
    found: dict[str, tuple[int, ContractFault]] = {}
    for error in _leaves(errors):
        if isinstance(error.instance, str) and is_masked(error.instance):
            continue
        where = top + "".join(map(_step, error.absolute_path))
        rank = _RANKS.index(error.validator) if error.validator in _RANKS else len(_RANKS)
        if where not in found and len(found) >= _MAX_FAULTS:
            continue
        if where not in found or rank < found[where][0]:
            found[where] = rank, _fault(error)
    return tuple(Fault(where, fault) for where, (_rank, fault) in found.items())


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
        judged = [[leaf for leaf in branch if not (isinstance(leaf.instance, str) and is_masked(leaf.instance))]
                  for branch in leaves]
        yield from min(judged, key=lambda branch: _distance(branch, len(error.absolute_path)), default=[])


def _distance(branch: Sequence[ValidationError], depth: int) -> tuple[int, int, int]:
    """How far a value is from an alternative: of another type, of another kind by its own word, or faulty."""
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
        return ContractFault("type", _typed(value), tuple(map(str, expected)))
    if keyword in ("enum", "const"):
        return ContractFault("enum", shown(value), tuple(map(shown, rule if isinstance(rule, list) else [rule])))
    if keyword in _TOLD:
        return ContractFault(keyword, shown(value), (rule if isinstance(rule, str) else shown(rule),))
    if keyword in ("required", "additionalProperties"):
        return ContractFault(keyword)
    message = str(error.message)
    return ContractFault(keyword, message=message if len(message) <= _LONGEST_MESSAGE
                         else message[:_LONGEST_MESSAGE - 1] + "…")


def _typed(value: object) -> str:
    """Its type, and a short value itself: `string "x"`."""
    kind = _NAMES.get(type(value), type(value).__name__)
    return kind if value is None or isinstance(value, dict | list) else f"{kind} {shown(value)}"
