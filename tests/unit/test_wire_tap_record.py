"""The tap's record is read from the start of the run, without load, and is stored in the run folder as HAR."""

from __future__ import annotations

from pathlib import Path

from gonogo.config.model import Environment
from gonogo.model.trace_ids import TraceIds
from gonogo.records.har import read_recording
from gonogo.traffic.collection import Traffic
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.recordings import TAP_FILE
from gonogo.traffic.tap.record import Carried, Position, Side, end_of_record, line_of, read_record
from gonogo.traffic.tap.routes import Route
from tests.masks import masker

ROUTE = Route("web", "customers", "127.0.0.1", 8350, "http://127.0.0.1:8302")
MASKER = masker()
PARTIES = Parties.of(Environment(url="http://127.0.0.1:8300"))
JSON = (("Content-Type", "application/json"),)


def line(path: str, *, started_s: float = 1_764_000_000.0, answer: bytes = b'{"id": 1}') -> str:
    return line_of(Carried(route=ROUTE, method="POST", url=ROUTE.to + path, version="HTTP/1.1", status=201, reason="Created",
                           started_s=started_s, duration_ms=2.5, request=Side(JSON, b'{"name": "Zo\xc3\xab"}', 15),
                           response=Side(JSON, answer, len(answer))), MASKER)


def test_entry_is_read_as_it_was_forwarded(tmp_path: Path) -> None:
    record = tmp_path / "tap.ndjson"
    record.write_text(line("/api/customers"), encoding="utf-8")

    (found,) = read_record(record, PARTIES).exchanges

    assert (found.caller, found.callee, found.method, found.path, found.status) == ("web", "customers", "POST", "/api/customers", 201)
    assert found.started_s == 1_764_000_000.0
    assert found.duration_ms == 2.5
    assert found.request.json() == {"name": "Zoë"}
    assert found.response.json() == {"id": 1}


def test_body_that_was_too_large_to_keep_has_only_its_size(tmp_path: Path) -> None:
    record = tmp_path / "tap.ndjson"
    record.write_text(line_of(Carried(ROUTE, "GET", ROUTE.to + "/x", "HTTP/1.1", 200, "OK", 1.0, 1.0, Side(),
                                      Side(JSON, None, 3_000_000)), MASKER), encoding="utf-8")

    (found,) = read_record(record, PARTIES).exchanges

    assert found.response.body
    assert (found.response.body.size, found.response.body.text) == (3_000_000, None)


def test_incomplete_entries_are_left_out(tmp_path: Path) -> None:
    record = tmp_path / "tap.ndjson"
    record.write_text('nonsense\n{"request": {}}\n[]\n' + line("/a") + line("/b")[:80], encoding="utf-8")

    assert [each.path for each in read_record(record, PARTIES).exchanges] == ["/a"]
    assert read_record(tmp_path / "none.ndjson", PARTIES).exchanges == ()


def test_replaced_record_is_read_from_its_beginning(tmp_path: Path) -> None:
    record, other = tmp_path / "tap.ndjson", tmp_path / "other.ndjson"
    record.write_text(line("/old"), encoding="utf-8")
    start = end_of_record(record)
    assert read_record(record, PARTIES, start=start).exchanges == ()

    other.write_text(line("/new-1") + line("/new-2") + line("/new-3"), encoding="utf-8")
    other.replace(record)

    assert len(read_record(record, PARTIES, start=start).exchanges) == 3
    assert end_of_record(tmp_path / "none") == Position()


def traffic(root: Path, tap: str | None) -> Traffic:
    environment = Environment.model_validate({"url": "http://127.0.0.1:8300", "wire": {"tap": tap}})
    (root / "run").mkdir()
    return Traffic(environment, root, root / "run", MASKER, TraceIds())


def test_run_has_the_exchanges_of_its_time_without_its_load(tmp_path: Path) -> None:
    record = tmp_path / "tap.ndjson"
    record.write_text(line("/before"), encoding="utf-8")
    run = traffic(tmp_path, "tap.ndjson")
    with run.listening(), record.open("a", encoding="utf-8") as file:
        file.write(line("/scenario", started_s=100.0) + line("/load", started_s=205.0) + line("/after", started_s=300.0))

    recorded = run.recorded((), (), PARTIES, (200.0, 210.0), 0.0)

    assert [each.path for each in recorded.between] == ["/scenario", "/after"]
    assert recorded.problems == ()
    kept = read_recording(tmp_path / "run" / TAP_FILE, PARTIES.name_of).exchanges
    assert [(each.path, each.caller, each.callee) for each in kept] == [
        ("/scenario", "web", "customers"), ("/after", "web", "customers")]


def test_tap_that_recorded_nothing_is_reported(tmp_path: Path) -> None:
    run = traffic(tmp_path, "tap.ndjson")
    with run.listening():
        pass

    assert "no exchange" in run.recorded((), (), PARTIES, None, 0.0).problems[0]


def test_run_without_a_tap_reports_no_problem(tmp_path: Path) -> None:
    run = traffic(tmp_path, None)
    with run.listening():
        pass

    assert run.recorded((), (), PARTIES, None, 0.0).problems == ()
