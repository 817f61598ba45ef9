"""One gate at a time uses an environment; what a killed gate left is ended by the next one, or by `gonogo clean`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess

    from tests.e2e.conftest import Project

Patiently = Callable[..., None]
# The scenario waits for a file. Its process writes a temporary file, as a browser does.
WAITS = ('@read-only\nFeature: F\n  Scenario: waits\n    When it runs import tempfile; tempfile.mkstemp(); '
         'open("underway", "w").close()\n'
         '    And it runs while not os.path.exists("go"): time.sleep(0.05)\n')


def begin(project: Project, patiently: Patiently) -> subprocess.Popen[str]:
    """Start a gate that provisions its environment, and wait until its scenario is running."""
    project.provisioned()
    project.feature(WAITS)
    gate = project.start()
    patiently((project.root / "underway").exists)
    return gate


def temporary_folder(project: Project) -> Path:
    (lease,) = (project.root / ".state" / "gonogo" / "leases").glob("*.json")
    return Path(json.loads(lease.read_text())["temporary"])


@contextmanager
def killed(project: Project, patiently: Patiently) -> Iterator[Path]:
    """A gate was killed: its environment is up, and its temporary folder, which is yielded, exists."""
    gate = begin(project, patiently)
    folder = temporary_folder(project)
    assert list(folder.iterdir())
    gate.kill()
    gate.communicate()
    assert not (project.root / "downed").exists()
    yield folder
    assert (project.root / "downed").exists()
    assert not folder.exists()
    project.assert_nothing_left(within_s=15)


def test_second_gate_is_refused_and_the_first_is_not_disturbed(project: Project, patiently: Patiently) -> None:
    first = begin(project, patiently)
    second = project.run()
    assert (second.code, second.stdout) == (3, "")
    assert f"preprod is in use by the run {second.run_folder.name} (process {first.pid}, since " in second.stderr
    assert "--wait" in second.stderr
    assert len([path for path in second.runs.iterdir() if path.is_dir() and not path.is_symlink()]) == 1
    assert "not touched" in project.run(command="clean").stdout
    (project.root / "go").touch()
    project.end(first).assert_answer("GO")


def test_second_gate_can_wait(project: Project, patiently: Patiently) -> None:
    first = begin(project, patiently)
    second = project.start("--wait", "60")
    assert second.stderr is not None
    assert "waiting at most 60 s" in second.stderr.readline()
    (project.root / "go").touch()
    assert project.end(first).code == 0
    project.end(second).assert_answer("GO")


def test_clean_ends_what_a_killed_gate_left(project: Project, patiently: Patiently) -> None:
    with killed(project, patiently):
        ended = project.run(command="clean")
        assert (ended.code, ended.stderr) == (0, "")
        assert "which was killed" in ended.stdout
    assert project.run(command="clean").stdout == "nothing to clean: no gate has left anything\n"


def test_next_gate_ends_what_a_killed_gate_left(project: Project, patiently: Patiently) -> None:
    """It then starts the environment itself, and so stops it too."""
    with killed(project, patiently):
        (project.root / "go").touch()
        ended = project.run()
        ended.assert_answer("GO")
        assert "which was killed" in ended.stderr


def test_environment_that_cannot_be_stopped_is_reported_and_kept(project: Project, patiently: Patiently) -> None:
    down = (project.root / "down.py")
    with killed(project, patiently):
        working = down.read_text()
        down.write_text("raise SystemExit('it is stuck')\n")
        for ended in (project.run(), project.run(command="clean")):
            assert ended.code == 3
            assert "it is stuck" in ended.stderr
        down.write_text(working)
        assert project.run(command="clean").code == 0


@pytest.mark.parametrize("wait", ["soon", "-1", "1e9", "nan"])
def test_wait_is_a_number_of_seconds(project: Project, wait: str) -> None:
    ended = project.run("--wait", wait)
    assert ended.code == 2
    assert "--wait 600" in ended.stderr
