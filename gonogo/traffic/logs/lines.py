"""Reads the lines of a log file as records: JSON of any structured logger, or text with what follows a line of it.

Nothing is required of the text: what is not recognised is a record without level, time or trace.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from gonogo.model.logs import Level, LogRecord
from gonogo.traffic.logs.raw_record import MAX_BODY_CHARS, level_named, level_numbered, record_of
from gonogo.traffic.spans.foreign_json import mapping, scalar

_TIME = re.compile(r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)")
_LEVEL = re.compile(r"\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL|PANIC)\b"
                    r"|\blevel=\"?(\w+)|^\[?([A-Z])\d{4} \d\d:")  # as of logfmt, and of glog
_AFTER_TIME = re.compile(r"[\s\[\]|:-]{0,5}(\w+)")  # in any case, as "info" in the text would not be one
_GLOG = {"I": "info", "W": "warn", "E": "error", "F": "fatal"}
_HEAD = 160  # characters in which a line has its level
_LEVELS, _BODIES = ("level", "severity", "levelname", "lvl", "log.level", "severity_text"), (
    "message", "msg", "body", "event", "text", "log")
_TIMES = ("time", "timestamp", "@timestamp", "ts", "asctime")
_TRACES, _SPANS = ("trace_id", "traceId", "traceid", "trace.id", "traceID"), ("span_id", "spanId", "spanid", "span.id")
_STACKS = ("exc_info", "exception", "stack", "stack_trace", "stacktrace", "error.stack_trace", "error", "err")
_NAMES = ("service.name", "service", "serviceName", "component")
_NUMBERED = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}  # as of bunyan and pino


def records_in(lines: Iterable[str], component: str, source: str) -> Iterator[LogRecord]:
    """The records of a file, each with the lines that follow it and begin none: a stack trace."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        if waiting and not _begins(line):
            size += len(line) + 1
            if size <= MAX_BODY_CHARS:
                waiting.append(line)
            continue
        if waiting:
            yield _record(waiting, component, source)
        waiting, size = ([line], len(line)) if line.strip() else ([], 0)
    if waiting:
        yield _record(waiting, component, source)


def _begins(line: str) -> bool:
    """Whether a line begins a record: it is JSON, or has a time or a level in front, and is not indented."""
    return not line[:1].isspace() and (line.startswith("{") or _TIME.match(line) is not None
                                       or _LEVEL.search(line[:_HEAD]) is not None)


def _record(lines: list[str], component: str, source: str) -> LogRecord:
    document = _document(lines[0]) if len(lines) == 1 or lines[0].startswith("{") else None
    if document is not None:
        return _structured(document, lines[1:], component, source)
    time = _TIME.match(lines[0])
    return record_of(component, "\n".join(lines).rstrip(), level=_level_of(lines[0][:_HEAD], time),
                     at_s=_moment(time[1]) if time else 0.0, source=source)


def _level_of(line: str, time: re.Match[str] | None) -> Level:
    after = _AFTER_TIME.match(line, time.end()) if time else None
    level = _LEVEL.search(line)
    name = next(filter(None, level.groups()), "") if level else ""
    return (level_named(after[1]) if after else "") or level_named(_GLOG.get(name, name))


def _structured(document: Mapping[str, object], more: list[str], component: str, source: str) -> LogRecord:
    said = _first(document, _BODIES) or json.dumps(document, ensure_ascii=False)
    body = "\n".join(filter(None, [said, _first(document, _STACKS), *more]))
    taken = {*_LEVELS, *_BODIES, *_TIMES, *_TRACES, *_SPANS, *_STACKS, *_NAMES}
    level = next((document[name] for name in _LEVELS if name in document), "")
    named = scalar(mapping(document.get("service")).get("name")) or _first(document, _NAMES)
    return record_of(
        named or component, body, source=source, trace_id=_hex(_first(document, _TRACES), 32),
        span_id=_hex(_first(document, _SPANS), 16), at_s=_moment(_first(document, _TIMES)),
        level=(level_named(_NUMBERED.get(level, "")) or level_numbered(level) if isinstance(level, int)
               else level_named(scalar(level))),
        attributes={**{name: _text(value) for name, value in document.items() if name not in taken},
                    **_error_type(document)})


def _error_type(document: Mapping[str, object]) -> dict[str, str]:
    """The type of the error that a structured logger has in an object of its own, or in a member."""
    errors = [mapping(document.get(name)) for name in _STACKS]
    named = [document.get(name) for name in ("exception.type", "error.type", "error.kind")]
    given = [*named, *(error.get(name) for error in errors for name in ("type", "name", "class"))]
    return next(({"exception.type": each} for each in given if isinstance(each, str) and each), {})


def _document(line: str) -> Mapping[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _first(document: Mapping[str, object], names: Iterable[str]) -> str:
    return next((_text(document[name]) for name in names if document.get(name) and _text(document[name])), "")


def _text(value: object) -> str:
    """A value as text; of an object, such as an error, its JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else scalar(value)


def _hex(text: str, digits: int) -> str:
    lower = text.lower()
    return lower if re.fullmatch(rf"[0-9a-f]{{{digits}}}", lower) and lower.strip("0") else ""


def _moment(text: str) -> float:
    """Seconds since the epoch, of ISO 8601 (UTC without an offset) or a number of s, ms or ns; 0 for anything else."""
    try:
        if re.fullmatch(r"\d{9,19}(\.\d+)?", text):
            digits = len(text.partition(".")[0])
            return float(text) / float(10 ** max(0, (digits - 10) // 3 * 3))
        moment = datetime.fromisoformat(text.replace(",", "."))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
