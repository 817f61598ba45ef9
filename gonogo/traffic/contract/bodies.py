"""Bodies as OpenAPI describes them: the media types that are documented, and the schema of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from jsonschema.protocols import Validator

from gonogo.model.calls import ContractFault
from gonogo.model.exchange import Body, Message
from gonogo.traffic.contract.faults import Fault, faults_of, undocumented_members
from gonogo.traffic.contract.parameters import typed, types_of
from gonogo.traffic.contract.schemas import Schema, Schemas, Side

_FORM = "application/x-www-form-urlencoded"
_NOTHING = object()
_MAX_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Content:
    """The bodies that one request or answer may have, by media type; empty where nothing is said of any."""

    side: Side
    required: bool
    media: Mapping[str, tuple[Schema, Validator]]
    # what was found out about a body is true of every other one like it
    _faults: dict[Body, tuple[Fault, ...]] = field(default_factory=dict, compare=False)
    _unknown: dict[Body, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, raw: Mapping[str, Any], schemas: Schemas, side: Side, *, required: bool) -> Content:
        media = {}
        for name, each in (raw.get("content") or {}).items():
            schema = schemas.ready(schemas.resolved(each).get("schema", True))
            media[str(name).partition(";")[0].strip().lower()] = schema, schemas.validator(schema, side)
        return cls(side, required, media)

    def faults(self, message: Message) -> Iterator[Fault]:
        body = message.body
        if not self.media:
            return
        if body is None:
            # browsers keep no body of a redirect, nor of an answer that nobody waited for: only a length of 0 is proof
            if self.required and (self.side == "request" or message.header("Content-Length") == "0"):
                yield Fault(f"{self.side}.body", ContractFault("required"))
            return
        found = self._entry(body.mime)
        if found is None:
            if body.mime or message.headers:
                fault = ContractFault("mediaType", body.mime, tuple(self.media))
                yield Fault(f"{self.side}.header.Content-Type", fault)
            return
        if body not in self._faults:
            _bounded(self._faults)[body] = tuple(self._faults_of(body, *found))
        yield from self._faults[body]

    def undocumented(self, message: Message) -> Iterator[str]:
        """Members that the schema does not have; a body where none is documented."""
        body = message.body
        if body is None:
            return
        if not self.media:
            yield f"{self.side}.body"
            return
        found = self._entry(body.mime)
        if found is None:
            return
        if body not in self._unknown:
            value = _value(body, found[0])
            _bounded(self._unknown)[body] = () if value is _NOTHING else tuple(dict.fromkeys(
                undocumented_members([found[0]], value, f"{self.side}.body")))
        yield from self._unknown[body]

    def _faults_of(self, body: Body, schema: Schema, validator: Validator) -> Iterator[Fault]:
        value = _value(body, schema)
        if value is not _NOTHING:
            yield from faults_of(validator.iter_errors(value), f"{self.side}.body")
        elif body.is_json and body.text is not None and not body.truncated:
            yield Fault(f"{self.side}.body", ContractFault("json"))

    def _entry(self, mime: str) -> tuple[Schema, Validator] | None:
        ranges = (mime, f"{mime.partition('/')[0]}/*", "*/*")
        return next((self.media[name] for name in ranges if name in self.media), None)


def _value(body: Body, schema: Schema) -> Any:  # noqa: ANN401  any JSON
    """What is to be checked; _NOTHING where that cannot be known."""
    if body.text is None or body.truncated:
        return _NOTHING
    if body.is_json:
        try:
            return json.loads(body.text)
        except (ValueError, RecursionError):
            return _NOTHING
    return _form(body.text, schema) if body.mime == _FORM else _NOTHING


def _bounded(memory: dict[Body, Any]) -> dict[Body, Any]:
    if len(memory) >= _MAX_REMEMBERED:
        memory.clear()
    return memory


def _form(text: str, schema: Schema) -> dict[str, object]:
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    form: dict[str, object] = {}
    for name, texts in values.items():
        member = properties.get(name, True)
        types = types_of(member)
        if "array" in types:
            form[name] = [typed(each, types_of(member.get("items", True))) for each in texts]
        else:
            form[name] = typed(texts[-1], types)
    return form
