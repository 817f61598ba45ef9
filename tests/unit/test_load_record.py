"""The record of a load profile: what is written is read back, and what is missing is never success."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.errors import EvidenceError
from gonogo.evidence.load import (
    END_FILE,
    SAMPLES_FILE,
    LoadEnd,
    LoadPlan,
    LoadRecord,
    SecondOfEndpoint,
    read_load_evidence,
)

PLAN = LoadPlan(profile="mix", environment="preprod", url="http://127.0.0.1:1", started="2027-01-15T09:00:00+00:00",
                users=5, spawn_rate=5, duration_s=10, shape="steady", personas={"Shopper": 1})
FIRST = SecondOfEndpoint(second=1, endpoint="/api/flights", latencies_ms=[12.345678, 7.0])
SECOND = SecondOfEndpoint(second=2, endpoint="/api/flights", latencies_ms=[9.5], failures={"status 500": 1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "load" / "mix"


def test_record_is_read_back_unrounded(folder: Path) -> None:
    record = LoadRecord(folder, PLAN)
    record.add([FIRST])
    record.add([SECOND])
    record.end(LoadEnd(finished=True, sent_s=10.01, peak_users=5, missing_users=1, cpu_ratio=0.25, user_errors={"E": 1}))
    evidence = read_load_evidence(folder)
    (flights,) = evidence.endpoints
    assert (flights.latencies_ms, flights.failures) == ((12.345678, 7.0, 9.5), {"status 500": 1})
    assert (evidence.profile, evidence.planned_users, evidence.planned_s) == ("mix", 5, 10)
    assert (evidence.planned_spawn_rate, evidence.missing_users) == (5, 1)
    assert (evidence.finished, evidence.sent_s, evidence.peak_users, evidence.cpu_ratio) == (True, 10.01, 5, 0.25)
    assert evidence.user_errors == {"E": 1}


def test_record_without_end_is_not_finished(folder: Path) -> None:
    """A generator that was killed in the middle of a line leaves what it had written before."""
    record = LoadRecord(folder, PLAN)
    record.add([FIRST, SECOND])
    record.end(LoadEnd(finished=True, sent_s=10, peak_users=5))
    (folder / END_FILE).unlink()
    samples = folder / SAMPLES_FILE
    samples.write_text(samples.read_text()[:-5])
    evidence = read_load_evidence(folder)
    assert not evidence.finished
    assert evidence.requests == 2


def test_missing_record_is_nothing_sent(folder: Path) -> None:
    evidence = read_load_evidence(folder)
    assert (evidence.profile, evidence.requests, evidence.finished) == ("mix", 0, False)


def test_damaged_record_is_an_error(folder: Path) -> None:
    record = LoadRecord(folder, PLAN)
    record.add([FIRST])
    record.end(LoadEnd(finished=True, sent_s=10, peak_users=5))
    samples = folder / SAMPLES_FILE
    samples.write_text(samples.read_text()[:-5])
    with pytest.raises(EvidenceError, match="damaged"):
        read_load_evidence(folder)


def test_second_record_is_refused(folder: Path) -> None:
    LoadRecord(folder, PLAN).end(LoadEnd(finished=True, sent_s=10, peak_users=5))
    with pytest.raises(EvidenceError, match="already left its record"):
        LoadRecord(folder, PLAN)
