"""Which values the keywords of a schema may have; a keyword with another value cannot be checked, the others can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

_Test = Callable[[object], bool]
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})


def unusable_value(keyword: str, value: object, version: str) -> str:
    """Why `keyword` cannot be used with `value`; empty if it can, or is not known. `version` is "3.0" or later."""
    tests = _IN_3_0 if version == "3.0" else _SINCE_3_1
    expected, test = tests.get(keyword) or _ALWAYS.get(keyword) or ("", _is_anything)
    return "" if test(value) else f"`{keyword}` must be {expected}, got {_short(value)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _is_anything(_value: object) -> bool:
    return True


def _is_schema(value: object) -> bool:
    return isinstance(value, dict | bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == int(value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_schemas(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_schema, value))


def _are_named_schemas(value: object) -> bool:
    return isinstance(value, dict) and _all_schemas(value.values())


def _all_schemas(values: Iterable[object]) -> bool:
    return all(map(_is_schema, values))


def _are_named_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_are_texts, value.values()))


def _is_type(value: object) -> bool:
    return isinstance(value, str) and value in _TYPES


def _are_types(value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in {*_TYPES, "null"} for name in names)


_SCHEMA = ("a schema", _is_schema)
_SCHEMAS = ("a list of schemas", _are_schemas)
_NAMED_SCHEMAS = ("schemas by name", _are_named_schemas)
_NUMBER = ("a number", _is_number)
_COUNT = ("a whole number from 0", _is_count)
_FLAG = ("true or false", _is_flag)
_TEXT = ("a string", _is_text)

_ALWAYS: Mapping[str, tuple[str, _Test]] = {
    "allOf": _SCHEMAS, "anyOf": _SCHEMAS, "oneOf": _SCHEMAS, "prefixItems": _SCHEMAS, "not": _SCHEMA, "if": _SCHEMA,
    "then": _SCHEMA, "else": _SCHEMA, "items": _SCHEMA, "contains": _SCHEMA, "propertyNames": _SCHEMA,
    "additionalProperties": _SCHEMA, "unevaluatedItems": _SCHEMA, "unevaluatedProperties": _SCHEMA,
    "properties": _NAMED_SCHEMAS, "patternProperties": _NAMED_SCHEMAS, "dependentSchemas": _NAMED_SCHEMAS,
    "minimum": _NUMBER, "maximum": _NUMBER, "multipleOf": ("a number above 0", _is_positive),
    "minLength": _COUNT, "maxLength": _COUNT, "minItems": _COUNT, "maxItems": _COUNT, "minProperties": _COUNT,
    "maxProperties": _COUNT, "minContains": _COUNT, "maxContains": _COUNT, "uniqueItems": _FLAG,
    "enum": ("a list", _is_list), "required": ("a list of names", _are_texts),
    "dependentRequired": ("lists of names by name", _are_named_texts), "pattern": _TEXT, "format": _TEXT}
_IN_3_0: Mapping[str, tuple[str, _Test]] = {
    "type": ("one of " + ", ".join(sorted(_TYPES)), _is_type), "nullable": _FLAG,
    "exclusiveMinimum": _FLAG, "exclusiveMaximum": _FLAG}
_SINCE_3_1: Mapping[str, tuple[str, _Test]] = {
    "type": ("one or a list of " + ", ".join(sorted({*_TYPES, "null"})), _are_types),
    "exclusiveMinimum": _NUMBER, "exclusiveMaximum": _NUMBER}
