"""The folder of the leases belongs to one user; what a killed gate left is found by its lease."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gonogo.core.errors import LeaseError
from gonogo.environment.lease import VARIABLE, Holder, folder_of
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
