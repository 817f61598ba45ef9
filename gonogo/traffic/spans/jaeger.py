"""Reads spans from the JSON of Jaeger's query service (`/api/traces/{id}`). `backends` fetches it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field, ValidationError

from gonogo.model.span import Kind, Span
from gonogo.traffic.spans.conventions import span_from
from gonogo.traffic.spans.otlp import MalformedBatch

_TRACE_DIGITS, _SPAN_DIGITS = 32, 16
_KINDS: dict[str, Kind] = {"server": "server", "client": "client", "producer": "producer", "consumer": "consumer"}
_ERROR_TEXTS = ("exception.message", "message", "error.object", "exception.type")


class _Tag(BaseModel):
    key: str
    value: str | bool | int | float | None = None


class _Reference(BaseModel):
    kind: str = Field("CHILD_OF", alias="refType")
    span_id: str = Field(alias="spanID")


class _Log(BaseModel):
    fields: list[_Tag] = []


class _Process(BaseModel):
    name: str = Field("", alias="serviceName")


class _Span(BaseModel):
    trace_id: str = Field(alias="traceID")
    span_id: str = Field(alias="spanID")
    parent_id: str = Field("", alias="parentSpanID")
    name: str = Field("", alias="operationName")
    references: list[_Reference] | None = None
    start_us: int = Field(alias="startTime")
    duration_us: int = Field(0, alias="duration")
    tags: list[_Tag] | None = None
    logs: list[_Log] | None = None
    process_id: str = Field("", alias="processID")


class _Trace(BaseModel):
    spans: list[_Span] = []
    processes: dict[str, _Process] = {}


class _Answer(BaseModel):
    data: list[_Trace] | None = None


def spans_of_jaeger(body: bytes) -> tuple[Span, ...]:
    """The spans of an answer; empty if the trace is not known (yet). Raises MalformedBatch."""
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MalformedBatch(f"the answer is not a valid Jaeger trace: {place}: {first['msg']}") from error
    return tuple(_span(span, trace.processes.get(span.process_id, _Process(serviceName="")).name)
                 for trace in answer.data or [] for span in trace.spans)


def _span(raw: _Span, component: str) -> Span:
    tags = {tag.key: _text(tag.value) for tag in raw.tags or []}
    return span_from(
        trace_id=raw.trace_id.lower().zfill(_TRACE_DIGITS), span_id=raw.span_id.lower().zfill(_SPAN_DIGITS),
        parent_id=_parent(raw), component=component, name=raw.name,
        kind=_KINDS.get(tags.get("span.kind", "").lower(), "internal"), started_s=raw.start_us / 1e6,
        duration_ms=max(0, raw.duration_us) / 1000,
        error=tags.get("error") == "true" or tags.get("otel.status_code") == "ERROR",
        error_text=_error_text(raw.logs or []) or tags.get("otel.status_description", ""), attributes=tags)


def _parent(raw: _Span) -> str:
    references = sorted(raw.references or [], key=lambda reference: reference.kind != "CHILD_OF")
    parent = references[0].span_id if references else raw.parent_id
    return parent.lower().zfill(_SPAN_DIGITS) if parent.strip("0") else ""


def _error_text(logs: Sequence[_Log]) -> str:
    """The text of the last error that was logged on the span."""
    for log in reversed(logs):
        fields = {field.key: _text(field.value) for field in log.fields}
        if fields.get("event") in ("exception", "error"):
            return next((fields[name] for name in _ERROR_TEXTS if fields.get(name)), "")
    return ""


def _text(value: str | bool | float | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
