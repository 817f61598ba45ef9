"""A log record as one of its sources had it, its limits, and what its words say: level, trace, exception.

`otlp_json`, `otlp_protobuf` and `lines` read the sources. A record that cannot be read is lost alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from gonogo.model.logs import Level, LogRecord
from gonogo.traffic.spans.raw_span import MalformedBatch

MAX_RECORDS_OF_A_BATCH = 20_000  # SDKs send 512 at a time, collectors 8,192
MAX_BODY_CHARS = 16 * 1024  # a stack trace has a few thousand
MAX_RECORD_ATTRIBUTES = 30  # that are kept of a record
MAX_ATTRIBUTE_CHARS = 1_000

_LEVELS: Mapping[str, Level] = {
    "trace": "trace", "finest": "trace", "verbose": "trace", "debug": "debug", "fine": "debug", "info": "info",
    "information": "info", "notice": "info", "warn": "warn", "warning": "warn", "error": "error", "err": "error",
    "severe": "error", "fatal": "fatal", "critical": "fatal", "crit": "fatal", "alert": "fatal", "emerg": "fatal",
    "emergency": "fatal", "panic": "fatal"}
_OF_NUMBERS: tuple[Level, ...] = ("trace", "debug", "info", "warn", "error", "fatal")  # four numbers each, from 1
_TRACE_ID = re.compile(r"(?i)\b(?:trace[-_. ]?id|traceid)\b[\"']?\s*[=:]\s*[\"']?([0-9a-f]{32})\b")
_SPAN_ID = re.compile(r"(?i)\b(?:span[-_. ]?id|spanid)\b[\"']?\s*[=:]\s*[\"']?([0-9a-f]{16})\b")
_CONTEXT = re.compile(r"\b[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\b")
# A qualified or capitalised name that ends as names of errors do, alone or before its message, at the start of a line.
_EXCEPTION = re.compile(r"(?m)^\s*(?:Caused by: |Uncaught |panic: |Exception in thread \"[^\"\n]*\" )?"
                        r"(?P<type>(?:[A-Za-z_$][\w$]*[.:/\\]{1,2})*[A-Z][\w$]*(?:Error|Exception|Failure|Fault))(?=:|\s*$)")
_AFTER_TRACEBACK = re.compile(r"(?m)^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)+(?P<type>[A-Za-z_][\w.]*)")


@dataclass(frozen=True, slots=True)
class LogBatch:
    """The records of one request, and the number of those that cannot be read."""

    records: tuple[LogRecord, ...]
    rejected: int = 0

    @classmethod
    def of(cls, read: Iterable[LogRecord | None]) -> LogBatch:
        """The batch of what a decoder read; None is a record that it rejected. Raises MalformedBatch for too many."""
        records = list(islice(read, MAX_RECORDS_OF_A_BATCH + 1))
        if len(records) > MAX_RECORDS_OF_A_BATCH:
            raise MalformedBatch(f"it has more than {MAX_RECORDS_OF_A_BATCH} log records: send smaller batches")
        kept = tuple(record for record in records if record is not None)
        return cls(kept, len(records) - len(kept))


def record_of(component: str, body: str, *, level: Level = "", at_s: float = 0.0, trace_id: str = "",
              span_id: str = "", attributes: Mapping[str, str] | None = None, source: str = "") -> LogRecord:
    """The record, cut to the limits; what it has not got in members of its own is searched for in its text."""
    text, known = body[:MAX_BODY_CHARS], attributes or {}
    if not trace_id:
        trace_id, span_id = _context_in(text)
    kept = {key[:MAX_ATTRIBUTE_CHARS]: value[:MAX_ATTRIBUTE_CHARS]
            for key, value in islice(known.items(), MAX_RECORD_ATTRIBUTES)}
    return LogRecord(component, text, level, at_s, trace_id, span_id,
                     known.get("exception.type") or exception_in(text), kept, source)


def level_named(name: str) -> Level:
    """The level that is called so in any of the usual ways; "" if there is none."""
    return _LEVELS.get(name.strip().lower(), "")


def level_numbered(number: int) -> Level:
    """The level of OTLP's severity number, 1 to 24; "" for any other."""
    return _OF_NUMBERS[(number - 1) // 4] if 1 <= number <= 24 else ""


def exception_in(text: str) -> str:
    """The type of the error whose stack trace or message is in a text; of several, that of the last traceback."""
    after = list(_AFTER_TRACEBACK.finditer(text)) if "Traceback" in text else []
    match = after[-1] if after else _EXCEPTION.search(text)
    return match["type"].rpartition(".")[2] if match else ""


def _context_in(text: str) -> tuple[str, str]:
    """The trace id and span id in a text; "" where there is none."""
    trace = _TRACE_ID.search(text)
    if trace:
        span = _SPAN_ID.search(text)
        return _valid(trace[1]), _valid(span[1]) if span else ""
    context = _CONTEXT.search(text)
    return (_valid(context[1]), _valid(context[2])) if context else ("", "")


def _valid(given: str) -> str:
    return given.lower() if given.strip("0") else ""
