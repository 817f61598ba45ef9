"""Checks bodies against the documented media types and their schemas."""

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
_NOT_CHECKABLE = object()
_MAX_CACHED = 1000


@dataclass(frozen=True, slots=True)
class Content:
    """The documented bodies of one request or answer, by media type; empty if none is documented."""

    side: Side
    required: bool
    media: Mapping[str, tuple[Schema, Validator]]
    # caches: equal bodies have equal results
    _faults: dict[Body, tuple[Fault, ...]] = field(default_factory=dict, compare=False)
    _undocumented: dict[Body, tuple[str, ...]] = field(default_factory=dict, compare=False)

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
            # Browsers do not record the bodies of redirects and of aborted requests: only a length of 0 is proof.
            if self.required and (self.side == "request" or message.header("Content-Length") == "0"):
                yield Fault(f"{self.side}.body", ContractFault("required"))
            return
        entry = self._entry(body.mime)
        if entry is None:
            if body.mime or message.headers:
                fault = ContractFault("mediaType", body.mime, tuple(self.media))
                yield Fault(f"{self.side}.header.Content-Type", fault)
            return
        if body not in self._faults:
            _bounded(self._faults)[body] = tuple(self._faults_of(body, *entry))
        yield from self._faults[body]

    def undocumented(self, message: Message) -> Iterator[str]:
        """The members that are not in the schema, or the body if none is documented."""
        body = message.body
        if body is None:
            return
        if not self.media:
            yield f"{self.side}.body"
            return
        entry = self._entry(body.mime)
        if entry is None:
            return
        if body not in self._undocumented:
            value = _value(body, entry[0])
            _bounded(self._undocumented)[body] = () if value is _NOT_CHECKABLE else tuple(dict.fromkeys(
                undocumented_members([entry[0]], value, f"{self.side}.body")))
        yield from self._undocumented[body]

    def _faults_of(self, body: Body, schema: Schema, validator: Validator) -> Iterator[Fault]:
        value = _value(body, schema)
        if value is not _NOT_CHECKABLE:
            yield from faults_of(validator.iter_errors(value), f"{self.side}.body")
        elif body.is_json and body.text is not None and not body.truncated:
            yield Fault(f"{self.side}.body", ContractFault("json"))

    def _entry(self, mime: str) -> tuple[Schema, Validator] | None:
        ranges = (mime, f"{mime.partition('/')[0]}/*", "*/*")
        return next((self.media[name] for name in ranges if name in self.media), None)


def _value(body: Body, schema: Schema) -> Any:  # noqa: ANN401  any JSON
    """The value to check; _NOT_CHECKABLE if it is unknown."""
    if body.text is None or body.truncated:
        return _NOT_CHECKABLE
    if body.is_json:
        try:
            return json.loads(body.text)
        except (ValueError, RecursionError):
            return _NOT_CHECKABLE
    return _form(body.text, schema) if body.mime == _FORM else _NOT_CHECKABLE


def _bounded(memory: dict[Body, Any]) -> dict[Body, Any]:
    if len(memory) >= _MAX_CACHED:
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
