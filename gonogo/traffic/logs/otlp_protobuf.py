"""Decodes log records from OTLP in protobuf, part by part, as spans are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError

from gonogo.model.logs import LogRecord
from gonogo.traffic.logs.raw_record import LogBatch, level_named, level_numbered, record_of
from gonogo.traffic.spans.otlp_protobuf import attributes_of, decoded, id_text, lenient, text_of, value_text
from gonogo.traffic.spans.raw_span import MalformedBatch, limited

_REQUEST = lenient("opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest")
_RESOURCE_LOGS, _SCOPE_LOGS, _RECORD = (
    lenient(f"opentelemetry.proto.logs.v1.{name}") for name in ("ResourceLogs", "ScopeLogs", "LogRecord"))


def decode_logs(body: bytes) -> LogBatch:
    """The records of an export request. Raises MalformedBatch."""
    try:
        request = _REQUEST.FromString(body)
    except DecodeError as error:
        raise MalformedBatch(f"the body is not valid OTLP in protobuf: {error}") from error
    return LogBatch.of(record for raw in limited(request.resource_logs) for record in _of_resource(raw))


def _of_resource(raw: bytes) -> Iterator[LogRecord | None]:
    resource = decoded(_RESOURCE_LOGS, raw)
    if resource is None:
        yield None
        return
    component = attributes_of(resource.resource.attributes).get("service.name", "")
    for raw_scope in limited(resource.scope_logs):
        scope = decoded(_SCOPE_LOGS, raw_scope)
        yield from [None] if scope is None else (_record(each, component) for each in scope.log_records)


def _record(raw: bytes, component: str) -> LogRecord | None:
    record: Any = decoded(_RECORD, raw)
    if record is None:
        return None
    return record_of(
        component, value_text(record.body),
        level=level_numbered(record.severity_number) or level_named(text_of(record.severity_text)),
        at_s=(record.time_unix_nano or record.observed_time_unix_nano) / 1e9,
        trace_id=id_text(record.trace_id, 16), span_id=id_text(record.span_id, 8),
        attributes=attributes_of(record.attributes))
