"""The record of a load profile is read back as it was written, and missing data never counts as success."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.core.errors import EvidenceError
from gonogo.model.histogram import Histogram
from gonogo.model.load import Arrived, MemorySample, PhaseKind
from gonogo.records.load_reader import read_load_evidence
from gonogo.records.load_record import (
    END_FILE,
    MEMORY_FILE,
    PROBE_FILE,
    PULSE_FILE,
    SAMPLES_FILE,
    LoadEnd,
    LoadPlan,
    LoadRecord,
    MemoryOfComponent,
    PlannedPhase,
    Pulse,
    SecondOfEndpoint,
)
from tests.masks import masker

PLAN = LoadPlan(profile="mix", environment="preprod", url="http://127.0.0.1:1", started="2027-01-15T09:00:00+00:00",
                users=5, spawn_rate=5, duration_s=10, shape="steady", personas={"Shopper": 1},
                phases=[PlannedPhase(kind=PhaseKind.LOAD, from_s=0)])


def second(at_s: int, *latencies_ms: float, **failures: int) -> SecondOfEndpoint:
    return SecondOfEndpoint(second=at_s, endpoint="/api/flights", requests=len(latencies_ms), failures=failures,
                            histogram=Histogram(latencies_ms).encoded())


FIRST = second(1, 12.345678, 7.0)
SECOND = second(2, 9.5, refused=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "load" / "mix"


def test_record_is_read_back(folder: Path) -> None:
    record = LoadRecord(folder, PLAN, masker())
    record.add([FIRST])
    record.add([SECOND])
    record.end(LoadEnd(finished=True, sent_s=10.01, peak_users=5, missing_users=1, cpu_ratio=0.25, user_errors={"E": 1}))
    evidence = read_load_evidence(folder)
    (flights,) = evidence.endpoints
    assert (flights.latencies, flights.failures) == (Histogram([12.345678, 7.0, 9.5]), {"refused": 1})
    assert (evidence.profile, evidence.planned_users, evidence.planned_s) == ("mix", 5, 10)
    assert (evidence.planned_spawn_rate, evidence.missing_users) == (5, 1)
    assert (evidence.finished, evidence.sent_s, evidence.peak_users, evidence.cpu_ratio) == (True, 10.01, 5, 0.25)
    assert evidence.user_errors == {"E": 1}


def test_record_without_end_is_not_finished(folder: Path) -> None:
    """If the generator is killed in the middle of a line, the lines before it are still read."""
    record = LoadRecord(folder, PLAN, masker())
    record.add([FIRST, SECOND])
    record.end(LoadEnd(finished=True, sent_s=10, peak_users=5))
    (folder / END_FILE).unlink()
    samples = folder / SAMPLES_FILE
    samples.write_text(samples.read_text()[:-5])
    evidence = read_load_evidence(folder)
    assert not evidence.finished
    assert evidence.requests == 2


def test_missing_record_has_no_requests(folder: Path) -> None:
    evidence = read_load_evidence(folder)
    assert (evidence.profile, evidence.requests, evidence.finished) == ("mix", 0, False)


def test_damaged_record_is_an_error(folder: Path) -> None:
    record = LoadRecord(folder, PLAN, masker())
    record.add([FIRST])
    record.end(LoadEnd(finished=True, sent_s=10, peak_users=5))
    samples = folder / SAMPLES_FILE
    samples.write_text(samples.read_text()[:-5])
    with pytest.raises(EvidenceError, match="damaged"):
        read_load_evidence(folder)


def test_second_record_is_refused(folder: Path) -> None:
    LoadRecord(folder, PLAN, masker()).end(LoadEnd(finished=True, sent_s=10, peak_users=5))
    with pytest.raises(EvidenceError, match="already has a record"):
        LoadRecord(folder, PLAN, masker())


def recorded(folder: Path, phases: list[PlannedPhase], *seconds: SecondOfEndpoint) -> None:
    record = LoadRecord(folder, PLAN.model_copy(update={"phases": phases}), masker())
    record.add(seconds)
    record.end(LoadEnd(finished=True, sent_s=20, peak_users=5))


def test_warm_up_is_recorded_and_not_judged(folder: Path) -> None:
    recorded(folder, [PlannedPhase(kind=PhaseKind.WARM_UP, from_s=0, to_s=2),
                      PlannedPhase(kind=PhaseKind.LOAD, from_s=2)], second(1, 900.0), second(2, 10.0, 11.0))
    evidence = read_load_evidence(folder)
    assert [samples.latencies for samples in evidence.endpoints] == [Histogram([10.0, 11.0])]
    assert [(phase.kind, phase.requests, phase.to_s) for phase in evidence.phases] == [("warm-up", 1, 2), ("load", 2, 20)]
    assert [(bucket.from_s, bucket.requests) for bucket in evidence.timeline] == [(1, 1), (2, 2)]
    assert [bucket.requests for bucket in evidence.buckets] == [2]
    assert evidence.requests == 3


def test_spike_may_be_slow_and_must_not_fail(folder: Path) -> None:
    """Latencies of the spike and its recovery are not judged; their requests and failures are."""
    recorded(folder, [PlannedPhase(kind=PhaseKind.LOAD, from_s=0, to_s=5),
                      PlannedPhase(kind=PhaseKind.SPIKE, from_s=5, to_s=8),
                      PlannedPhase(kind=PhaseKind.RECOVERY, from_s=8, to_s=10),
                      PlannedPhase(kind=PhaseKind.LOAD, from_s=10)],
             second(1, 10.0), second(6, 800.0, 900.0, refused=1), second(9, 400.0), second(12, 11.0))
    (samples,) = read_load_evidence(folder).endpoints
    assert samples.latencies == Histogram([10.0, 11.0])
    assert (samples.requests, samples.unjudged, samples.failed) == (5, 3, 1)


def test_visits_are_counted_per_step(folder: Path) -> None:
    """Visits that could not start beyond the knee must not count against the steps below it."""
    steps = [PlannedPhase(kind=PhaseKind.STEP, from_s=2 * index, to_s=2 * index + 2, per_s=5 + index) for index in range(3)]
    record = LoadRecord(folder, PLAN.model_copy(update={"phases": steps, "arrivals": {"per_s": 5}}), masker())
    record.add([second(0, 7.0)])
    record.add([Pulse(second=at_s, users=1, due=5 * at_s, started=5 * at_s - max(0, at_s - 4), dropped=max(0, at_s - 4))
                for at_s in range(1, 6)], PULSE_FILE)
    record.end(LoadEnd(finished=True, sent_s=5.0, peak_users=5, due=25, started=24, dropped=1))
    assert [phase.arrived for phase in read_load_evidence(folder).phases] == [
        Arrived(10, 10), Arrived(10, 10), Arrived(5, 4, 1)]


def test_a_second_in_two_lines_is_one_bucket(folder: Path) -> None:
    """A slow request is written one flush after the others that were due in its second, or by another worker."""
    recorded(folder, [PlannedPhase(kind=PhaseKind.LOAD, from_s=0)], second(3, 10.0), second(4, 10.0), second(3, 1200.0))
    found = read_load_evidence(folder)
    assert [(bucket.from_s, bucket.requests) for bucket in found.timeline] == [(3, 2), (4, 1)]
    assert found.timeline[0].p99_ms == pytest.approx(1200, rel=1e-3)
    assert [(bucket.from_s, bucket.requests) for bucket in found.buckets] == [(3, 3)]


@pytest.mark.parametrize(("duration_s", "starts"), [(59, [0, 3, 6]), (60, [0, 5])])
def test_short_run_has_shorter_buckets(folder: Path, duration_s: int, starts: list[int]) -> None:
    """With buckets of five seconds, a run of half a minute would have too few for a significant difference."""
    record = LoadRecord(folder, PLAN.model_copy(update={"duration_s": duration_s}), masker())
    record.add([second(at_s, 10.0) for at_s in range(9)])
    record.end(LoadEnd(finished=True, sent_s=9, peak_users=5))
    assert [bucket.from_s for bucket in read_load_evidence(folder).buckets] == starts


def test_probe_and_memory_are_read_separately(folder: Path) -> None:
    record = LoadRecord(folder, PLAN, masker())
    record.add([second(1, 3.0)], PROBE_FILE)
    record.add([MemoryOfComponent(second=4, component="web", rss_bytes=1000)], MEMORY_FILE)
    record.end(LoadEnd(finished=True, sent_s=20, peak_users=5))
    evidence = read_load_evidence(folder)
    assert [bucket.requests for bucket in evidence.probe] == [1]
    assert evidence.memory == (MemorySample("web", 4, 1000),)
    assert evidence.requests == 0


def test_invalid_histogram_is_a_damaged_record(folder: Path) -> None:
    recorded(folder, [PlannedPhase(kind=PhaseKind.LOAD, from_s=0)], FIRST.model_copy(update={"histogram": "HISTno"}))
    with pytest.raises(EvidenceError, match="damaged: not a valid HDR histogram"):
        read_load_evidence(folder)
