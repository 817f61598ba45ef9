"""Decodes log records from OTLP in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.model.logs import LogRecord
from gonogo.traffic.logs.raw_record import LogBatch, level_named, level_numbered, record_of
from gonogo.traffic.spans.foreign_json import integer, mapping, text
from gonogo.traffic.spans.otlp_json import SPAN_ID, TRACE_ID, attributes_of, id_of, list_in, objects_in, value_text
from gonogo.traffic.spans.raw_span import MalformedBatch

_RESOURCES = ("resourceLogs", "resource_logs")
_SCOPES = ("scopeLogs", "scope_logs", "instrumentationLibraryLogs", "instrumentation_library_logs")
_RECORDS = ("logRecords", "log_records", "logs")
_NUMBERS = {f"SEVERITY_NUMBER_{name}{of or ''}": 4 * number + of for number, name in
            enumerate(("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")) for of in range(1, 5)}
_NUMBERS |= {name[:-1]: number for name, number in _NUMBERS.items() if name.endswith("1")}


def decode_logs(document: object) -> LogBatch:
    """The records of a parsed export request. Raises MalformedBatch."""
    if not isinstance(document, dict):
        raise MalformedBatch("the body is not valid OTLP in JSON: it is not an object")
    return LogBatch.of(_records(document))


def _records(document: Mapping[str, object]) -> Iterator[LogRecord | None]:
    for resource in objects_in(document, _RESOURCES):
        component = attributes_of(mapping(resource.get("resource")).get("attributes")).get("service.name", "")
        for scope in objects_in(resource, _SCOPES):
            for raw in list_in(scope, _RECORDS):
                yield _record(raw, component) if isinstance(raw, dict) else None


def _record(raw: Mapping[str, object], component: str) -> LogRecord:
    given = raw.get("severityNumber", raw.get("severity_number"))
    number = _NUMBERS.get(given, 0) if isinstance(given, str) and not given.isdigit() else integer(given)
    return record_of(
        component, value_text(raw.get("body")),
        level=level_numbered(number) or level_named(text(raw.get("severityText", raw.get("severity_text")))),
        at_s=_time_s(raw), trace_id=id_of(raw, TRACE_ID, 16), span_id=id_of(raw, SPAN_ID, 8),
        attributes=attributes_of(raw.get("attributes")))


def _time_s(raw: Mapping[str, object]) -> float:
    """When it happened; when it was observed, if that is not known."""
    names = ("timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano")
    moments = (integer(raw.get(name)) for name in names)
    return next((min(moment, 2 ** 64 - 1) / 1e9 for moment in moments if moment > 0), 0.0)
