"""spans.ndjson is written as spans arrive and read back unchanged; damaged lines are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.span import STEP, Span
from gonogo.records import spans
from gonogo.records.spans import MAX_LINE_BYTES, append_spans, read_spans
from tests.masks import masker

SPAN = Span("a" * 32, "b" * 16, "", "gonogo", "Ana öffnet ein Konto\n", "internal", 1.5, 20.25, error_text="é \udc80".encode("utf-8", "ignore").decode(),
            attributes={STEP: "Ana pays"})
CALL = Span("a" * 32, "c" * 16, "b" * 16, "web", "GET", "client", 2.0, 1.0, failed=True, status=502, method="GET",
            url="http://127.0.0.1:1/x", system="http")


def test_written_spans_are_read_back(tmp_path: Path) -> None:
    """Spans are equal and in order after several writes; the folder is created."""
    path = tmp_path / "new" / "spans.ndjson"
    append_spans(path, [SPAN], masker())
    append_spans(path, [CALL, SPAN], masker())
    append_spans(path, [], masker())
    assert read_spans(path) == ((SPAN, CALL, SPAN), 0)
    assert path.read_text().count("\n") == 3


@pytest.mark.parametrize("damage", [
    '{"trace_id": "aaaa', "[]", "null", "3", '{"trace_id": 1}', "\x00",
    '{"trace_id":"a","span_id":"b","parent_id":"","component":"c","name":"n","kind":"cleint","started_s":1,"duration_ms":1}',
    '{"trace_id":"a","span_id":"b","parent_id":"","component":"c","name":"n","kind":"client","started_s":"soon","duration_ms":1}',
    '{"trace_id":"a","span_id":"b","parent_id":"","component":"c","name":"n","kind":"client","duration_ms":1}',
])
def test_damaged_line_is_counted_and_the_others_are_read(tmp_path: Path, damage: str) -> None:
    """A killed writer may leave an incomplete line; a line that is not a span is not interpreted."""
    path = tmp_path / "spans.ndjson"
    append_spans(path, [SPAN], masker())
    with path.open("a") as file:
        file.write(damage + "\n")
    append_spans(path, [CALL], masker())
    assert read_spans(path) == ((SPAN, CALL), 1)


def test_file_that_a_killed_process_left_is_read_up_to_its_end(tmp_path: Path) -> None:
    """Half a line, and one without an end, count as one invalid line each; so does what exceeds the limits."""
    path = tmp_path / "spans.ndjson"
    append_spans(path, [SPAN, CALL], masker())
    path.write_bytes(path.read_bytes()[:-20])
    assert read_spans(path) == ((SPAN,), 1)
    path.write_bytes(b"x" * (2 * MAX_LINE_BYTES + 10))
    append_spans(path, [SPAN], masker())
    append_spans(path, [CALL], masker())
    assert read_spans(path) == ((CALL,), 1)


def test_spans_of_a_file_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Further lines are not read, and counted as one."""
    monkeypatch.setattr(spans, "MAX_LINES", 3)
    append_spans(tmp_path / "spans.ndjson", [SPAN] * 5, masker())
    assert read_spans(tmp_path / "spans.ndjson") == ((SPAN,) * 3, 1)


def test_missing_file_has_no_spans(tmp_path: Path) -> None:
    """A run without traces has no file."""
    assert read_spans(tmp_path / "spans.ndjson") == ((), 0)
