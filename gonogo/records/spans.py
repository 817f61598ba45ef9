"""spans.ndjson: one span per line, written on arrival, so that a killed run loses the last line at most."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gonogo.model.span import Span
from gonogo.secrets.masking import Masker

SPANS_FILE = "spans.ndjson"
_SPAN = TypeAdapter(Span)


def append_spans(path: Path, spans: Iterable[Span], masker: Masker) -> None:
    """Append spans in one write, with secrets masked and default values left out. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        file.write(b"".join(_SPAN.dump_json(masker.document(span), exclude_defaults=True) + b"\n" for span in spans))


def read_spans(path: Path) -> tuple[tuple[Span, ...], int]:
    """The spans of a file in order, and the number of invalid lines; none if there is no file."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return (), 0
    read = [_span_of(line) for line in lines if line.strip()]
    return tuple(span for span in read if span is not None), read.count(None)


def _span_of(line: bytes) -> Span | None:
    try:
        return _SPAN.validate_json(line)
    except ValidationError:
        return None
