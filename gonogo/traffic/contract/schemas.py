"""The schemas of one OpenAPI document, prepared for validation: references resolved, validators built once.

What a schema says that cannot be used is marked in it, and concerns only the values that reach it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import unquote

from gonogo.traffic.contract.checker import Checker
from gonogo.traffic.contract.keyword_values import unusable_value
from gonogo.traffic.contract.keywords import CHOICES, UNUSABLE, Effort, formats_of, validator_kind
from gonogo.traffic.contract.patterns import PatternUnusable, check

Side = Literal["request", "response"]

NOT_READ = "x-gonogo-not-read"  # beside a `$ref` to another document: why that was not read
MAX_SCHEMAS = 1_000_000  # that are prepared of one document
# Keywords whose value is a schema, a list of schemas, or schemas by name.
_ONE = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
                  "unevaluatedProperties", "unevaluatedItems"})
_LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
_SAME_VALUE = ("allOf", "anyOf", "oneOf", "if", "then", "else")  # their schemas apply to the very same value
# Annotations, and what references have made use of already.
_LEFT_OUT = frozenset({"description", "example", "examples", "title", "default", "externalDocs", "xml", "discriminator",
                       "definitions", "id", "summary"})
_MAX_HOPS = 32

_Hidden = frozenset[str] | None


class SchemaFault(ValueError):
    """A part of the document cannot be used: a reference is missing or circular."""


class Schemas:
    """The schemas of `document`. `notes` are the reasons why parts of those that were prepared cannot be used."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._ready: dict[tuple[int, Side, _Hidden], dict[str, Any]] = {}
        self._waiting: list[tuple[dict[str, Any], dict[str, Any], Side, _Hidden]] = []
        self._left = MAX_SCHEMAS  # that may be looked at for members that one side alone sends
        self._names: dict[str, object] | None = None
        self.notes: dict[str, None] = {}
        version = ".".join(str(document.get("openapi", "3.0")).split(".")[:2])
        self._version = version if version in ("3.1", "3.2") else "3.0"
        self._effort = Effort()
        self._kind = validator_kind(self._version, self._effort)
        self._formats = formats_of(self._version)

    def resolved(self, node: object) -> dict[str, Any]:
        """A path item, parameter, header, body or response, with `$ref` resolved; {} if it is not an object."""
        for _hop in range(_MAX_HOPS):
            if not isinstance(node, dict):
                return {}
            if not isinstance(node.get("$ref"), str):
                return node
            node = self._target(node)
        raise SchemaFault("a reference is circular")

    def checker(self, schema: object, side: Side) -> Checker:
        """The check of values of one side against `schema`; a recursive schema contains itself."""
        root = self._placed(schema, side, None)
        while self._waiting:
            self._fill(*self._waiting.pop())
        return Checker(root, self._kind(root, format_checker=self._formats), self._effort)

    def _placed(self, schema: object, side: Side, hidden: _Hidden) -> dict[str, Any]:
        """The prepared schema, which is filled later.

        `hidden` are the members that this side need not have; None for a schema that is not a part of another one.
        """
        try:
            known_as, schema = self._dereferenced(schema)
        except SchemaFault as why:
            return self._unusable(str(why))
        key = id(known_as), side, hidden
        if key not in self._ready:
            if len(self._ready) >= MAX_SCHEMAS:
                return self._unusable(f"the document has more than {MAX_SCHEMAS} schemas")
            self._ready[key] = {}
            self._waiting.append((schema, self._ready[key], side, hidden))
        return self._ready[key]

    def _dereferenced(self, schema: object) -> tuple[object, dict[str, Any]]:
        """The schema that `schema` refers to, and its content: with the siblings of its `$ref`, except in 3.0."""
        hops: list[object] = []
        while isinstance(schema, dict) and isinstance(reference := schema.get("$ref", schema.get("$dynamicRef")), str):
            siblings = {key: item for key, item in schema.items()
                        if key not in _LEFT_OUT and not key.startswith(("$", "x-"))}
            if siblings and self._version != "3.0":
                plain = {key: schema[key] for key in ("$ref", "$dynamicRef", NOT_READ) if key in schema}
                return schema, {**siblings, "allOf": [plain, *_listed(siblings.get("allOf"))]}
            if any(schema is hop for hop in hops):
                raise SchemaFault(f"{reference} is circular")
            hops.append(schema)
            schema = self._target(schema)
        if isinstance(schema, bool) or schema is None:
            return schema, {"not": {}} if schema is False else {}
        if not isinstance(schema, dict):
            raise SchemaFault(f"a schema must be an object, got {type(schema).__name__}")
        return schema, schema

    def _fill(self, schema: dict[str, Any], built: dict[str, Any], side: Side, hidden: _Hidden) -> None:
        try:
            hidden = self._hidden(schema, side) if hidden is None else hidden
        except SchemaFault as fault:
            built |= self._unusable(str(fault))
            return
        for key, item in schema.items():
            if key in _LEFT_OUT or key.startswith(("$", "x-")):
                continue
            why = unusable_value(key, item, self._version) or self._invalid_pattern(key, item)
            if why:
                built.setdefault(UNUSABLE, []).append(why)
                self.notes[why] = None
            else:
                built[key] = self._part(key, item, side, hidden)
        if choices := self._choices(schema, side, hidden):
            built[CHOICES] = choices
        if self._version == "3.0" and (schema.get("nullable") is True or schema.get("x-nullable") is True):
            _allow_null(built)

    def _part(self, key: str, item: Any, side: Side, hidden: frozenset[str]) -> object:  # noqa: ANN401  any JSON
        if key == "required":
            return [name for name in item if name not in hidden]
        part_hidden = hidden if key in _SAME_VALUE else None
        if key in _ONE:
            # the library knows `true` and `false` of 3.0 in one place only
            as_is = isinstance(item, bool) and (key == "additionalProperties" or self._version != "3.0")
            return item if as_is else self._placed(item, side, part_hidden)
        if key in _LIST:
            return [self._placed(each, side, part_hidden) for each in item]
        if key in _NAMED:
            return {name: self._placed(each, side, part_hidden) for name, each in item.items()}
        return item

    def _hidden(self, schema: dict[str, Any], side: Side) -> frozenset[str]:
        """The members that only the other side sends, in `schema` and in all of its parts for the same value."""
        if not any(key in schema for key in ("required", *_SAME_VALUE)):
            return frozenset()
        flag = "readOnly" if side == "request" else "writeOnly"
        waiting: list[object] = [schema]
        known: dict[int, object] = {}
        names: set[str] = set()
        while waiting:
            part = self._followed(waiting.pop())
            if id(part) not in known:
                known[id(part)] = part
                self._left -= 1
                if self._left < 0:
                    raise SchemaFault(f"the document has more than {MAX_SCHEMAS} parts of schemas")
                names |= {name for name, each in _members(part) if self._followed(each).get(flag) is True
                          or (isinstance(each, dict) and each.get(flag) is True)}
                waiting += [each for key in _SAME_VALUE for each in _listed(part.get(key))]
        return frozenset(names)

    def _followed(self, node: object) -> dict[str, Any]:
        try:
            return self.resolved(node)
        except SchemaFault:
            return {}

    def _choices(self, schema: dict[str, Any], side: Side, hidden: frozenset[str]) -> object:
        """A discriminator's property, and its alternatives by value; None without one."""
        known = schema.get("discriminator")
        name = known.get("propertyName") if isinstance(known, dict) else None
        alternatives = [each for key in ("oneOf", "anyOf") for each in _listed(schema.get(key))]
        if not isinstance(known, dict) or not isinstance(name, str) or not alternatives:
            return None
        implied = {_last(each["$ref"]): each for each in alternatives
                   if isinstance(each, dict) and isinstance(each.get("$ref"), str)}
        mapping = known.get("mapping")
        named = {value: implied.get(target) or _reference(target) for value, target in
                 (mapping.items() if isinstance(mapping, dict) else ()) if isinstance(target, str)}
        return name, {value: self._placed(each, side, hidden | self._hidden(self._followed(each), side))
                      for value, each in {**implied, **named}.items()}

    def _unusable(self, why: str) -> dict[str, Any]:
        self.notes[why] = None
        return {UNUSABLE: [why]}

    def _invalid_pattern(self, key: str, item: object) -> str:
        patterns: Iterable[object] = [item] if key == "pattern" else item if key == "patternProperties" else ()  # type: ignore[assignment]
        try:
            for pattern in patterns:
                check(str(pattern))
        except PatternUnusable as why:
            return str(why)
        return ""

    def _target(self, node: Mapping[str, Any]) -> object:
        """What the `$ref` of `node` refers to: a pointer, an anchor or an `$id`."""
        reference = str(node.get("$ref", node.get("$dynamicRef")))
        address, _hash, pointer = reference.partition("#")
        pointer = unquote(pointer)
        if NOT_READ in node:
            raise SchemaFault(str(node[NOT_READ]))
        if not address and (not pointer or pointer.startswith("/")):
            return _at(self._document, pointer, reference)
        names = self._named()
        if reference in names:
            return names[reference]
        if address in names:
            return _at(names[address], pointer, reference)
        raise SchemaFault(f"it refers to {'another document, ' if address else ''}{reference}, which "
                          + ("was not read" if address else "does not exist"))

    def _named(self) -> dict[str, object]:
        """The schemas by their `$id` and, with `#`, by their anchor."""
        if self._names is None:
            self._names = {}
            waiting: list[object] = [self._document]
            while waiting:
                node = waiting.pop()
                if isinstance(node, dict):
                    names = {"$id": node.get("$id"), **{key: f"#{node[key]}" for key in ("$anchor", "$dynamicAnchor")
                                                        if isinstance(node.get(key), str)}}
                    self._names.update((name, node) for name in names.values() if isinstance(name, str))
                waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        return self._names


def _at(document: object, pointer: str, reference: str) -> object:
    node = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            raise SchemaFault(f"it refers to {reference}, which does not exist")
    return node


def _members(schema: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    members = schema.get("properties")
    return members.items() if isinstance(members, dict) else ()


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def _last(reference: str) -> str:
    return unquote(reference.rpartition("/")[2])


def _reference(target: str) -> dict[str, str]:
    """A discriminator's mapping names a schema or refers to it."""
    return {"$ref": target if "#" in target or "/" in target else f"#/components/schemas/{target}"}


def _allow_null(built: dict[str, Any]) -> None:
    """Allow null for `nullable` with an enum or allOf: generators intend this, although the specification forbids it.
    """
    built["nullable"] = True
    if isinstance(built.get("enum"), list) and None not in built["enum"]:
        built["enum"] = [*built["enum"], None]
    if "type" not in built:
        composed = {key: built.pop(key) for key in ("allOf", "oneOf", "anyOf", CHOICES) if key in built}
        if composed:
            built["anyOf"] = [{"enum": [None]}, composed]
