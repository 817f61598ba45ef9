"""Scenarios that repeat in rounds as long as the load runs; each repetition is planned before it begins."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Status

pytestmark = pytest.mark.alone

ONE = ScenarioId("features/a.feature", "", "one")
RUNNER = "gonogo.scenarios.running.rounds:RoundsRunner"
STEPS = '''
FLAG = os.environ["GONOGO_UNDER_LOAD"]

@when("the load ends with the run {last:d} of {name}")
def counts(context, last, name):
    with open(name, "a") as file:
        file.write("x")
    if os.path.getsize(name) == last:
        os.remove(FLAG)

@when("its worker dies in the run {which:d} of {name}")
def dies(context, which, name):
    if os.path.exists(name) and os.path.getsize(name) == which:
        os.kill(os.getpid(), 9)

@then("it fails in the run {which:d} of {name}")
def fails_then(context, which, name):
    assert os.path.getsize(name) != which, "no good"

@when("it hangs")
def hangs(context):
    open("hangs", "w").close()
    time.sleep(600)
'''


@pytest.fixture
def going_round(suite):
    suite.steps(STEPS)
    flag = suite.root / "load-is-on"
    suite.environ["GONOGO_UNDER_LOAD"] = str(flag)
    return suite, flag


def run(suite, flag: Path, *arguments: str):
    """Run behave with a load that runs from the beginning."""
    flag.touch()
    return suite.behave("--runner", RUNNER, *arguments)


def test_scenarios_repeat_in_rounds_until_the_load_ends(going_round) -> None:
    """A scenario that runs when the load ends runs to its end, and no further one is planned."""
    suite, flag = going_round
    suite.feature("Feature: F\n  Scenario: one\n    When the load ends with the run 3 of one\n    Then it works\n"
                  "  Scenario: two\n    When it works\n")
    ended = run(suite, flag)
    assert ended.code == 0, ended.stdout + ended.stderr
    assert ended.evidence.finished
    assert [scenario.name for scenario in ended.evidence.scenarios] == ["one", "two", "one", "two", "one"]
    assert all(scenario.passed for scenario in ended.evidence.scenarios)
    assert "5 scenarios: 5 passed" in ended.last_line


def test_each_round_has_its_own_evidence(going_round) -> None:
    suite, flag = going_round
    suite.feature("Feature: F\n  Scenario: one\n    When the load ends with the run 3 of one\n"
                  "    Then it fails in the run 2 of one\n")
    ended = run(suite, flag)
    assert ended.code == 1
    assert [scenario.attempts[-1].status for scenario in ended.evidence.scenarios] == [
        Status.PASSED, Status.FAILED, Status.PASSED]
    assert ended.evidence.scenarios[1].attempts[0].attachments == (f"behaviour/f-one-{ONE.digest}-round2/world.txt",)
    starts = [scenario.attempts[0].started for scenario in ended.evidence.scenarios]
    assert starts == sorted(starts)


def test_a_scenario_whose_worker_dies_is_unfinished(going_round) -> None:
    suite, flag = going_round
    suite.feature("Feature: F\n  Scenario: one\n    When its worker dies in the run 1 of one\n"
                  "    And the load ends with the run 1 of two\n  Scenario: two\n    When it works\n")
    (suite.root / "one").write_text("x")
    ended = run(suite, flag, "-D", "max_failures=1")
    assert ended.code == 3
    assert [scenario.attempts[-1].status for scenario in ended.evidence.scenarios] == [Status.UNFINISHED]


def test_rounds_stop_at_max_failures(going_round) -> None:
    """Otherwise the rounds would fail again and again against a system that is down."""
    suite, flag = going_round
    suite.feature("Feature: F\n  Scenario: one\n    Then it fails\n")
    ended = run(suite, flag, "-D", "max_failures=3")
    assert len(ended.evidence.scenarios) == 3
    assert flag.exists()
    assert ended.code == 1


def test_nothing_is_planned_before_the_load_starts(going_round) -> None:
    """A run that is terminated before the load leaves an unclosed record and no process."""
    suite, _ = going_round
    suite.feature("Feature: F\n  Scenario: one\n    When it works\n")
    process = suite.start("-D", "env=preprod", "--runner", RUNNER)
    started = psutil.Process(process.pid)
    while not (list(suite.root.glob("runs/*/behaviour/messages.ndjson")) and started.children()):
        assert process.poll() is None
        os.sched_yield()
    workers = started.children(recursive=True)
    process.terminate()
    ended = suite.end(process)
    assert ended.code == 130
    assert ended.evidence.scenarios == ()
    assert not ended.evidence.finished
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert [worker for worker in alive if worker.status() != psutil.STATUS_ZOMBIE] == []


def test_sigterm_ends_a_scenario_that_hangs(going_round) -> None:
    suite, flag = going_round
    suite.feature("Feature: F\n  Scenario: one\n    When it hangs\n")
    flag.touch()
    process = suite.start("-D", "env=preprod", "--runner", RUNNER)
    while not ((suite.root / "hangs").exists() and any(
            "testCaseStarted" in path.read_text() for path in suite.root.glob("runs/*/behaviour/messages.ndjson"))):
        assert process.poll() is None
        time.sleep(0.02)
    process.terminate()
    ended = suite.end(process)
    assert ended.code == 130
    assert ended.evidence.scenarios[0].attempts[0].status is Status.UNFINISHED
    assert not ended.evidence.finished


def test_a_missing_flag_file_variable_is_a_usage_error(going_round) -> None:
    suite, _ = going_round
    suite.steps("")
    del suite.environ["GONOGO_UNDER_LOAD"]
    suite.feature("Feature: F\n  Scenario: one\n    When it works\n")
    ended = suite.behave("--runner", RUNNER)
    assert ended.code == 2
    assert "GONOGO_UNDER_LOAD" in ended.stderr
