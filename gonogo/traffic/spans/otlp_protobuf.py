"""Decodes spans from OTLP in protobuf; `logs.otlp_protobuf` decodes log records with the same classes.

The generated classes refuse a whole batch for one text that is not UTF-8, or one value that is nested too deeply. The
classes here have texts as bytes, and all parts that are repeated as bytes that are decoded one by one, which also
takes less memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from gonogo.model.span import Span
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

_TRACE, _LOGS = ".opentelemetry.proto.trace.v1", ".opentelemetry.proto.logs.v1"
_DECODED_ONE_BY_ONE = frozenset({
    f"{_TRACE}.ResourceSpans", f"{_TRACE}.ScopeSpans", f"{_TRACE}.Span", f"{_TRACE}.Span.Event", f"{_TRACE}.Span.Link",
    f"{_LOGS}.ResourceLogs", f"{_LOGS}.ScopeLogs", f"{_LOGS}.LogRecord", ".opentelemetry.proto.common.v1.KeyValue"})
_TRACE_BYTES, _SPAN_BYTES = 16, 8


def lenient(name: str) -> Any:  # noqa: ANN401  classes made at run time have no types
    """The class of a message, with texts and repeated parts as bytes."""
    return GetMessageClass(_POOL.FindMessageTypeByName(name))


def _lenient_pool() -> DescriptorPool:
    pool = DescriptorPool()
    for module in (common_pb2, resource_pb2, trace_pb2, trace_service_pb2, logs_pb2, logs_service_pb2):
        file = FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        for message in file.message_type:
            _loosen(message)
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def _loosen(message: DescriptorProto) -> None:
    for each in message.field:
        if each.type == FieldDescriptorProto.TYPE_STRING or each.type_name in _DECODED_ONE_BY_ONE:
            each.type = FieldDescriptorProto.TYPE_BYTES
            each.ClearField("type_name")
    for nested in message.nested_type:
        _loosen(nested)


_POOL = _lenient_pool()
_REQUEST = lenient("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest")
_RESOURCE_SPANS, _SCOPE_SPANS = (lenient(f"opentelemetry.proto.trace.v1.{name}Spans")
                                 for name in ("Resource", "Scope"))
_SPAN, _EVENT, _LINK = (lenient(f"opentelemetry.proto.trace.v1.Span{part}") for part in ("", ".Event", ".Link"))
_KEY_VALUE = lenient("opentelemetry.proto.common.v1.KeyValue")


def decode_protobuf(body: bytes) -> Batch:
    """The spans of an export request. Raises MalformedBatch."""
    try:
        request = _REQUEST.FromString(body)
    except DecodeError as error:
        raise MalformedBatch(f"the body is not valid OTLP in protobuf: {error}") from error
    return Batch.of(span for raw in limited(request.resource_spans) for span in _spans_of_resource(raw))


def _spans_of_resource(raw: bytes) -> Iterator[Span | None]:
    resource_spans = decoded(_RESOURCE_SPANS, raw)
    if resource_spans is None:
        yield None
        return
    component = attributes_of(resource_spans.resource.attributes).get("service.name", "")
    for raw_scope in limited(resource_spans.scope_spans):
        scope_spans = decoded(_SCOPE_SPANS, raw_scope)
        yield from [None] if scope_spans is None else (_span(each, component) for each in scope_spans.spans)


def _span(raw: bytes, component: str) -> Span | None:
    span = decoded(_SPAN, raw)
    if span is None:
        return None
    return span_of(RawSpan(
        trace_id=id_text(span.trace_id, _TRACE_BYTES), span_id=id_text(span.span_id, _SPAN_BYTES),
        parent_id=id_text(span.parent_span_id, _SPAN_BYTES), name=text_of(span.name), kind=span.kind,
        start_ns=span.start_time_unix_nano, end_ns=span.end_time_unix_nano, status=span.status.code,
        status_text=text_of(span.status.message), attributes=attributes_of(span.attributes),
        events=[(text_of(event.name), attributes_of(event.attributes))
                for event in _all_decoded(_EVENT, span.events[-MAX_EVENTS:])],
        links=[id_text(link.trace_id, _TRACE_BYTES)
               for link in _all_decoded(_LINK, span.links[:MAX_LINKS])]), component)


def decoded(kind: Any, raw: bytes) -> Any:  # noqa: ANN401
    """The message; None if it cannot be decoded."""
    try:
        return kind.FromString(raw)
    except DecodeError:
        return None


def _all_decoded(kind: Any, parts: Iterable[bytes]) -> Iterator[Any]:  # noqa: ANN401
    """The messages that can be decoded."""
    return (message for message in (decoded(kind, part) for part in parts) if message is not None)


def attributes_of(raw: Sequence[bytes]) -> Attributes:
    """The attributes of a resource, a span or a record, without those that are too large."""
    small = (each for each in islice(raw, MAX_ATTRIBUTES) if len(each) <= MAX_ATTRIBUTE_BYTES)
    return {text_of(each.key): value_text(each.value) for each in _all_decoded(_KEY_VALUE, small)}


def value_text(value: Any, depth: int = 0) -> str:  # noqa: ANN401, PLR0911  one for each kind
    """The text of a value: of a list and a mapping, those of their members."""
    match value.WhichOneof("value"):
        case "string_value":
            return text_of(value.string_value)
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "int_value":
            return str(value.int_value)
        case "double_value":
            return f"{value.double_value:g}"
        case "array_value" if depth < MAX_ARRAY_DEPTH:
            return ", ".join(value_text(item, depth + 1) for item in value.array_value.values[:MAX_ARRAY_ITEMS])
        case "kvlist_value" if depth < MAX_ARRAY_DEPTH:
            pairs = _all_decoded(_KEY_VALUE, value.kvlist_value.values[:MAX_ARRAY_ITEMS])
            return ", ".join(f"{text_of(pair.key)}={value_text(pair.value, depth + 1)}" for pair in pairs)
        case _:  # bytes: no attribute that is read has them
            return ""


def id_text(given: bytes, length: int) -> str:
    return given.hex() if len(given) == length and any(given) else ""


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
