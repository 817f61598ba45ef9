"""Checks parameters and headers against OpenAPI: finds them in a message, parses and validates them.

`bodies` checks bodies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from gonogo.model.calls import ContractFault, GapCause
from gonogo.secrets.masking import is_masked
from gonogo.traffic.contract.checker import Checker
from gonogo.traffic.contract.faults import Fault, Gap, member
from gonogo.traffic.contract.forms import member_names, typed, typed_list, typed_object, types_of
from gonogo.traffic.contract.schemas import SchemaFault, Schemas, Side

_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})  # required by OpenAPI
_PLACES = frozenset({"path", "query", "header", "cookie"})
# The separator of a list's items, and what stands before the first, by style and whether it is exploded.
_NOTATIONS = {
    ("simple", False): ("", ","), ("simple", True): ("", ","), ("form", False): ("", ","),
    ("spaceDelimited", False): ("", " "), ("pipeDelimited", False): ("", "|"), ("tabDelimited", False): ("", "\t"),
    ("label", False): (".", ","), ("label", True): (".", "."),
    ("matrix", False): (";{}=", ","), ("matrix", True): (";{}=", ";{}=")}
_REPEATED = frozenset({"form", "spaceDelimited", "pipeDelimited", "tabDelimited"})  # by name, if they are exploded
_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a request (`place` is path, query, header or cookie), or one header of an answer."""

    name: str
    place: str
    required: bool
    style: str
    explode: bool
    is_json: bool
    may_be_empty: bool
    checker: Checker

    @classmethod
    def of(cls, raw: Mapping[str, Any], schemas: Schemas, side: Side) -> Parameter:
        """Raises SchemaFault if it has no name or place."""
        name, place = raw.get("name"), raw.get("in")
        if not isinstance(name, str) or not isinstance(place, str) or place not in _PLACES:
            raise SchemaFault(f"a parameter needs `name`, and `in` as path, query, header or cookie, got {name!r} in "
                              f"{place!r}")
        style = str(raw.get("style", "simple" if place in ("path", "header") else "form"))
        content = raw.get("content")
        media = next(iter(content.values()), None) if isinstance(content, dict) else None
        holder = media if isinstance(media, dict) else raw
        return cls(name, place, bool(raw.get("required")), style, bool(raw.get("explode", style == "form")),
                   isinstance(media, dict), bool(raw.get("allowEmptyValue")),
                   schemas.checker(holder.get("schema", True), side))

    @property
    def where(self) -> str:
        """Its name as in the document, quoted if it contains `.` or `[`."""
        return f"'{self.name}'" if set(self.name) & set(".[") else self.name

    @property
    def spread(self) -> bool:
        """Whether the members of an object are query parameters of their own."""
        return (self.place in ("query", "cookie") and self.style == "form" and self.explode and not self.is_json
                and "object" in types_of(self.checker.schema))

    def faults(self, pairs: Sequence[tuple[str, str]], where: str) -> Iterator[Fault | Gap]:
        """The faults of what `pairs`, all the names and values of its place in the message, have of it."""
        value = self._value(pairs)
        if value is None:
            if self.required:
                yield Fault(where, ContractFault("required"))
        elif value is not _UNKNOWN:
            yield from self.checker.check(value[0], where)

    def _value(self, pairs: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401
        """(value,); None if it is absent, _UNKNOWN if it is not known, or any value is good."""
        found = self._deep(pairs) if self.style == "deepObject" else self._spread(pairs) if self.spread else \
            [(name, text) for name, text in pairs if name == self.name]
        if any(is_masked(text) for _name, text in found):
            return _UNKNOWN
        if self.style == "deepObject" or self.spread:
            return (typed_object(found, self.checker.schema),) if found else None
        texts = [text for _name, text in found]
        if not texts:
            return None
        return _UNKNOWN if self.may_be_empty and texts == [""] else self._parsed(texts)

    def _deep(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        prefix = self.name + "["
        return [(name[len(prefix):-1], text) for name, text in pairs if name.startswith(prefix) and name.endswith("]")
                and "[" not in name[len(prefix):]]

    def _spread(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The members that are documented: other names may belong to other parameters."""
        known = member_names(self.checker.schema)
        return [(name, text) for name, text in pairs if name in known]

    def _parsed(self, texts: Sequence[str]) -> Any:  # noqa: ANN401
        schema, types = self.checker.schema, types_of(self.checker.schema)
        if self.is_json:
            try:
                return (json.loads(texts[0]),)
            except (ValueError, RecursionError):
                return (texts[0],)
        if "array" not in types and "object" not in types:
            start = _NOTATIONS.get((self.style, self.explode), ("", ","))[0].format(self.name)
            return (typed(texts[0].removeprefix(start), types),)
        if "array" in types and self.explode and self.style in _REPEATED and self.place in ("query", "cookie"):
            return (typed_list(texts, schema),)
        parts = self._parts(texts[0])
        if "array" in types:
            return (typed_list(parts, schema),)
        pairs = [(name, text) for name, _sign, text in (part.partition("=") for part in parts)] if self.explode \
            else list(zip(parts[::2], parts[1::2], strict=False))
        return (typed_object(pairs, schema),)

    def _parts(self, text: str) -> list[str]:
        start, separator = (each.format(self.name) for each in _NOTATIONS.get((self.style, self.explode), ("", ",")))
        if self.style == "matrix" and self.explode and "object" in types_of(self.checker.schema):
            start = separator = ";"
        parts = text.removeprefix(start).split(separator)
        return [part.strip(" ") for part in parts] if self.place == "header" else parts


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one operation. `keys` are names of API keys in the query; `broken` are parameters that cannot
    be used.
    """

    known: tuple[Parameter, ...]
    keys: frozenset[str] = frozenset()
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, path_item: Mapping[str, Any], operation: Mapping[str, Any], schemas: Schemas,
           keys: frozenset[str] = frozenset()) -> Parameters:
        """An operation's parameters override those of its path with the same name and place."""
        known: dict[tuple[str, str], Parameter] = {}
        broken: dict[str, None] = {}
        for each in (each for holder in (path_item, operation) for each in _listed(holder.get("parameters"))):
            try:
                parameter = Parameter.of(schemas.resolved(each), schemas, "request")
            except SchemaFault as why:
                broken[str(why)] = None
                continue
            known[parameter.place, parameter.name] = parameter
        return cls(tuple(each for each in known.values()
                         if each.place != "header" or each.name.lower() not in _IGNORED_HEADERS), keys, tuple(broken))

    def faults(self, path: Mapping[str, str], query: Sequence[tuple[str, str]],
               headers: Sequence[tuple[str, str]]) -> Iterator[Fault | Gap]:
        """The faults of a request. Headers and cookies are not checked if no header was recorded."""
        yield from (Gap("request", GapCause.PART, why) for why in self.broken)
        places = {"path": list(path.items()), "query": query, "cookie": _cookies(headers)}
        for parameter in self.known:
            where = f"request.{parameter.place}.{parameter.where}"
            unknown = parameter.name not in path if parameter.place == "path" else \
                parameter.place in ("header", "cookie") and not headers
            if unknown:  # also a path parameter that the path does not have: that is the document's fault
                continue
            if parameter.place == "header":
                yield from parameter.faults([(parameter.name, value) for value in
                                             header_values(headers, parameter.name)], where)
            else:
                yield from parameter.faults(places[parameter.place], where)

    def undocumented(self, query: Sequence[tuple[str, str]]) -> Iterator[str]:
        """The undocumented query parameters; none if a documented one is an object, whose members have any name."""
        known = [parameter for parameter in self.known if parameter.place == "query"]
        if any("object" in types_of(parameter.checker.schema) and parameter.style == "form" for parameter in known):
            return
        names = {parameter.name for parameter in known} | self.keys
        yield from dict.fromkeys(f"request.query.{member(name)}" for name, _value in query
                                 if name.partition("[")[0] not in names and name not in names)


def header_values(headers: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name.lower()]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _cookies(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    cookies: list[tuple[str, str]] = []
    for value in header_values(headers, "cookie"):
        try:
            cookies += [(name, cookie.value) for name, cookie in SimpleCookie(value).items()]
        except CookieError:
            continue
    return cookies
