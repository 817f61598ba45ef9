"""A profile that the gate starts early: Locust prepares itself, and sends no request until it receives `begin`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gonogo.config import RunPlan
from gonogo.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

pytestmark = pytest.mark.alone


@pytest.fixture
def held(trial: Trial, visitor: Callable[..., str]) -> subprocess.Popen[str]:
    """A Locust process that has loaded its profile and waits for `begin`, or is about to wait."""
    trial.environments({"visit": {"users": 1, "spawn_rate": 10, "duration_s": 2,
                                  "objectives": {"/ok": {"p95_ms": 5000, "error_ratio": 0.05}}}})
    trial.file("visit.py", visitor() + "open('read', 'w').close()\n")
    child = trial.start("-f", "load/", "--headless", "--env", "here", stdin=subprocess.PIPE, GONOGO_HELD="yes")
    trial.wait_until((trial.root / "read").exists)
    return child


def test_paused_load_starts_on_begin(trial: Trial, held: subprocess.Popen[str]) -> None:
    assert not trial.target.seen
    assert held.stdin is not None
    held.stdin.write("begin\n")
    held.stdin.close()
    ended = trial.end(held)
    assert (ended.code, ended.evidence.finished) == (ExitCode.GO, True), ended.stderr
    assert trial.target.seen["/ok"]


def test_load_with_a_plan_does_not_read_the_environment_again(trial: Trial, visitor: Callable[..., str]) -> None:
    """A later edit of environments.yml has no effect: the load goes where the gate found it permitted."""
    trial.environments({"visit": {"users": 1, "spawn_rate": 10, "duration_s": 2,
                                  "objectives": {"/ok": {"p95_ms": 5000, "error_ratio": 0.05}}}})
    trial.file("visit.py", visitor())
    plan = RunPlan.make("here", trial.root, {})
    (trial.root / "environments.yml").write_text("environments: {here: {url: 'http://127.0.0.1:1'}}\n")
    child = trial.start("-f", "load/", "--headless", "--env", "here", stdin=subprocess.PIPE, GONOGO_PLANNED="yes")
    assert child.stdin is not None
    child.stdin.write(plan.sealed().decode())
    child.stdin.close()
    ended = trial.end(child)
    assert (ended.code, ended.evidence.finished) == (ExitCode.GO, True), ended.stderr
    assert trial.target.seen["/ok"]


@pytest.mark.parametrize("line", ["", "begin\n"])
def test_load_without_a_complete_plan_sends_nothing(trial: Trial, visitor: Callable[..., str], line: str) -> None:
    trial.environments({"visit": {"users": 1, "duration_s": 2, "objectives": {"/ok": {"p95_ms": 5000}}}})
    trial.file("visit.py", visitor())
    child = trial.start("-f", "load/", "--headless", "--env", "here", stdin=subprocess.PIPE, GONOGO_PLANNED="yes")
    assert child.stdin is not None
    child.stdin.write(line)
    child.stdin.close()
    ended = trial.end(child)
    assert ended.code == ExitCode.INCONCLUSIVE
    assert "The plan of the run was received incomplete" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not trial.target.seen


def test_paused_load_sends_nothing_if_its_input_closes(trial: Trial, held: subprocess.Popen[str]) -> None:
    assert held.stdin is not None
    held.stdin.close()
    ended = trial.end(held)
    assert (ended.code, ended.last_line) == (ExitCode.INTERRUPTED, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    assert not trial.target.seen
    assert not (trial.root / "runs").exists()
