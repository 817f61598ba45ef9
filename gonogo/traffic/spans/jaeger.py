"""Reads spans from the JSON of Jaeger's query service (`/api/traces/{id}`). `backends` fetches it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gonogo.model.span import Kind, Span
from gonogo.traffic.spans.conventions import span_from
from gonogo.traffic.spans.foreign_json import integer, items, mapping, parsed, scalar, text
from gonogo.traffic.spans.raw_span import (
    MAX_ATTRIBUTE_BYTES,
    MAX_ATTRIBUTES,
    MAX_EVENTS,
    MAX_LINKS,
    Attributes,
    Batch,
    MalformedBatch,
)

_TRACE_DIGITS, _SPAN_DIGITS = 32, 16
_HEX = re.compile(r"[0-9a-f]*[1-9a-f][0-9a-f]*")
_KINDS: dict[str, Kind] = {"server": "server", "client": "client", "producer": "producer", "consumer": "consumer"}
_ERROR_TEXTS = ("exception.message", "message", "error.object", "exception.type")
_MAX_US = 2 ** 64 // 1000


def spans_of_jaeger(body: bytes) -> tuple[Span, ...]:
    """The spans of an answer; empty if the trace is not known (yet). Raises MalformedBatch, also if none can be read.
    """
    batch = Batch.of(_spans(parsed(body)))
    if batch.rejected and not batch.spans:
        raise MalformedBatch("the answer is not a valid Jaeger trace: no span has valid ids")
    return batch.spans


def _spans(document: object) -> Iterator[Span | None]:
    if not isinstance(document, dict):
        raise MalformedBatch("the answer is not a valid Jaeger trace: it is not an object")
    for trace in map(mapping, _list(document, "data")):
        processes = mapping(trace.get("processes"))
        for raw in map(mapping, _list(trace, "spans")):
            process = mapping(processes.get(text(raw.get("processID"))))
            yield _span(raw, text(process.get("serviceName")))


def _list(holder: Mapping[str, object], name: str) -> list[object]:
    """The member, which Go writes as null if it is empty."""
    given = holder.get(name) or []
    if not isinstance(given, list):
        raise MalformedBatch(f"the answer is not a valid Jaeger trace: {name} is not a list")
    return given


def _span(raw: Mapping[str, object], component: str) -> Span | None:
    trace_id, span_id = _id(raw.get("traceID"), _TRACE_DIGITS), _id(raw.get("spanID"), _SPAN_DIGITS)
    if not trace_id or not span_id:
        return None
    tags = _tags(raw.get("tags"))
    references = [mapping(each) for each in items(raw.get("references"))[:MAX_LINKS]]
    start_us, duration_us = (min(max(0, integer(raw.get(name))), _MAX_US) for name in ("startTime", "duration"))
    return span_from(
        trace_id=trace_id, span_id=span_id, parent_id=_parent(raw, references, trace_id), component=component,
        name=text(raw.get("operationName")), kind=_KINDS.get(tags.get("span.kind", "").lower(), "internal"),
        started_s=start_us / 1e6, duration_ms=duration_us / 1000,
        error=tags.get("error") == "true" or tags.get("otel.status_code") == "ERROR",
        error_text=_error_text(items(raw.get("logs"))[-MAX_EVENTS:]) or tags.get("otel.status_description", ""),
        attributes=tags, links=_links(references, trace_id))


def _parent(raw: Mapping[str, object], references: Sequence[Mapping[str, object]], trace_id: str) -> str:
    own = sorted((each for each in references if _trace_of(each) in ("", trace_id)),
                 key=lambda reference: reference.get("refType") != "CHILD_OF")
    return _id(own[0].get("spanID") if own else raw.get("parentSpanID"), _SPAN_DIGITS)


def _links(references: Sequence[Mapping[str, object]], trace_id: str) -> tuple[str, ...]:
    """The other traces that the span refers to: OpenTelemetry's links are references here."""
    return tuple(dict.fromkeys(linked for each in references if (linked := _trace_of(each)) not in ("", trace_id)))


def _trace_of(reference: Mapping[str, object]) -> str:
    return _id(reference.get("traceID"), _TRACE_DIGITS)


def _id(value: object, digits: int) -> str:
    """The id, with the zeros that Jaeger leaves out; "" if it is not valid."""
    given = text(value).lower()
    return given.zfill(digits) if len(given) <= digits and _HEX.fullmatch(given) else ""


def _tags(value: object) -> Attributes:
    given = (mapping(item) for item in items(value)[:MAX_ATTRIBUTES])
    read = {text(each.get("key")): scalar(each.get("value")) for each in given}
    return {key: value for key, value in read.items() if len(key) + len(value) <= MAX_ATTRIBUTE_BYTES}


def _error_text(logs: Sequence[object]) -> str:
    """The text of the last error that was logged on the span."""
    for log in reversed(logs):
        fields = _tags(mapping(log).get("fields"))
        if fields.get("event") in ("exception", "error"):
            return next((fields[name] for name in _ERROR_TEXTS if fields.get(name)), "")
    return ""
