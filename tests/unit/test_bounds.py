"""What a scenario leaves behind is bounded, and what is left out is named."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from gonogo.records import ndjson_tail
from gonogo.records.messages import MAX_MESSAGE
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.scenarios.recording.recorder import MAX_CONSOLE, MAX_CONSOLE_TEXT
from gonogo.scenarios.running import bounds
from gonogo.scenarios.running.bounds import (
    MAX_ATTACHED_BYTES,
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    MAX_LOG_RECORDS,
    MAX_OUTPUT,
    MAX_TEXT,
    AttachmentRoom,
    BoundedLog,
    BoundedOutput,
    cut,
)
from gonogo.scenarios.running.pool import MAX_ATTEMPTS


def test_long_text_keeps_its_beginning_and_its_end() -> None:
    text = "begin" + "x" * 3 * MAX_TEXT + "end"
    kept = cut(text)
    assert (kept[:5], kept[-3:]) == ("begin", "end")
    assert "characters left out" in kept
    assert len(kept) < MAX_TEXT + 100
    assert cut("x" * MAX_TEXT) == "x" * MAX_TEXT


@pytest.mark.parametrize("size", [1, 1000, MAX_OUTPUT, 2 * MAX_OUTPUT])
def test_output_past_its_bound_is_left_out_with_one_note(size: int) -> None:
    output = BoundedOutput()
    for _ in range(max(3, 3 * MAX_OUTPUT // size) if size > 1 else MAX_OUTPUT + 10):
        output.write("é" * size)
    assert len(output.getvalue()) < MAX_OUTPUT + 100
    assert output.getvalue().count("the rest is left out") == 1


def test_output_within_its_bound_is_kept() -> None:
    output = BoundedOutput()
    print("all of it", file=output)
    assert output.getvalue() == "all of it\n"


def test_log_past_its_bound_is_left_out_with_one_note() -> None:
    log, records = BoundedLog(), [logging.LogRecord("a", 20, "f", 1, "said %s", ("x",), None) for _ in range(3 * MAX_LOG_RECORDS)]
    kept = [record.getMessage() for record in records if log.filter(record)]
    assert len(kept) == MAX_LOG_RECORDS
    assert (kept[0], "the rest is left out" in kept[-1]) == ("said x", True)


def test_attachment_past_its_bound_is_replaced_by_a_text() -> None:
    room = AttachmentRoom()
    assert room.admitted("image/png", b"x" * MAX_ATTACHMENT_BYTES) == ("image/png", b"x" * MAX_ATTACHMENT_BYTES)
    assert room.admitted("image/png", b"x" * (MAX_ATTACHMENT_BYTES + 1)) == (
        "text/plain", b"left out: an attachment of 8,388,609 bytes: at most 8,388,608 are kept of one")


def test_attachments_of_a_scenario_are_bounded_together() -> None:
    room = AttachmentRoom()
    kept = [room.admitted("image/png", b"x" * MAX_ATTACHMENT_BYTES) for _ in range(10)]
    assert sum(len(each[1]) for each in kept if each and each[0] == "image/png") == MAX_ATTACHED_BYTES
    assert kept[-1] == ("text/plain", b"left out: an attachment of 8,388,608 bytes: at most 33,554,432 are kept of a scenario")


def test_number_of_attachments_is_bounded() -> None:
    room = AttachmentRoom()
    kept = [room.admitted("image/png", b"x") for _ in range(3 * MAX_ATTACHMENTS)]
    assert [each[0] for each in kept if each] == ["image/png"] * MAX_ATTACHMENTS + ["text/plain"]


def test_line_past_its_bound_is_left_out_while_a_file_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson_tail, "MAX_LINE_BYTES", 1000)
    tail = NdjsonTail(tmp_path / "a.ndjson")
    lines = [json.dumps({"n": number, "text": text}) for number, text in enumerate(("", "x" * 5000, "", "y" * 900))]
    (tmp_path / "a.ndjson").write_text("\n".join(lines) + '\n{"n": 4')
    assert [each["n"] for each in tail.new()] == [0, 2, 3]
    with (tmp_path / "a.ndjson").open("a") as file:
        file.write("}\n" + "[" * 400 + "\n")
    assert list(tail.new()) == [{"n": 4}]


def test_documentation_has_the_bounds() -> None:
    text = (Path(__file__).parents[2] / "docs/behave.md").read_text()
    for bound in (MAX_OUTPUT, MAX_LOG_RECORDS, MAX_TEXT, MAX_ATTACHMENTS, MAX_CONSOLE, MAX_CONSOLE_TEXT, MAX_ATTEMPTS,
                  MAX_MESSAGE):
        assert f"{bound:,}" in text
    for mebibytes in (MAX_ATTACHMENT_BYTES, MAX_ATTACHED_BYTES, bounds.MAX_HELD_BYTES, ndjson_tail.MAX_LINE_BYTES):
        assert f"{mebibytes // 1024 ** 2} MiB" in text


def test_bounds_keep_a_run_within_its_memory() -> None:
    """A line of the record is read whole: it has room for the largest attachment in base64."""
    assert bounds.MAX_ATTACHMENT_BYTES * 4 // 3 + 10_000 < ndjson_tail.MAX_LINE_BYTES
    assert bounds.MAX_HELD_BYTES + bounds.MAX_ATTACHED_BYTES < 300 * 1024 * 1024
