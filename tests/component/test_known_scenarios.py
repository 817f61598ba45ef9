"""What the history tells about scenarios, with real SQLite files: it is there for speed, and never stands in the way."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gonogo.history import History, known_scenarios
from gonogo.model.calls import CallKind

SEARCH, ASKED, PAID = "a.feature:3 Search", CallKind("gateway", "flights", "GET /flights 200"), CallKind(
    "payments", "bank", "POST /charges 201")


def keep(root: Path) -> None:
    history = History.open(root, {})
    history.record_run("r1", "preprod", "GO", "2026-01-01", {"flights": "sha256:1"})
    history.record_wire("r1", {}, {SEARCH: {PAID, ASKED}})
    history.record_durations({SEARCH: 1.5})
    history.close()


def test_there_is_nothing_to_know_before_the_first_run(tmp_path: Path) -> None:
    known = known_scenarios(tmp_path, "preprod", {})
    assert (known.seconds, known.met, known.images) == ({}, {}, {})
    assert not (tmp_path / "runs").exists()


def test_a_history_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "history.sqlite").write_text("no database")
    assert known_scenarios(tmp_path, "preprod", {}).met == {}


def test_what_a_go_met_comes_back_as_it_was(tmp_path: Path) -> None:
    keep(tmp_path)
    known = known_scenarios(tmp_path, "preprod", {})
    assert (known.seconds, known.met, known.images) == (
        {SEARCH: 1.5}, {SEARCH: frozenset({ASKED, PAID})}, {"flights": "sha256:1"})
    assert known_scenarios(tmp_path, "prod", {}).met == {}


def test_a_history_of_a_time_when_components_alone_were_kept_is_read(tmp_path: Path) -> None:
    keep(tmp_path)
    with sqlite3.connect(tmp_path / "runs" / "history.sqlite") as database:
        database.execute("update wire set touched = ?", (f'{{"{SEARCH}": ["gateway", "gds"]}}',))
    known = known_scenarios(tmp_path, "preprod", {})
    assert (known.seconds, known.met) == ({SEARCH: 1.5}, {SEARCH: frozenset()})
