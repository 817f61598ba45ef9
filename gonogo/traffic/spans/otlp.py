"""OTLP in protobuf or JSON: decodes spans, and encodes answers in the producer's encoding.

`conventions` interprets the attributes; `receiver` listens.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from gonogo.model.span import Kind, Span
from gonogo.traffic.spans.conventions import span_from

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
MAX_BODY_BYTES = 16 * 1024 * 1024  # of a batch, decompressed; SDKs send 512 spans at a time

_KINDS: Mapping[int, Kind] = {2: "server", 3: "client", 4: "producer", 5: "consumer"}
_ERROR = 2
_INVALID_ARGUMENT = 3  # google.rpc.Code
_TRACE_BYTES, _SPAN_BYTES = 16, 8
# synonyms: of Tempo, of OTLP's first versions, of protobuf
_NAMES = {"batches": "resourceSpans", "instrumentationLibrarySpans": "scopeSpans", "resource_spans": "resourceSpans",
          "scope_spans": "scopeSpans", "trace_id": "traceId", "span_id": "spanId", "parent_span_id": "parentSpanId"}


class MalformedBatch(ValueError):
    """The data is not valid OTLP, or too large; none of it is used."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The spans of one request, and the number that was rejected because of an invalid id."""

    spans: tuple[Span, ...]
    rejected: int = 0


def unpack(body: bytes, encoding: str) -> bytes:
    """Decompress `body`. Raises MalformedBatch, also if the result is larger than MAX_BODY_BYTES."""
    if encoding.lower() in ("", "identity"):
        return body
    window = {"gzip": 31, "deflate": 15}.get(encoding.lower())
    if window is None:
        raise MalformedBatch(f"the content encoding is '{encoding}'; supported are gzip, deflate and identity")
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise MalformedBatch(f"the body is not {encoding}: {error}") from error
    if unpacker.unconsumed_tail:
        raise MalformedBatch(f"the decompressed body is larger than {MAX_BODY_BYTES} bytes")
    if not unpacker.eof:
        raise MalformedBatch(f"the {encoding} body is cut off")
    return unpacked


def decode(body: bytes, media_type: str) -> Batch:
    """The spans of an export request in either encoding. Raises MalformedBatch."""
    if media_type == PROTOBUF:
        try:
            return _batch(ExportTraceServiceRequest.FromString(body))
        except DecodeError as error:
            raise MalformedBatch(f"the body is not valid OTLP in protobuf: {error}") from error
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedBatch(f"the body is not valid JSON: {error}") from error
    return decode_document(document)


def decode_document(document: object) -> Batch:
    """The spans of OTLP in JSON, already parsed. Raises MalformedBatch."""
    if not isinstance(document, dict):
        raise MalformedBatch("the body is not valid OTLP in JSON: it is not an object")
    try:
        request = json_format.ParseDict(_as_protobuf_json(document), ExportTraceServiceRequest(),
                                        ignore_unknown_fields=True)
    except (json_format.ParseError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError,
            RecursionError) as error:  # the library does not validate all of its input
        raise MalformedBatch(f"the body is not valid OTLP in JSON: {error}") from error
    return _batch(request)


def response_body(media_type: str, *, rejected: int = 0) -> bytes:
    """The body of a success answer; rejected spans are reported as a partial success."""
    response = ExportTraceServiceResponse()
    if rejected:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = "a trace id must have 16 bytes and a span id 8, not all zero"
    return _encoded(response, media_type)


def error_body(media_type: str, what: str) -> bytes:
    """The body of an error answer."""
    return _encoded(Status(code=_INVALID_ARGUMENT, message=what), media_type)


def _encoded(message: Message, media_type: str) -> bytes:
    if media_type == JSON:
        return bytes(json_format.MessageToJson(message, indent=None).encode())
    return bytes(message.SerializeToString())


def _as_protobuf_json(document: dict[str, object]) -> dict[str, object]:
    """OTLP's JSON differs from protobuf's only in its ids, which are hex. Links are not used, and left out."""
    converted: dict[str, object] = {}
    for given, value in document.items():
        name = _NAMES.get(given, given)
        if name in ("traceId", "spanId", "parentSpanId"):
            converted[name] = _base64_id(value)
        elif name in ("resourceSpans", "scopeSpans", "spans"):
            converted[name] = [_as_protobuf_json(item) if isinstance(item, dict) else item for item in value] \
                if isinstance(value, list) else value
        elif name != "links":
            converted[name] = value
    return converted


def _base64_id(value: object) -> str:
    """An id of 16 or 8 bytes in base64, as protobuf's JSON requires. Tempo sends base64, which is shorter than hex."""
    text = value if isinstance(value, str) else ""
    if len(text) in (2 * _TRACE_BYTES, 2 * _SPAN_BYTES):
        try:
            return base64.b64encode(bytes.fromhex(text)).decode()
        except ValueError:
            return ""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return text


def _batch(request: ExportTraceServiceRequest) -> Batch:
    spans: list[Span] = []
    rejected = 0
    for resource_spans in request.resource_spans:
        resource = _strings(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            for raw in scope_spans.spans:
                if _is_id(raw.trace_id, _TRACE_BYTES) and _is_id(raw.span_id, _SPAN_BYTES):
                    spans.append(_span(raw, resource.get("service.name", "")))
                else:
                    rejected += 1
    return Batch(tuple(spans), rejected)


def _is_id(given: bytes, length: int) -> bool:
    return len(given) == length and any(given)


def _span(raw: trace_pb2.Span, component: str) -> Span:
    error = raw.status.code == _ERROR
    return span_from(
        trace_id=raw.trace_id.hex(), span_id=raw.span_id.hex(),
        parent_id=raw.parent_span_id.hex() if _is_id(raw.parent_span_id, _SPAN_BYTES) else "",
        component=component, name=raw.name, kind=_KINDS.get(raw.kind, "internal"),
        started_s=raw.start_time_unix_nano / 1e9,
        duration_ms=max(0, raw.end_time_unix_nano - raw.start_time_unix_nano) / 1e6, error=error,
        error_text=_exception(raw.events) or raw.status.message, attributes=_strings(raw.attributes))


def _exception(events: Iterable[trace_pb2.Span.Event]) -> str:
    """The text of the last exception on the span."""
    error_text = ""
    for event in events:
        if event.name == "exception":
            attributes = _strings(event.attributes)
            error_text = attributes.get("exception.message") or attributes.get("exception.type") or error_text
    return error_text


def _strings(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {attribute.key: _string(attribute.value) for attribute in attributes}


def _string(value: AnyValue) -> str:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "int_value":
            return str(value.int_value)
        case "double_value":
            return f"{value.double_value:g}"
        case "array_value":
            return ", ".join(_string(item) for item in value.array_value.values)
        case _:  # a mapping or bytes: no attribute that is read here has one
            return ""
