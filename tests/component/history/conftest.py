"""Fixtures: histories in real databases, and the data in them."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonogo.core.runtime import Runtime
from gonogo.history import History, RecordedRun
from gonogo.model.calls import CallKind
from gonogo.model.load import Bucket, LoadEvidence
from gonogo.records.load_baseline import baseline_document
from gonogo.traffic.analysis import TrafficBaseline

SEARCH = '["features/search.feature","","Search",1]'
ASKED, PAID = CallKind("gateway", "flights", "GET /flights 200"), CallKind("payments", "bank", "POST /charges 201")
TRAFFIC = TrafficBaseline(crossed={("web", "flights"): 3}).as_document()
EVIDENCE = LoadEvidence(
    "mix", planned_s=60, planned_users=20, planned_spawn_rate=5, planned_arrivals={"per_s": 4.0, "curve": [[0, 4]]},
    buckets=(Bucket("/api/flights", 5, 100, 1, 20.0, 40.0, 60.0),), probe=(Bucket("probe", 5, 5, 0, 2.0, 3.0, 3.5),))

# The exact tables that gonogo created before the history had a version.
OLD_LAYOUT = """
CREATE TABLE runs (
	run VARCHAR(64) NOT NULL,
	environment VARCHAR(128) NOT NULL,
	answer VARCHAR(16) NOT NULL,
	started VARCHAR(40) NOT NULL,
	release JSON NOT NULL,
	PRIMARY KEY (run)
);
CREATE INDEX ix_runs_environment ON runs (environment);
CREATE TABLE wire (
	run VARCHAR(64) NOT NULL,
	document JSON NOT NULL,
	touched JSON NOT NULL,
	PRIMARY KEY (run)
);
CREATE TABLE load_figures (
	run VARCHAR(64) NOT NULL,
	profile VARCHAR(128) NOT NULL,
	document JSON NOT NULL,
	PRIMARY KEY (run, profile)
);
CREATE TABLE promotions (
	run VARCHAR(64) NOT NULL,
	at VARCHAR(40) NOT NULL,
	PRIMARY KEY (run)
);
CREATE TABLE durations (
	scenario VARCHAR(1024) NOT NULL,
	seconds FLOAT NOT NULL,
	PRIMARY KEY (scenario)
);
"""


def kept(run: str = "r1", environment: str = "preprod", answer: str = "GO", day: int = 1) -> RecordedRun:
    """Return a run with a value in every member."""
    return RecordedRun(run, environment, answer, f"2026-01-{day:02}T00:00:00+00:00", {"flights": f"sha256:{run}"}, TRAFFIC,
                   {SEARCH: {PAID, ASKED}}, {"mix": baseline_document(EVIDENCE)}, {"behaviour": [SEARCH]}, {"pages": {"seen": [run]}},
                       {SEARCH: 1.5})


def moment(day: int) -> datetime:
    return datetime(2026, 2, day, tzinfo=UTC)


def runtime(root: Path, **environ: str) -> Runtime:
    return Runtime(root, environ, io.StringIO(), io.StringIO(), now=lambda: moment(1))


def database(root: Path) -> sqlite3.Connection:
    """Open the SQLite file itself, as another program does."""
    (root / "runs").mkdir(exist_ok=True)
    return sqlite3.connect(root / "runs" / "history.sqlite", isolation_level=None)


def make_old(root: Path, *, scenarios: int = 1) -> None:
    """Create a history of the old layout: a GO that was promoted, a later one that was not, and a failed run."""
    with closing(database(root)) as old:
        old.executescript(OLD_LAYOUT)
        old.executemany("INSERT INTO runs VALUES (?, 'preprod', ?, ?, ?)", [
            ("r1", "GO", "2026-01-01T00:00:00+00:00", '{"flights": "sha256:r1"}'),
            ("r2", "GO", "2026-01-02T00:00:00+00:00", '{"flights": "sha256:r2"}'),
            ("r3", "NO-GO", "2026-01-03T00:00:00+00:00", "{}")])
        old.execute("INSERT INTO wire VALUES ('r1', ?, ?)",
                    ('{"of": "r1"}', '{"s": [["gateway", "flights", "GET /flights 200"]]}'))
        old.execute("INSERT INTO load_figures VALUES ('r1', 'mix', ?)",
                    ('{"version": 1, "planned_s": 60, "planned_users": 20, "planned_spawn_rate": 5, '
                     '"planned_arrivals": null, "buckets": [["/a", 5, 100, 1, 20.0, 40.0, 60.0]], "probe": []}',))
        old.execute("INSERT INTO promotions VALUES ('r1', '2026-01-01T12:00:00+00:00')")
        old.executemany("INSERT INTO durations VALUES (?, ?)", [(f"s{number}", 1.5) for number in range(scenarios)])


@pytest.fixture
def history(tmp_path: Path):
    """A history that is closed after the test."""
    opened = History.open(tmp_path, {})
    yield opened
    opened.close()


@pytest.fixture
def reopened(tmp_path: Path):
    """A function that opens the history again, as the next run does."""
    opened: list[History] = []

    def open_again() -> History:
        opened.append(History.open(tmp_path, {}))
        return opened[-1]

    yield open_again
    for each in opened:
        each.close()


Reopened = Callable[[], History]
