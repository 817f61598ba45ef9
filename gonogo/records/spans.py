"""spans.ndjson: one span per line, written on arrival, so that a killed run loses the last line at most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gonogo.model.span import Span
from gonogo.records.run_folder import write_masked_lines
from gonogo.secrets.masking import Masker

SPANS_FILE = "spans.ndjson"
MAX_LINE_BYTES = 256 * 1024  # far more than a span with the longest texts
MAX_LINES = 200_000
_SPAN = TypeAdapter(Span)


def append_spans(path: Path, spans: Iterable[Span], masker: Masker) -> None:
    """Append spans in one write, with secrets masked and default values left out. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        file.write(b"".join(_dumped(span, masker) + b"\n" for span in spans))


def write_spans(path: Path, spans: Iterable[Span], masker: Masker) -> None:
    """Write all spans of a file anew, as `append_spans` does. Raises EvidenceError."""
    write_masked_lines(path, (_dumped(span, masker) for span in spans))


def read_spans(path: Path) -> tuple[tuple[Span, ...], int]:
    """The spans of a file in order, and the number of invalid lines; none if there is no file."""
    read = list(islice(map(_span_of, lines_of(path)), MAX_LINES + 1))
    cut = len(read) > MAX_LINES
    read = read[:MAX_LINES]
    return tuple(span for span in read if span is not None), read.count(None) + cut


def _dumped(span: Span, masker: Masker) -> bytes:
    return _SPAN.dump_json(masker.document(replace(span, unread={})), exclude_defaults=True)


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines that are not empty; of one that is too long the beginning."""
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES):
                if line.strip():
                    yield line
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE_BYTES)
    except OSError:
        return


def _span_of(line: bytes) -> Span | None:
    try:
        return _SPAN.validate_json(line)
    except ValidationError:
        return None
