"""The schemas of one OpenAPI document, prepared for validation: references resolved, validators built once.

`faults` describes violations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from openapi_schema_validator import (
    OAS30Validator,
    OAS31Validator,
    OAS32Validator,
    oas30_format_checker,
    oas31_format_checker,
)
from regress import Regex, RegressError

Schema = dict[str, Any] | bool  # foreign JSON
Side = Literal["request", "response"]

# Keywords whose value is a schema, a list of schemas, or schemas by name.
_ONE = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
                  "unevaluatedProperties", "unevaluatedItems"})
_LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
# Annotations, and `discriminator`, whose references are resolved already.
_LEFT_OUT = frozenset({"description", "example", "examples", "title", "default", "externalDocs", "xml", "discriminator",
                       "$defs", "$comment"})
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.?[^\s@<>]+")


class SchemaFault(ValueError):
    """A schema cannot be prepared: a reference is missing or circular."""


class Schemas:
    """The schemas of `document`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._ready: dict[int, Schema] = {}
        self.notes: dict[str, None] = {}  # what is not checked in the schemas that were prepared
        version = str(document.get("openapi", "3.0"))
        self._is_30 = version.startswith("3.0")
        kind = OAS30Validator if self._is_30 else OAS32Validator if version.startswith("3.2") else OAS31Validator
        self._kinds = {side: _validator_kind(kind, side) for side in ("request", "response")}
        self._formats = _formats(oas30_format_checker if self._is_30 else oas31_format_checker)

    def resolved(self, node: object) -> dict[str, Any]:
        """A path item, parameter, header, body or response, with `$ref` resolved; {} if it is not an object."""
        for _hop in range(32):
            if not isinstance(node, dict):
                return {}
            if not isinstance(node.get("$ref"), str):
                return node
            node = self._target(node["$ref"])
        raise SchemaFault("a reference is circular")

    def ready(self, schema: object) -> Schema:
        """`schema` with its references resolved; a recursive schema contains itself."""
        hops: list[dict[str, Any]] = []
        while isinstance(schema, dict) and id(schema) not in self._ready:
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return self._built(schema)
            siblings = {key: item for key, item in schema.items() if key not in (*_LEFT_OUT, "$ref", "summary")}
            if siblings and not self._is_30:
                combined = {**siblings, "allOf": [{"$ref": reference}, *siblings.get("allOf", [])]}
                return self._built(combined, schema)
            if any(schema is hop for hop in hops):
                raise SchemaFault(f"{reference} is circular")
            hops.append(schema)
            schema = self._target(reference)
        if isinstance(schema, dict):
            return self._ready[id(schema)]
        return schema if isinstance(schema, bool) else True

    def validator(self, schema: Schema, side: Side) -> Validator:
        made: Validator = self._kinds[side](schema, format_checker=self._formats)
        return made

    def _built(self, schema: dict[str, Any], known_as: dict[str, Any] | None = None) -> Schema:
        # registered before its parts are built, for recursive schemas
        built: dict[str, Any] = {}
        self._ready[id(known_as or schema)] = built
        for key, item in schema.items():
            if key in _ONE and isinstance(item, dict | bool):
                built[key] = self.ready(item)
            elif key in _LIST and isinstance(item, list):
                built[key] = [self.ready(each) for each in item]
            elif key in _NAMED and isinstance(item, dict):
                built[key] = {name: self.ready(each) for name, each in item.items()}
            elif key not in _LEFT_OUT:
                built[key] = item
        pattern = built.get("pattern")
        if pattern is not None and (not isinstance(pattern, str) or compiled(pattern) is None):
            invalid = built.pop("pattern")
            self.notes[f"the pattern {invalid!r} is not checked: it is not a valid regular expression"] = None
        if self._is_30 and built.get("nullable") is True:
            _allow_null(built)
        return built

    def _target(self, reference: str) -> object:
        address, _hash, pointer = reference.partition("#")
        if address:
            raise SchemaFault(f"it refers to another document, {address}; bundle both into one")
        node: object = self._document
        for part in unquote(pointer).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and name in node:
                node = node[name]
            elif isinstance(node, list) and name.isdigit() and int(name) < len(node):
                node = node[int(name)]
            else:
                raise SchemaFault(f"it refers to {reference}, which does not exist")
        if pointer and not pointer.startswith("/"):
            raise SchemaFault(f"it refers to the anchor {reference}; only paths are supported")
        return node


def _allow_null(built: dict[str, Any]) -> None:
    """Allow null for `nullable` with an enum or allOf: generators intend this, although the specification forbids it.
    """
    if isinstance(built.get("enum"), list) and None not in built["enum"]:
        built["enum"] = [*built["enum"], None]
    if "type" not in built:
        composed = {key: built.pop(key) for key in ("allOf", "oneOf", "anyOf") if key in built}
        if composed:
            built["anyOf"] = [{"enum": [None]}, composed]


def _validator_kind(kind: Any, side: Side) -> Any:  # noqa: ANN401  classes made at run time by jsonschema
    """`kind` with ECMAScript patterns, and with a separate error for each missing or unknown member."""
    hidden = "readOnly" if side == "request" else "writeOnly"

    def required(validator: Any, names: Any, instance: object, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401
        if not isinstance(instance, dict) or not isinstance(names, list):
            return
        for name in names:
            member = schema.get("properties", {}).get(name)
            if name not in instance and not (isinstance(member, dict) and member.get(hidden)):
                yield ValidationError("is missing", path=[name])

    def additional(validator: Any, allowed: Any, instance: object, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401
        if not isinstance(instance, dict):
            return
        for name in additional_members(instance, schema):
            if allowed is False:
                yield ValidationError("is not documented, and undocumented members are not allowed", path=[name],
                                      instance=instance[name])
            else:
                yield from validator.descend(instance[name], allowed, path=name)

    extended: Any = extend(kind, {"required": required, "additionalProperties": additional, "pattern": _pattern})  # type: ignore[no-untyped-call]
    return extended


def additional_members(instance: Mapping[str, object], schema: Mapping[str, Any]) -> list[str]:
    """The members that are not in `properties` or `patternProperties` of `schema`."""
    patterns = [compiled(pattern) for pattern in schema.get("patternProperties", {})]
    return [name for name in instance if name not in schema.get("properties", {})
            and not any(pattern and pattern.find(name) for pattern in patterns)]


def _pattern(validator: Validator, pattern: Any, instance: object, schema: object) -> Iterator[ValidationError]:  # noqa: ANN401
    if isinstance(instance, str):
        known = compiled(pattern)
        if known is not None and known.find(instance) is None:
            yield ValidationError("does not match")


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Regex | None:
    """The ECMAScript pattern, in Unicode mode if possible; None if it is not a valid regular expression."""
    for flags in ("u", ""):
        try:
            return Regex(pattern, flags)
        except RegressError:
            continue
    return None


def _formats(known: FormatChecker) -> FormatChecker:
    """The library's formats, with stricter checks of e-mail addresses and URIs."""
    formats = FormatChecker(formats=())
    formats.checkers = {**known.checkers, "email": (_is_email, ()), "idn-email": (_is_email, ()),
                        "uri": (_is_uri, ValueError), "url": (_is_uri, ValueError)}
    formats.checkers.pop("regex", None)
    return formats


def _is_email(value: object) -> bool:
    return not isinstance(value, str) or _EMAIL.fullmatch(value) is not None


def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and not re.search(r"[\s<>\"{}|\\^`]", value)
