"""Databases of other versions: older ones are upgraded without loss, newer ones are left unchanged."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect

from gonogo.core.errors import HistoryError
from gonogo.history import History
from gonogo.history.tables import RUNS, VERSION
from gonogo.model.calls import CallKind
from gonogo.model.load import Bucket
from tests.component.history.conftest import database, kept, make_old, moment

ROOT = Path(__file__).parents[3]
# A gate that waits for a line on standard input, then opens the history and records a run.
_OPENS = """\
import sys
from pathlib import Path
from gonogo.history import History, RecordedRun
import gonogo.history.migrations
print("ready", flush=True)
sys.stdin.readline()
history = History.open(Path(sys.argv[1]), {})
history.record(RecordedRun(sys.argv[2], "preprod", "GO", "2026-01-04T00:00:00+00:00", seconds={f"s{n}": 2.0 for n in range(900)}))
print(history.mask_key().hex())
"""


def rows(root: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(database(root)) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(file.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}


@pytest.mark.parametrize("version", ["9999", "0005"])
def test_database_of_a_newer_version_is_refused_and_unchanged(tmp_path: Path, version: str) -> None:
    History.open(tmp_path, {}).close()
    with closing(database(tmp_path)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = ?", (version,))
        newer.execute("ALTER TABLE runs RENAME COLUMN images TO pictures")
    before = rows(tmp_path)
    with pytest.raises(HistoryError, match=f"The tables have version {version}; this gonogo supports up to"):
        History.open(tmp_path, {})
    assert rows(tmp_path) == before


@pytest.mark.parametrize("versions", [["1a2b3c"], ["0001", "0002"]])
def test_database_of_another_program_is_refused(tmp_path: Path, versions: list[str]) -> None:
    with closing(database(tmp_path)) as other:
        other.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        other.executemany("INSERT INTO alembic_version VALUES (?)", [(each,) for each in versions])
    with pytest.raises(HistoryError, match="which is not a gonogo version"):
        History.open(tmp_path, {})
    assert set(rows(tmp_path)) == {"alembic_version"}


def test_failed_migration_leaves_the_database_unchanged(tmp_path: Path) -> None:
    """The next gonogo finds the complete old layout, not half of a new one."""
    make_old(tmp_path)
    with closing(database(tmp_path)) as old:
        old.execute("CREATE TABLE secret_keys (anything TEXT)")  # the last migration creates this table, and fails
    before = rows(tmp_path)
    with pytest.raises(HistoryError, match="The history cannot be used"):
        History.open(tmp_path, {})
    assert rows(tmp_path) == before


def test_old_layout_is_upgraded_without_loss(tmp_path: Path) -> None:
    make_old(tmp_path, scenarios=1_200)
    history = History.open(tmp_path, {})
    found, known = history.baseline("preprod"), history.known_scenarios("preprod")
    assert found is not None
    assert (found.run, found.promoted, found.images, found.traffic) == (
        "r1", True, {"flights": "sha256:r1"}, {"of": "r1"})
    assert found.load["mix"].buckets == (Bucket("/a", 5, 100, 1, 20.0, 40.0, 60.0),)
    assert known.coverage == {"s": frozenset({CallKind("gateway", "flights", "GET /flights 200")})}
    assert known.seconds == {f"s{number}": 1.5 for number in range(1_200)}
    assert history.damage == ()
    assert history.mark_promoted("r2", moment(1)) and not history.mark_promoted("r3", moment(2))
    later = history.baseline("preprod")
    assert later is not None and (later.run, later.images) == ("r2", {"flights": "sha256:r2"})
    history.record(kept("r4", day=4))
    history.close()
    assert [row[0] for row in rows(tmp_path)["runs"]] == ["r1", "r2", "r3", "r4"]
    assert not {"wire", "durations"} & set(rows(tmp_path))


def test_old_layout_without_the_newer_tables_is_upgraded(tmp_path: Path) -> None:
    """This layout is older than the tables of load figures and promotions."""
    make_old(tmp_path)
    with closing(database(tmp_path)) as old:
        old.execute("DROP TABLE load_figures")
        old.execute("DROP TABLE promotions")
    history = History.open(tmp_path, {})
    found = history.baseline("preprod")
    assert found is not None and (found.run, found.promoted, found.load) == ("r2", False, {})
    history.close()


def test_invalid_json_of_the_old_layout_affects_only_its_row(tmp_path: Path) -> None:
    """The upgrade neither fails nor loses the other rows."""
    make_old(tmp_path)
    with closing(database(tmp_path)) as old:
        old.execute("UPDATE wire SET document = '{\"of\": '")
        old.execute("UPDATE runs SET release = X'FFFE00' WHERE run = 'r2'")
        old.execute("INSERT INTO durations VALUES ('odd', 'long')")
    history = History.open(tmp_path, {})
    found = history.baseline("preprod")
    assert found is not None and (found.images, found.traffic) == ({"flights": "sha256:r1"}, None)
    assert [each.part for each in history.damage] == ["exchanges"]
    assert history.known_scenarios("preprod").seconds == {"s0": 1.5}
    history.close()


def test_newest_migration_creates_the_tables_that_the_code_defines(tmp_path: Path) -> None:
    """The columns are the same, and the version is the one that the code expects."""
    config = Config()
    config.set_main_option("script_location", "gonogo.history:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [VERSION]
    History.open(tmp_path, {}).close()
    engine = create_engine(f"sqlite:///{tmp_path}/runs/history.sqlite")
    made = MetaData()
    made.reflect(engine)
    expected = {name: [(column.name, column.nullable, column.primary_key) for column in table.columns]
                for name, table in RUNS.metadata.tables.items()}
    assert {name: [(column.name, column.nullable, column.primary_key) for column in table.columns]
            for name, table in made.tables.items() if name != "alembic_version"} == expected
    assert [index["column_names"] for index in inspect(engine).get_indexes("runs")] == [["environment"]]
    engine.dispose()


def test_threads_can_migrate_at_the_same_time(tmp_path: Path) -> None:
    """A thread that timed out may still migrate when the next one begins."""
    def opened(number: int) -> bool:
        History.open(tmp_path / f"project{number}", {}).close()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(opened, range(16)))


@pytest.mark.parametrize("old", [False, True], ids=["fresh", "old"])
def test_gates_can_migrate_at_the_same_time(tmp_path: Path, old: bool) -> None:
    """Real processes each open the same database, record their run, and read the same key."""
    if old:
        make_old(tmp_path, scenarios=900)
    gates = [subprocess.Popen([sys.executable, "-c", _OPENS, str(tmp_path), f"gate{number}"], cwd=ROOT, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
             for number in range(4)]
    for gate in gates:
        assert gate.stdout is not None and gate.stdout.readline() == "ready\n"
    for gate in gates:
        assert gate.stdin is not None
        gate.stdin.write("\n")
        gate.stdin.flush()
    ended = [gate.communicate(timeout=120) for gate in gates]
    assert [error for _, error in ended] == [""] * 4
    assert len({key for key, _ in ended}) == 1
    assert [row[0] for row in rows(tmp_path)["runs"]] == [
        *(f"gate{number}" for number in range(4)), *(["r1", "r2", "r3"] if old else [])]
