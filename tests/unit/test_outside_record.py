"""outside.json: read back as it was written; damaged ones are an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.core.errors import EvidenceError
from gonogo.model.outside import Download, Input, OutsideRecord, PageView, StepTiming
from gonogo.records import outside
from gonogo.records.outside import OUTSIDE_FILE, read_outside, write_outside
from gonogo.secrets.known import Secrets
from gonogo.secrets.masking import Masker

RECORD = OutsideRecord(
    (StepTiming(0, "Ana pays", 1.0, 2.5, 1.5), StepTiming(1, "she waits", 2.5, 3.0)),
    (PageView("Ana", 0, "http://shop/b?x=1", "Tea", "- heading \"Tea\" [level=1]", 2, settled=False),),
    (Download("Ana", 1, "ticket.pdf", "application/pdf"),), (Input("Ana", 0, "Name", "Zoë"),), ("en-GB",), cut=True)


def masker(**secrets: str) -> Masker:
    return Masker(Secrets({value: kind for kind, value in secrets.items()}))


def test_record_is_read_back_unchanged(tmp_path: Path) -> None:
    write_outside(tmp_path, RECORD, masker())
    assert read_outside(tmp_path / OUTSIDE_FILE) == RECORD


def test_known_secrets_are_masked(tmp_path: Path) -> None:
    write_outside(tmp_path, OutsideRecord(pages=(PageView("Ana", 0, "http://shop", "t", "- text: hunter22"),)),
                  masker(password="hunter22"))
    assert "hunter22" not in (tmp_path / OUTSIDE_FILE).read_text()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 2, "record": {}}', '{"version": 1}', '{"version": 1, "record": {"pages": 1}}',
                                  "[" * 100_000])
def test_damaged_record_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / OUTSIDE_FILE).write_text(text)
    with pytest.raises(EvidenceError, match=r"outside\.json cannot be read"):
        read_outside(tmp_path / OUTSIDE_FILE)


def test_missing_and_too_large_records_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EvidenceError):
        read_outside(tmp_path / OUTSIDE_FILE)
    write_outside(tmp_path, RECORD, masker())
    monkeypatch.setattr(outside, "MAX_FILE_BYTES", 10)
    with pytest.raises(EvidenceError, match="larger"):
        read_outside(tmp_path / OUTSIDE_FILE)
