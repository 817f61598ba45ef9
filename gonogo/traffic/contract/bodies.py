"""Checks bodies against the documented media types and their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gonogo.model.calls import ContractFault, GapCause
from gonogo.model.exchange import MAX_TEXT_BYTES, Body, Message, is_json
from gonogo.traffic.contract.checker import Checker
from gonogo.traffic.contract.faults import Fault, Gap
from gonogo.traffic.contract.forms import form_value, types_of
from gonogo.traffic.contract.schemas import Schemas, Side

_FORM = "application/x-www-form-urlencoded"
_NOT_CHECKABLE = object()
_MAX_CACHED = 1000


@dataclass(frozen=True, slots=True)
class Content:
    """The documented bodies of one request or answer, by media type; empty if none is documented."""

    side: Side
    required: bool
    media: Mapping[str, Checker]
    # caches: equal bodies have equal results
    _faults: dict[Body, tuple[Fault | Gap, ...]] = field(default_factory=dict, compare=False)
    _undocumented: dict[Body, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, raw: Mapping[str, Any], schemas: Schemas, side: Side, *, required: bool) -> Content:
        """Raises SchemaFault if a reference to a media type cannot be followed."""
        content = raw.get("content")
        media = {str(name).partition(";")[0].strip().lower():
                 schemas.checker(schemas.resolved(each).get("schema", True), side)
                 for name, each in (content.items() if isinstance(content, dict) else ())}
        return cls(side, required, media)

    @property
    def uncheckable(self) -> tuple[str, ...]:
        """The media types with a schema for structured values that bodies of this type are not parsed to."""
        return tuple(mime for mime, checker in self.media.items() if not _is_parsed(mime) and not mime.endswith("*")
                     and types_of(checker.schema) & {"object", "array"})

    def faults(self, message: Message) -> Iterator[Fault | Gap]:
        body = message.body
        if not self.media:
            return
        if body is None:
            # Browsers do not record the bodies of redirects and of aborted requests: only a length of 0 is proof.
            if self.required and (self.side == "request" or message.header("Content-Length") == "0"):
                yield Fault(f"{self.side}.body", ContractFault("required"))
            return
        checker = self._checker(body.mime)
        if checker is None:
            if body.mime or message.headers:
                fault = ContractFault("mediaType", body.mime, tuple(self.media))
                yield Fault(f"{self.side}.header.Content-Type", fault)
            return
        if body not in self._faults:
            _bounded(self._faults)[body] = tuple(self._faults_of(body, checker))
        yield from self._faults[body]

    def undocumented(self, message: Message) -> Iterator[str]:
        """The members that are not in the schema, or the body if none is documented."""
        body = message.body
        if body is None:
            return
        if not self.media:
            yield f"{self.side}.body"
            return
        checker = self._checker(body.mime)
        if checker is None:
            return
        if body not in self._undocumented:
            _bounded(self._undocumented)[body] = self._undocumented_in(body, checker)
        yield from self._undocumented[body]

    def _undocumented_in(self, body: Body, checker: Checker) -> tuple[str, ...]:
        try:
            value = _value(body, checker)
        except (ValueError, RecursionError):
            return ()
        return () if value is _NOT_CHECKABLE else checker.undocumented(value, f"{self.side}.body")

    def _faults_of(self, body: Body, checker: Checker) -> Iterator[Fault | Gap]:
        where = f"{self.side}.body"
        try:
            value = _value(body, checker)
        except json.JSONDecodeError:
            yield Fault(where, ContractFault("json"))
            return
        except (ValueError, RecursionError):  # numbers of thousands of digits
            yield Gap(where, GapCause.LIMIT, "it is nested too deeply, or has a number of too many digits")
            return
        if value is not _NOT_CHECKABLE:
            yield from checker.check(value, where)
        elif not _is_whole(body) and _is_parsed(body.mime) and checker.schema:
            yield Gap(where, GapCause.BODY, f"of {body.size} bytes, up to {MAX_TEXT_BYTES} are recorded"
                      if body.size > MAX_TEXT_BYTES else "")

    def _checker(self, mime: str) -> Checker | None:
        ranges = (mime, f"{mime.partition('/')[0]}/*", "*/*")
        return next((self.media[name] for name in ranges if name in self.media), None)


def _value(body: Body, checker: Checker) -> Any:  # noqa: ANN401  any JSON
    """The value to check; _NOT_CHECKABLE if it is unknown. Raises the errors of `json.loads`."""
    if body.text is None or body.truncated:
        return _NOT_CHECKABLE
    if body.is_json:
        return json.loads(body.text)
    if body.mime == _FORM:
        return form_value(body.text, checker.schema)
    return _NOT_CHECKABLE


def _is_parsed(mime: str) -> bool:
    """Whether a body of this media type is checked against a schema."""
    return is_json(mime) or mime == _FORM


def _is_whole(body: Body) -> bool:
    return body.text is not None and not body.truncated


def _bounded(memory: dict[Body, Any]) -> dict[Body, Any]:
    if len(memory) >= _MAX_CACHED:
        memory.clear()
    return memory
