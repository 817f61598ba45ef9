"""Decodes spans from OTLP in JSON: of SDKs and collectors, with the names of Tempo and of older versions."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

from gonogo.model.span import Span
from gonogo.traffic.spans.foreign_json import integer, items, mapping, scalar, text
from gonogo.traffic.spans.raw_span import (
    MAX_ARRAY_DEPTH,
    MAX_ARRAY_ITEMS,
    MAX_ATTRIBUTE_BYTES,
    MAX_ATTRIBUTES,
    MAX_EVENTS,
    MAX_LINKS,
    Attributes,
    Batch,
    MalformedBatch,
    RawSpan,
    limited,
    span_of,
)

# The specification's name, then synonyms: of protobuf, of Tempo, of the first versions. Senders may have written the
# same spans under the new and the old name, of which the new one then counts.
_RESOURCES = ("resourceSpans", "resource_spans", "batches")
_SCOPES = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans")
_SPANS = ("spans",)
TRACE_ID, SPAN_ID = ("traceId", "trace_id"), ("spanId", "span_id")
_PARENT_ID = ("parentSpanId", "parent_span_id")
_KINDS = {f"SPAN_KIND_{name}": number for number, name in
          enumerate(("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"))}
_STATUSES = {"STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}
_TRACE_BYTES, _SPAN_BYTES = 16, 8


def decode_document(document: object) -> Batch:
    """The spans of a parsed export request. Raises MalformedBatch."""
    if not isinstance(document, dict):
        raise MalformedBatch("the body is not valid OTLP in JSON: it is not an object")
    return Batch.of(_spans(document))


def _spans(document: Mapping[str, object]) -> Iterator[Span | None]:
    for resource_spans in objects_in(document, _RESOURCES):
        component = attributes_of(mapping(resource_spans.get("resource")).get("attributes")).get("service.name", "")
        for scope_spans in objects_in(resource_spans, _SCOPES):
            for raw in list_in(scope_spans, _SPANS):
                yield _span(mapping(raw), component)


def objects_in(holder: Mapping[str, object], names: tuple[str, ...]) -> Iterator[Mapping[str, object]]:
    """The objects in the list of one of these names. Raises MalformedBatch."""
    for index, item in enumerate(limited(list_in(holder, names))):
        if not isinstance(item, dict):
            raise MalformedBatch(f"the body is not valid OTLP in JSON: {names[0]}[{index}] is not an object")
        yield item


def list_in(holder: Mapping[str, object], names: tuple[str, ...]) -> list[object]:
    """The first of these members that is not empty."""
    given = next((holder[name] for name in names if holder.get(name)), [])
    if not isinstance(given, list):
        raise MalformedBatch(f"the body is not valid OTLP in JSON: {names[0]} is not a list")
    return given


def _span(raw: Mapping[str, object], component: str) -> Span | None:
    status = mapping(raw.get("status"))
    return span_of(RawSpan(
        trace_id=id_of(raw, TRACE_ID, _TRACE_BYTES), span_id=id_of(raw, SPAN_ID, _SPAN_BYTES),
        parent_id=id_of(raw, _PARENT_ID, _SPAN_BYTES), name=text(raw.get("name")),
        kind=_number(raw.get("kind"), _KINDS),
        start_ns=_integer(raw, "startTimeUnixNano", "start_time_unix_nano"),
        end_ns=_integer(raw, "endTimeUnixNano", "end_time_unix_nano"), status=_number(status.get("code"), _STATUSES),
        status_text=text(status.get("message")), attributes=attributes_of(raw.get("attributes")),
        events=[(text(event.get("name")), attributes_of(event.get("attributes")))
                for event in map(mapping, items(raw.get("events"))[-MAX_EVENTS:])],
        links=[id_of(link, TRACE_ID, _TRACE_BYTES) for link in map(mapping, items(raw.get("links"))[:MAX_LINKS])]),
        component)


def _integer(holder: Mapping[str, object], *names: str) -> int:
    return next((integer(holder[name]) for name in names if name in holder), 0)


def _number(value: object, names: Mapping[str, int]) -> int:
    """The number of an enumeration's value, which may be its name."""
    return names.get(value, 0) if isinstance(value, str) else integer(value)


def id_of(holder: Mapping[str, object], names: tuple[str, ...], length: int) -> str:
    """The id in lower-case hex, "" if it is not valid. Tempo and protobuf's own JSON have it in base64."""
    given = next((text(holder[name]) for name in names if holder.get(name)), "")
    try:
        raw = bytes.fromhex(given) if len(given) == 2 * length else base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        return ""
    return raw.hex() if len(raw) == length and any(raw) else ""


def attributes_of(value: object) -> Attributes:
    """The attributes of a resource, a span or a record, without those that are too large."""
    given = (mapping(item) for item in items(value)[:MAX_ATTRIBUTES])
    read = {text(each.get("key")): value_text(each.get("value")) for each in given}
    return {key: value for key, value in read.items() if len(key) + len(value) <= MAX_ATTRIBUTE_BYTES}


def value_text(value: object, depth: int = 0) -> str:
    """The text of a value: of a list and a mapping, those of their members."""
    kind, given = next(iter(mapping(value).items()), ("", None))
    match kind:
        case "stringValue" | "string_value":
            return text(given)
        case "arrayValue" | "array_value" if depth < MAX_ARRAY_DEPTH:
            values = items(mapping(given).get("values"))[:MAX_ARRAY_ITEMS]
            return ", ".join(value_text(item, depth + 1) for item in values)
        case "boolValue" | "bool_value" | "intValue" | "int_value" | "doubleValue" | "double_value":
            return scalar(given)
        case "kvlistValue" | "kvlist_value" if depth < MAX_ARRAY_DEPTH:
            pairs = map(mapping, items(mapping(given).get("values"))[:MAX_ARRAY_ITEMS])
            return ", ".join(f"{text(pair.get('key'))}={value_text(pair.get('value'), depth + 1)}" for pair in pairs)
        case _:  # bytes: no attribute that is read has them
            return ""
