"""Damaged, locked, foreign or unreachable histories: a warning with cause and place, never the end of a run."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gonogo.core.errors import HistoryError
from gonogo.gate.earlier_runs import HistoryResult, read_history, record_run
from gonogo.history import History, with_history
from gonogo.model.not_checked import HistoryDamaged, HistoryPart, HistoryUnusable
from gonogo.scenarios.running.known import known_scenarios
from tests.component.history.conftest import SEARCH, database, kept, runtime

ODD_JSON = {
    "truncated": '{"flights": "sha2',
    "empty": "",
    "null": "null",
    "a list": "[]",
    "a number": "1e999",
    "not a number": '{"flights": NaN}',
    "deep": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "wrong types": '{"flights": {"a": 1}, "b": [1]}',
    "not UTF-8": b"\xff\xfe\x00",
    "an integer": 7,
}


def recalled(root: Path, **environ: str) -> tuple[HistoryResult, list[str]]:
    warnings: list[str] = []
    return read_history("preprod", runtime(root, **environ), warnings.append), warnings


def with_a_run(root: Path) -> None:
    history = History.open(root, {})
    history.record(kept())
    history.close()


def changed(root: Path, statement: str, *values: object) -> None:
    with closing(database(root)) as file:
        file.execute(statement, values)


@pytest.mark.parametrize("odd", ODD_JSON.values(), ids=ODD_JSON)
def test_unreadable_images_are_a_warning(tmp_path: Path, odd: object) -> None:
    with_a_run(tmp_path)
    changed(tmp_path, "UPDATE runs SET images = ?", odd)
    found, warnings = recalled(tmp_path)
    assert found.problems == (HistoryDamaged(HistoryPart.IMAGES, "r1"),)
    assert warnings == ["history: images of run r1 cannot be read"]
    assert found.baseline is not None and found.baseline.images == {} and found.traffic_baseline is not None


@pytest.mark.parametrize("odd", [*ODD_JSON.values(), "{}", '{"version": 2}'], ids=[*ODD_JSON, "no members", "newer"])
def test_unreadable_exchanges_are_a_warning(tmp_path: Path, odd: object) -> None:
    """This includes a document of another version, which cannot be compared."""
    with_a_run(tmp_path)
    changed(tmp_path, "UPDATE traffic SET document = ?", odd)
    found, warnings = recalled(tmp_path)
    assert found.problems == (HistoryDamaged(HistoryPart.TRAFFIC, "r1"),)
    assert warnings == ["history: exchanges of run r1 cannot be read"]
    assert found.traffic_baseline is None and found.baseline is not None and found.baseline.load


@pytest.mark.parametrize("odd", [*ODD_JSON.values(), '{"behaviour": ["x"]}'], ids=[*ODD_JSON, "not a key"])
def test_unreadable_scenarios_are_a_warning(tmp_path: Path, odd: object) -> None:
    with_a_run(tmp_path)
    changed(tmp_path, "UPDATE ran_scenarios SET document = ?", odd)
    found, warnings = recalled(tmp_path)
    assert found.problems == (HistoryDamaged(HistoryPart.SCENARIOS, "r1"),)
    assert warnings == ["history: scenarios that ran of run r1 cannot be read"]
    assert found.baseline is not None and found.baseline.scenarios is None


@pytest.mark.parametrize("kind", [kind for kind in ODD_JSON if kind != "wrong types"])  # a kind of evidence knows types
def test_unreadable_document_of_a_kind_of_evidence_is_a_warning(tmp_path: Path, kind: str) -> None:
    with_a_run(tmp_path)
    changed(tmp_path, "UPDATE baseline_documents SET document = ?", ODD_JSON[kind])
    found, warnings = recalled(tmp_path)
    assert found.problems == (HistoryDamaged(HistoryPart.DOCUMENT, "r1", "pages"),)
    assert warnings == ["history: document of pages of run r1 cannot be read"]
    assert found.baseline is not None and found.baseline.documents == {}


@pytest.mark.parametrize("odd", [*ODD_JSON.values(), "{}", '{"version": 2}'], ids=[*ODD_JSON, "no members", "newer"])
def test_unreadable_load_figures_are_a_warning(tmp_path: Path, odd: object) -> None:
    with_a_run(tmp_path)
    changed(tmp_path, "UPDATE load_figures SET document = ?", odd)
    found, warnings = recalled(tmp_path)
    assert found.problems == (HistoryDamaged(HistoryPart.LOAD, "r1", "mix"),)
    assert warnings == ["history: load figures of mix of run r1 cannot be read"]
    assert found.baseline is not None and found.baseline.load == {}


@pytest.mark.parametrize("odd", ODD_JSON.values(), ids=ODD_JSON)
def test_unreadable_calls_are_a_warning(tmp_path: Path, odd: object) -> None:
    """The gate and the scenario runner both warn; the runner then orders scenarios by its other data."""
    with_a_run(tmp_path)
    changed(tmp_path, "UPDATE traffic SET calls = ?", odd)
    assert recalled(tmp_path)[0].problems == (HistoryDamaged(HistoryPart.CALLS, "r1"),)
    warnings: list[str] = []
    known = known_scenarios(tmp_path, "preprod", {}, warnings.append)
    assert (known.coverage, known.seconds) == ({}, {SEARCH: 1.5})
    assert warnings == ["history: calls by scenario of run r1 cannot be read"]


@pytest.mark.parametrize("odd", ["long", float("inf"), -1.0, b"\x00"], ids=str)
def test_unreadable_durations_are_a_warning(tmp_path: Path, odd: object) -> None:
    """The durations of the other scenarios are still used."""
    with_a_run(tmp_path)
    changed(tmp_path, "INSERT INTO scenario_durations VALUES ('preprod', 'd', 'other', ?)", odd)
    found, warnings = recalled(tmp_path)
    assert found.problems == (HistoryDamaged(HistoryPart.DURATIONS),)
    assert warnings == ["history: durations of scenarios cannot be read"]
    assert known_scenarios(tmp_path, "preprod", {}, warnings.append).seconds == {SEARCH: 1.5}


def unreadable_file(root: Path) -> None:
    (root / "runs").mkdir()
    (root / "runs" / "history.sqlite").write_text("no database, and longer than a header of one would be " * 99)


def truncated_file(root: Path) -> None:
    with_a_run(root)
    path = root / "runs" / "history.sqlite"
    path.write_bytes(path.read_bytes()[:5_000])


def overwritten_file(root: Path) -> None:
    with_a_run(root)
    path = root / "runs" / "history.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))


def folder(root: Path) -> None:
    (root / "runs" / "history.sqlite").mkdir(parents=True)


def table_gone(root: Path) -> None:
    with_a_run(root)
    changed(root, "DROP TABLE traffic")


def newer_version(root: Path) -> None:
    with_a_run(root)
    changed(root, "UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize("damage", [unreadable_file, truncated_file, overwritten_file, folder, table_gone,
                                    newer_version])
def test_unusable_history_is_a_warning(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """The gate before and after the run, and the scenario runner, warn and continue without the history."""
    damage(tmp_path)
    found, warnings = recalled(tmp_path)
    assert found.baseline is None
    [problem], [warning] = found.problems, warnings
    assert isinstance(problem, HistoryUnusable) and warning == f"history: {problem.error_text}"
    assert "history.sqlite" in warning or "GONOGO_HISTORY" in warning
    record_run(kept("r2"), runtime(tmp_path), warnings.append)
    assert warnings[1].startswith("history: this run was not recorded and cannot be promoted: ")
    assert known_scenarios(tmp_path, "preprod", {}, warnings.append).seconds == {}
    assert len(warnings) == 3


@pytest.mark.parametrize("url", [
    "no url", "sqlite:////no/such/folder/history.sqlite", "nodialect://host/db", "sqlite+nodriver:///x.sqlite",
    "postgresql+psycopg://me:pass-word@127.0.0.1:1/db", "postgresql://me:pass-word@host:port/db", "sqlite+aiosqlite:///x"])
def test_unusable_url_is_a_warning_without_its_password(tmp_path: Path, url: str) -> None:
    """Covers an invalid URL, a missing driver, a missing folder, and a port without a listener."""
    found, warnings = recalled(tmp_path, GONOGO_HISTORY=url)
    assert len(found.problems) == len(warnings) == 1
    assert "GONOGO_HISTORY" in warnings[0] and "\n" not in warnings[0] and "pass-word" not in warnings[0]


def test_wait_for_a_locked_database_is_limited(tmp_path: Path) -> None:
    """Another connection locks it for reads and writes; the timeout in the URL applies."""
    with_a_run(tmp_path)
    url = f"sqlite:///{tmp_path}/runs/history.sqlite?timeout=0.2"
    with closing(database(tmp_path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        found, warnings = recalled(tmp_path, GONOGO_HISTORY=url)
        record_run(kept("r2"), runtime(tmp_path, GONOGO_HISTORY=url), warnings.append)
        assert time.monotonic() - began < 9
    assert isinstance(found.problems[0], HistoryUnusable) and "locked" in warnings[0] and "locked" in warnings[1]
    found, _ = recalled(tmp_path, GONOGO_HISTORY=url)
    assert found.baseline is not None and found.problems == ()


def test_briefly_locked_database_is_waited_for(tmp_path: Path) -> None:
    """A gate that records its run waits while another one records at the same time."""
    with_a_run(tmp_path)
    warnings: list[str] = []
    with closing(sqlite3.connect(tmp_path / "runs" / "history.sqlite", isolation_level=None,
                                 check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        keeping = threading.Thread(target=record_run, args=(kept("r2", day=2), runtime(tmp_path), warnings.append))
        keeping.start()
        keeping.join(0.3)
        assert keeping.is_alive()
        other.execute("COMMIT")
        keeping.join(20)
    assert warnings == []
    found, _ = recalled(tmp_path)
    assert found.baseline is not None and found.baseline.run == "r2"


def test_database_that_never_answers_times_out(tmp_path: Path) -> None:
    """The time limit does not depend on the driver."""
    over = threading.Event()
    try:
        with pytest.raises(HistoryError, match=r"The history did not answer within 0\.05 s"):
            with_history(tmp_path, {}, lambda _: over.wait(), max_s=0.05)
    finally:
        over.set()


def test_read_only_database_is_read(tmp_path: Path) -> None:
    """Its baseline is used; the unrecorded run is a warning. SQLite itself refuses to write, even as root."""
    with_a_run(tmp_path)
    url = f"sqlite:///file:{tmp_path}/runs/history.sqlite?mode=ro&uri=true"
    found, warnings = recalled(tmp_path, GONOGO_HISTORY=url)
    assert found.baseline is not None and warnings == []
    record_run(kept("r2"), runtime(tmp_path, GONOGO_HISTORY=url), warnings.append)
    assert "readonly" in warnings[0]


def test_known_run_is_not_recorded_twice(tmp_path: Path) -> None:
    with_a_run(tmp_path)
    warnings: list[str] = []
    record_run(kept("r1", answer="NO-GO"), runtime(tmp_path), warnings.append)
    assert len(warnings) == 1
    found, _ = recalled(tmp_path)
    assert found.baseline is not None and found.baseline.run == "r1"


def test_damaged_mask_key_is_an_error_that_does_not_show_it(tmp_path: Path) -> None:
    """A short or invalid key would mask badly: the caller must decide without the history."""
    history = History.open(tmp_path, {})
    history.mask_key()
    for odd in ("abcd", "no hex", ""):
        changed(tmp_path, "UPDATE secret_keys SET value = ?", odd)
        with pytest.raises(HistoryError, match=r"^The key for masks is damaged\.") as raised:
            history.mask_key()
        assert not odd or odd not in str(raised.value)
    history.close()


def test_known_scenarios_of_a_new_project_create_no_history(tmp_path: Path) -> None:
    """An empty GONOGO_HISTORY counts as unset."""
    for environ in ({}, {"GONOGO_HISTORY": ""}):
        known = known_scenarios(tmp_path, "preprod", environ, pytest.fail)
        assert (known.seconds, known.coverage, known.images) == ({}, {}, {})
    assert not (tmp_path / "runs").exists()


def test_documents_are_valid_json(tmp_path: Path) -> None:
    """Text that cannot be encoded (a lone surrogate) loses neither the run nor its row."""
    history = History.open(tmp_path, {})
    run = kept()
    history.record(type(run)(**{**{name: getattr(run, name) for name in run.__slots__},
                                "traffic": {"odd": "\ud800", "zero": "\x00"}, "seconds": {"\ud800": 1.0}}))
    found = history.baseline("preprod")
    assert found is not None and found.traffic == {"odd": "\ud800", "zero": "\x00"}
    assert history.known_scenarios("preprod").seconds == {"\\ud800": 1.0}
    with closing(database(tmp_path)) as file:
        assert json.loads(file.execute("SELECT document FROM traffic").fetchone()[0])["odd"] == "\ud800"
    history.close()
