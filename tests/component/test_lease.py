"""The folder of the leases belongs to one user; what a killed gate left is found by its lease."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonogo.core.errors import EnvironmentInUse, LeaseError
from gonogo.core.runtime import Interrupted
from gonogo.environment.lease import VARIABLE, Holder, Lease, folder_of, leased, left_lease
from gonogo.environment.leftovers import end_leftovers


def test_folder_is_private(tmp_path: Path) -> None:
    folder = folder_of({"XDG_STATE_HOME": str(tmp_path / "state")})
    assert folder == tmp_path / "state" / "gonogo" / "leases"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_home_that_cannot_be_written_is_replaced_by_the_temporary_folder(tmp_path: Path,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").touch()
    folder = folder_of({"XDG_STATE_HOME": str(tmp_path / "file")})
    assert folder == tmp_path / f"gonogo-leases-{os.getuid()}"


@pytest.mark.parametrize("kind", ["writable by others", "a link"])
def test_folder_of_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Whoever can write there could name processes and folders to end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    own = tmp_path / f"gonogo-leases-{os.getuid()}"
    if kind == "a link":
        own.symlink_to(elsewhere)
    else:
        own.mkdir()
        own.chmod(0o777)
    with pytest.raises(LeaseError, match="only this user"):
        folder_of({"XDG_STATE_HOME": str(tmp_path / "file")})


def left(root: Path, temporary: Path, token: str = "token-of-the-lease") -> Holder:
    return Holder("preprod", str(root), str(root / "runs" / "1"), "2026-01-01", 1, 0.0, token, str(temporary))


def test_processes_and_temporary_files_are_ended(tmp_path: Path) -> None:
    """A process that ignores SIGTERM is killed; one of another lease is not touched."""
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    own, other = (subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE,
                                   env={**os.environ, VARIABLE: token}) for token in ("token-of-the-lease", "other"))
    temporary = tmp_path / "gonogo-run-1"
    temporary.mkdir()
    (temporary / "trace").touch()
    try:
        for process in (own, other):
            assert process.stdout is not None
            process.stdout.readline()
        end_leftovers(left(tmp_path, temporary), {}, lambda line: None)
        assert own.wait(10) == -9
        assert other.poll() is None
        assert not temporary.exists()
    finally:
        for process in (own, other):
            process.kill()
            process.communicate()


def test_folder_that_no_gate_made_is_never_removed(tmp_path: Path) -> None:
    end_leftovers(left(tmp_path, tmp_path), {}, lambda line: None)
    assert tmp_path.exists()


def lease(state: Path, clean: Callable[[Holder], None] = lambda left: None, wait_s: float = 0) -> AbstractContextManager[Lease]:
    return leased("preprod", "http://user:word@127.0.0.1:1/shop/", root=state, run_folder=state / "runs" / "1", wait_s=wait_s,
                  environ={"XDG_STATE_HOME": str(state)}, since=datetime(2026, 1, 1, tzinfo=UTC), on_progress=lambda line: None, clean=clean)


def test_lease_is_held_once_and_leaves_nothing(tmp_path: Path) -> None:
    with lease(tmp_path) as held:
        assert held.path.stat().st_mode & 0o077 == 0 or held.path.parent.stat().st_mode & 0o077 == 0
        assert "word" not in held.path.read_text()
        folder = Path(held.variables["TMPDIR"])
        assert folder.stat().st_mode & 0o777 == 0o700
        with pytest.raises(EnvironmentInUse, match=rf"run 1 \(process {os.getpid()}, since 2026-01-01"), lease(tmp_path, wait_s=0.1):
            pass
    assert not held.path.exists()
    assert not folder.exists()


def test_waiting_for_a_lease_can_be_interrupted(tmp_path: Path) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with lease(tmp_path):
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Interrupted), lease(tmp_path, wait_s=60):
                pass
    finally:
        signal.signal(signal.SIGALRM, before)


def test_damaged_lease_is_refused(tmp_path: Path) -> None:
    """Nobody knows what the gate that wrote it has left."""
    with lease(tmp_path) as held:
        path = held.path
    path.write_text("{")
    with pytest.raises(LeaseError, match="damaged") as raised, lease(tmp_path):
        pass
    assert raised.value.where == str(path)
    with pytest.raises(LeaseError, match="damaged"), left_lease(path):
        pass
