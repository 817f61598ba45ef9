"""The history in a real PostgreSQL, if one is installed: behaviour that SQLite alone does not show."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gonogo.gate.earlier_runs import read_history, record_run
from gonogo.history import History
from tests.component.history.conftest import ASKED, PAID, SEARCH, TRAFFIC, kept, moment, runtime
from tests.component.history.test_layouts import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("initdb") or not shutil.which("pg_ctl"),
                                reason="PostgreSQL is not installed (Debian: postgresql)")

_OPENS = """\
import os, sys
from pathlib import Path
from gonogo.history import History, RecordedRun
import gonogo.history.migrations
print("ready", flush=True)
sys.stdin.readline()
history = History.open(Path("."), os.environ)
history.record(RecordedRun(sys.argv[1], "preprod", "GO", "2026-01-04T00:00:00+00:00", seconds={f"s{n}": 2.0 for n in range(900)}))
print(history.mask_key().hex())
"""
_OLD = """
CREATE TABLE runs (run VARCHAR(64) NOT NULL, environment VARCHAR(128) NOT NULL, answer VARCHAR(16) NOT NULL,
    started VARCHAR(40) NOT NULL, release JSON NOT NULL, PRIMARY KEY (run));
CREATE INDEX ix_runs_environment ON runs (environment);
CREATE TABLE wire (run VARCHAR(64) NOT NULL, document JSON NOT NULL, touched JSON NOT NULL, PRIMARY KEY (run));
CREATE TABLE load_figures (run VARCHAR(64) NOT NULL, profile VARCHAR(128) NOT NULL, document JSON NOT NULL,
    PRIMARY KEY (run, profile));
CREATE TABLE promotions (run VARCHAR(64) NOT NULL, at VARCHAR(40) NOT NULL, PRIMARY KEY (run));
CREATE TABLE durations (scenario VARCHAR(1024) NOT NULL, seconds FLOAT NOT NULL, PRIMARY KEY (scenario));
INSERT INTO runs VALUES ('r1', 'preprod', 'GO', '2026-01-01T00:00:00+00:00', '{"flights": "sha256:r1"}');
INSERT INTO wire VALUES ('r1', '{"of": "r1"}', '{}');
INSERT INTO promotions VALUES ('r1', '2026-01-01T12:00:00+00:00');
INSERT INTO durations VALUES ('s0', 1.5);
"""


def _as_server_user(folder: Path) -> dict[str, object]:
    """Return the options that start a process as the server's user: PostgreSQL does not run as root."""
    if os.getuid():
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of the server, without a database. Its folder is not one of pytest's, which other users may not enter."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield from _serving(folder)


def _serving(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = _as_server_user(folder)

    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, check=True, timeout=120, stdout=subprocess.DEVNULL, **options)

    run("initdb", "-D", str(folder / "data"), "-U", "gate", "--auth=trust", "--no-sync", "--locale=C.UTF-8")
    run("pg_ctl", "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o",
        f"-h 127.0.0.1 -p {port} -k '' -F", "start")
    try:
        yield f"postgresql+psycopg://gate@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    name = request.node.originalname[:50] + str(abs(hash(request.node.name)) % 1000)
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return f"{server}/{name}"


def executed(url: str, statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statements.replace(":", r"\:")))
    engine.dispose()


def test_wait_for_locked_tables_is_limited(url: str, tmp_path: Path) -> None:
    """Another session holds the lock; the timeout in the URL applies."""
    environ = {"GONOGO_HISTORY": f"{url}?options=-c%20lock_timeout%3D200"}
    warnings: list[str] = []
    record_run(kept(), runtime(tmp_path, **environ), warnings.append)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE"))
        found = read_history("preprod", runtime(tmp_path, **environ), warnings.append)
    engine.dispose()
    assert found.baseline is None and "lock timeout" in warnings[0]


def test_invalid_json_is_a_warning(url: str, tmp_path: Path) -> None:
    environ, warnings = {"GONOGO_HISTORY": url}, []
    record_run(kept(), runtime(tmp_path, **environ), warnings.append)
    executed(url, "UPDATE runs SET images = '{'; UPDATE scenario_durations SET seconds = 'NaN'")
    found = read_history("preprod", runtime(tmp_path, **environ), warnings.append)
    assert found.baseline is not None and found.baseline.traffic == TRAFFIC
    assert warnings == ["history: images of run r1 cannot be read", "history: durations of scenarios cannot be read"]


def test_recorded_runs_are_read_back_unchanged(url: str, tmp_path: Path) -> None:
    history = History.open(tmp_path, {"GONOGO_HISTORY": url})
    many = {f'["f","","{number}",1]': 1.0 for number in range(5_500)}
    for day in (1, 2):
        history.record(replace(kept(f"r{day}", day=day), seconds={**many, SEARCH: 1.5}))
    assert history.mark_promoted("r1", moment(1))
    found, known = history.baseline("preprod"), history.known_scenarios("preprod")
    assert found is not None
    assert (found.run, found.promoted, found.images, found.traffic, set(found.load)) == (
        "r1", True, {"flights": "sha256:r1"}, TRAFFIC, {"mix"})
    assert known.coverage == {SEARCH: frozenset({ASKED, PAID})} and known.seconds == {**many, SEARCH: 1.5}
    assert len(history.mask_key()) == 32
    contents = history.export_baseline("preprod")
    assert contents is not None
    adopted = history.import_baseline(contents)
    assert adopted == found and history.damage == ()
    history.close()


@pytest.mark.parametrize("old", [False, True], ids=["fresh", "old"])
def test_gates_can_migrate_at_the_same_time(url: str, tmp_path: Path, old: bool) -> None:
    """The data that an older gonogo recorded is still there."""
    if old:
        executed(url, _OLD)
    gates = [subprocess.Popen([sys.executable, "-c", _OPENS, f"gate{number}"], cwd=ROOT, text=True,
                              env={**os.environ, "GONOGO_HISTORY": url}, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) for number in range(4)]
    for gate in gates:
        assert gate.stdout is not None and gate.stdout.readline() == "ready\n"
    for gate in gates:
        assert gate.stdin is not None
        gate.stdin.write("\n")
        gate.stdin.flush()
    ended = [gate.communicate(timeout=120) for gate in gates]
    assert [error for _, error in ended] == [""] * 4
    assert len({key for key, _ in ended}) == 1
    history = History.open(tmp_path, {"GONOGO_HISTORY": url})
    found = history.baseline("preprod")
    assert found is not None
    assert (found.run, found.promoted, found.traffic) == (("r1", True, {"of": "r1"}) if old else ("gate3", False, None))
    assert history.known_scenarios("preprod").seconds.get("s0") == 2.0
    history.close()
