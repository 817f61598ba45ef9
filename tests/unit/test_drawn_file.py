"""drawn.json: what a scenario drew, masked and bounded, and read back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonogo.core.errors import EvidenceError
from gonogo.model.drawn import DrawnValue, DrawnValues
from gonogo.records.drawn import DRAWN_FILE, MAX_BYTES, MAX_CHARS, MAX_VALUES, read_drawn, write_drawn
from tests.masks import mask, masker

EMAIL = DrawnValue("the e-mail of Zoë", "zoe.abc@example.com", "abc")
NAME = DrawnValue("the given names of Zoë", "Ẹ\u0301niọlá 𠮷 \"'<&")


@pytest.mark.parametrize("content", [
    "", "{", "[]", "[" * 100_000, '{"schema": 1}', '{"schema": 2, "drawn": []}', '{"schema": 1, "drawn": [{"name": 3, "value": ""}]}',
    '{"schema": 1, "drawn": [], "left_out": -1}', '{"schema": 1, "drawn": [], "more": 1}',
    json.dumps({"schema": 1, "drawn": [{"name": "x", "value": "x" * (2 * MAX_CHARS + 1)}]}),
    json.dumps({"schema": 1, "drawn": [{"name": "x", "value": "x"}] * (MAX_VALUES + 1)}),
    pytest.param('{"schema": 1, "drawn": []}' + " " * MAX_BYTES, id="too large"),
    pytest.param('{"schema": 1, "drawn": [{"name": "\\ud800', id="cut off"),
])
def test_a_damaged_record_is_refused(tmp_path: Path, content: str) -> None:
    """It never reads as "nothing was drawn"."""
    (tmp_path / DRAWN_FILE).write_text(content)
    with pytest.raises(EvidenceError, match="damaged"):
        read_drawn(tmp_path)


def test_a_folder_in_place_of_the_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / DRAWN_FILE).mkdir()
    with pytest.raises(EvidenceError, match="damaged"):
        read_drawn(tmp_path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Name, value and unique part, in order; a value leads to its names."""
    written = DrawnValues((EMAIL, NAME))
    write_drawn(tmp_path, written, masker())
    assert read_drawn(tmp_path) == written
    assert read_drawn(tmp_path).equal_to(NAME.value) == (NAME,)
    assert read_drawn(tmp_path).equal_to("zoe") == ()


def test_a_scenario_that_draws_nothing_has_no_record(tmp_path: Path) -> None:
    write_drawn(tmp_path, DrawnValues(), masker())
    assert list(tmp_path.iterdir()) == []
    assert read_drawn(tmp_path) == DrawnValues()


@pytest.mark.parametrize(("drawn", "kept"), [
    (DrawnValue("the password of Zoë", "s3cret-words", "words"), DrawnValue("the password of Zoë", mask("s3cret-words", "password"))),
    (DrawnValue("the note of Zoë", "see http://zoe:s3cret@shop.test/"), DrawnValue("the note of Zoë", "see http://shop.test/")),
])
def test_secrets_are_masked(tmp_path: Path, drawn: DrawnValue, kept: DrawnValue) -> None:
    """By the name of the value and by its text; a masked value shows no part of itself as unique."""
    write_drawn(tmp_path, DrawnValues((drawn, NAME)), masker())
    assert "s3cret" not in (tmp_path / DRAWN_FILE).read_text()
    assert read_drawn(tmp_path).values == (kept, NAME)


def test_values_past_the_bounds_are_counted(tmp_path: Path) -> None:
    """A value that is too long is left out as a whole: its beginning was never typed."""
    long = DrawnValue("a novel", "x" * (MAX_CHARS + 1))
    values = (long, *(DrawnValue(str(number), "x") for number in range(MAX_VALUES + 2)))
    write_drawn(tmp_path, DrawnValues(values, left_out=4), masker())
    assert read_drawn(tmp_path).left_out == 4 + 1 + 2
    assert read_drawn(tmp_path).values == values[1:MAX_VALUES + 1]
