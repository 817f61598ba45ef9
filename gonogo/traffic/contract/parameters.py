"""Checks parameters and headers against OpenAPI: finds them in a message, parses and validates them.

`bodies` checks bodies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from jsonschema.protocols import Validator

from gonogo.model.calls import ContractFault
from gonogo.secrets.masking import is_masked
from gonogo.traffic.contract.faults import Fault, faults_of, member
from gonogo.traffic.contract.schemas import Schema, Schemas, Side

_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})  # required by OpenAPI
_INTEGER = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_PLAIN_STYLES = frozenset({"form", "simple", "spaceDelimited", "pipeDelimited"})
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a request (`place` is path, query, header or cookie), or one header of an answer."""

    name: str
    place: str
    required: bool
    style: str
    explode: bool
    is_json: bool
    schema: Schema
    validator: Validator

    @classmethod
    def of(cls, raw: Mapping[str, Any], schemas: Schemas, side: Side) -> Parameter:
        place = str(raw.get("in", "header"))
        style = str(raw.get("style", "simple" if place in ("path", "header") else "form"))
        content = raw.get("content")
        media: Mapping[str, Any] = next(iter(content.values()), {}) if isinstance(content, dict) else {}
        schema = schemas.ready(media.get("schema", True) if content else raw.get("schema", True))
        return cls(str(raw.get("name")), place, bool(raw.get("required")), style,
                   bool(raw.get("explode", style == "form")), bool(content), schema, schemas.validator(schema, side))

    def faults(self, values: Sequence[str], where: str) -> tuple[Fault, ...]:
        """The faults of `values`, all values of this name in the message."""
        if not values:
            return (Fault(where, ContractFault("required")),) if self.required else ()
        if any(map(is_masked, values)) or self.style not in _PLAIN_STYLES:
            return ()
        types = types_of(self.schema)
        if "object" in types and not self.is_json:
            return ()  # spread over several names, or in a notation that is not supported
        return faults_of(self.validator.iter_errors(self._value(values, types)), where)

    def _value(self, values: Sequence[str], types: frozenset[str]) -> Any:  # noqa: ANN401  any JSON
        if self.is_json:
            try:
                return json.loads(values[0])
            except ValueError:
                return values[0]
        if "array" not in types:
            return typed(values[0], types)
        items = self.schema.get("items", True) if isinstance(self.schema, dict) else True
        if not (self.explode and self.place == "query"):
            values = values[0].split(_SEPARATORS.get(self.style, ","))
        return [typed(value.strip(" ") if self.place == "header" else value, types_of(items)) for value in values]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one operation."""

    known: tuple[Parameter, ...]

    @classmethod
    def of(cls, path_item: Mapping[str, Any], operation: Mapping[str, Any], schemas: Schemas) -> Parameters:
        """An operation's parameters override those of its path with the same name and place."""
        raws = {(raw.get("in"), raw.get("name")): raw for holder in (path_item, operation)
                for each in holder.get("parameters", ()) if (raw := schemas.resolved(each))}
        return cls(tuple(Parameter.of(raw, schemas, "request") for raw in raws.values()
                         if raw.get("in") != "header" or str(raw.get("name")).lower() not in _IGNORED_HEADERS))

    def faults(self, path: Mapping[str, str], query: Sequence[tuple[str, str]],
               headers: Sequence[tuple[str, str]]) -> Iterator[Fault]:
        """The faults of a request. Headers and cookies are not checked if no header was recorded."""
        cookies = _cookies(headers)
        for parameter in self.known:
            where = f"request.{parameter.place}.{member_of(parameter)}"
            if parameter.place == "path":
                values = [path[parameter.name]] if parameter.name in path else []
            elif parameter.place == "query":
                values = [value for name, value in query if name == parameter.name]
            elif not headers:
                continue
            elif parameter.place == "cookie":
                values = cookies.get(parameter.name, [])
            else:
                values = header_values(headers, parameter.name)
            yield from parameter.faults(values, where)

    def undocumented(self, query: Sequence[tuple[str, str]]) -> Iterator[str]:
        """The undocumented query parameters; none if a documented one is an object, whose members have any name."""
        known = [parameter for parameter in self.known if parameter.place == "query"]
        if any("object" in types_of(parameter.schema) and parameter.style == "form" for parameter in known):
            return
        names = {parameter.name for parameter in known}
        yield from dict.fromkeys(f"request.query.{member(name)}" for name, _value in query
                                 if name.partition("[")[0] not in names and name not in names)


def member_of(parameter: Parameter) -> str:
    """Its name as in the document, quoted if it contains `.` or `[`."""
    return f"'{parameter.name}'" if set(parameter.name) & set(".[") else parameter.name


def header_values(headers: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name.lower()]


def types_of(schema: Schema) -> frozenset[str]:
    """The types that a schema allows; empty if it does not restrict them."""
    if not isinstance(schema, dict):
        return frozenset()
    own = schema.get("type", ())
    types = {own} if isinstance(own, str) else set(own)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            types |= types_of(part)
    return frozenset(types)


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


def _cookies(headers: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    cookies: dict[str, list[str]] = {}
    for value in header_values(headers, "cookie"):
        try:
            for name, cookie in SimpleCookie(value).items():
                cookies.setdefault(name, []).append(cookie.value)
        except CookieError:
            continue
    return cookies
