"""A stage that the gate starts early: the runner prepares itself, and executes nothing until it receives `begin`."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from gonogo.core.exit_codes import ExitCode
from tests.component.behave_runner.conftest import TIMEOUT_S, Suite

FEATURE = """
Feature: held
  Scenario: one
    Given it leaves a mark
    Then nobody who is started here is held
"""
STEPS = """
@given("it leaves a mark")
def leaves_mark(context):
    open("executed", "w").close()

@then("nobody who is started here is held")
def nobody_held(context):
    assert "GONOGO_HELD" not in os.environ
"""
READ = "open('read', 'w').close()\n"


@pytest.fixture
def held(suite: Suite) -> subprocess.Popen[str]:
    """A behave process that has loaded its suite and waits for `begin`, or is about to wait."""
    suite.feature(FEATURE)
    suite.steps(STEPS)
    suite.hooks(READ)
    suite.environ["GONOGO_HELD"] = "yes"
    process = suite.start("-D", "env=preprod", stdin=subprocess.PIPE)
    deadline = time.monotonic() + TIMEOUT_S
    while not (suite.root / "read").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def executed(root: Path) -> bool:
    return (root / "executed").exists()


def test_paused_runner_starts_on_begin(suite: Suite, held: subprocess.Popen[str]) -> None:
    assert not executed(suite.root)
    assert not list(suite.root.glob("runs/*/behaviour/messages.ndjson"))
    assert held.stdin is not None
    held.stdin.write("begin\n")
    ended = suite.end(held)
    assert (ended.code, executed(suite.root)) == (ExitCode.GO, True)
    assert ended.scenario("one").passed


def test_paused_runner_executes_nothing_if_its_input_closes(suite: Suite, held: subprocess.Popen[str]) -> None:
    ended = suite.end(held)  # closes its standard input
    assert (ended.code, executed(suite.root)) == (ExitCode.INTERRUPTED, False)
    assert "the run has no result" in ended.last_line


def test_paused_runner_can_be_terminated(suite: Suite, held: subprocess.Popen[str]) -> None:
    held.send_signal(signal.SIGTERM)
    held.wait(30)
    assert not executed(suite.root)
    suite.end(held)
