"""How scenarios are selected, ordered, kept apart, retried and interrupted."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from gonogo.history import History, RecordedRun
from gonogo.model.calls import CallKind
from gonogo.model.scenarios import Status

WRITES_TIMES = '''
@when("it takes a while")
def takes(context):
    with open("times", "a") as file:
        file.write(f"{context.scenario.name} {time.time()} ")
        time.sleep(0.3)
        file.write(f"{time.time()}\\n")
'''
HANGS = '''
import subprocess
@when("it starts a child and hangs")
def hangs(context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    with open("pids.new", "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    os.rename("pids.new", "pids")
    time.sleep(600)
'''


def _overlaps(suite, one: str, other: str) -> bool:
    times = {name: (float(start), float(end)) for name, start, end in
             (line.split() for line in (suite.root / "times").read_text().splitlines())}
    return times[one][0] < times[other][1] and times[other][0] < times[one][1]


def test_line_selects_only_that_scenario_or_row(suite) -> None:
    suite.feature("Feature: F\n  Scenario: one\n    Given it works\n  Scenario Outline: row <a>\n    Given it <a>\n"
                  "    Examples:\n      | a |\n      | works |\n      | works |\n")
    assert [scenario.line for scenario in suite.behave("features/a.feature:9").evidence.scenarios] == [9]


def test_tags_select_scenarios(suite) -> None:
    suite.feature("@a\nFeature: F\n  Scenario: one\n    Given it works\n  @b\n  Scenario: two\n    Given it works\n")
    ended = suite.behave("--tags=@a and not @b")
    assert [scenario.name for scenario in ended.evidence.scenarios] == ["one"]
    assert ended.evidence.scenarios[0].tags == ("a",)


def test_serial_and_locked_scenarios_do_not_overlap(suite) -> None:
    suite.steps(WRITES_TIMES)
    scenario = "  Scenario: {}\n    When it takes a while\n"
    suite.feature("Feature: F\n" + scenario.format("free1") + scenario.format("free2")
                  + "  @lock.bank\n" + scenario.format("bank1") + "  @lock.bank\n" + scenario.format("bank2")
                  + "  @serial\n" + scenario.format("alone"))
    ended = suite.behave("-j", "4")
    assert ended.code == 0, ended.stderr
    assert not _overlaps(suite, "bank1", "bank2")
    assert not any(_overlaps(suite, "alone", other) for other in ("free1", "free2", "bank1", "bank2"))


@pytest.mark.parametrize(("arguments", "first"), [(["-D", "jobs=2"], "slow"), (["-D", "max_failures=9"], "telling")])
def test_the_history_orders_examples_like_other_scenarios(suite, arguments: list[str], first: str) -> None:
    """Although behave names them differently from the history, they are not unknown scenarios, which run first."""
    suite.steps('@given("{whoever} has her turn")\ndef turn(context, whoever):\n'
                '    with open("turns", "a") as file:\n        file.write(f"{whoever}\\n")\n')
    suite.feature("@lock.turns\nFeature: F\n  Scenario Outline: <who>\n    Given <who> has her turn\n"
                  "    Examples:\n      | who |\n      | one |\n      | two |\n"
                  "  Scenario: slow\n    Given slow has her turn\n  Scenario: telling\n    Given telling has her turn\n")
    keys = {scenario.name: scenario.key for scenario in suite.behave().evidence.scenarios}
    (suite.root / "turns").unlink()
    history = History.open(suite.root, {})
    history.record(RecordedRun(
        "r", "preprod", "GO", "2026-01-01T00:00:00+00:00", traffic={},
        calls={key: {CallKind("a", "b", "GET / 200")} if name == "telling" else set() for name, key in keys.items()},
        seconds={key: 60.0 if name == "slow" else 1.0 for name, key in keys.items()}))
    history.close()
    assert suite.end(suite.start("-D", "env=preprod", *arguments)).code == 0
    assert (suite.root / "turns").read_text().split()[0] == first


def test_scenarios_run_at_the_same_time(suite) -> None:
    """Each of two scenarios waits until the other has begun: one after the other, neither would pass."""
    suite.steps('@when("{me} meets {other}")\ndef meets(context, me, other):\n    open(me, "w").close()\n'
                '    until = time.monotonic() + 20\n    while not os.path.exists(other):\n'
                '        assert time.monotonic() < until, f"{other} never came"\n        time.sleep(0.01)\n')
    suite.feature("Feature: F\n  Scenario: Ada\n    When Ada meets Ben\n  Scenario: Ben\n    When Ben meets Ada\n")
    assert suite.behave("-j", "2").code == 0


def test_stop_starts_no_scenario_after_a_failure(suite) -> None:
    suite.feature("Feature: F\n  Scenario: one\n    Given it works\n  Scenario: two\n    Then it fails\n"
                  "  Scenario: three\n    Given it works\n")
    ended = suite.behave("--stop")
    assert ended.code == 1
    assert [len(scenario.attempts) for scenario in ended.evidence.scenarios] == [1, 1, 0]


def test_after_max_failures_no_further_scenario_begins(suite) -> None:
    """The exit code is 1 although scenarios were not executed; a failed attempt before a retry is not counted."""
    suite.steps('@then("it works the second time")\ndef second(context):\n'
                '    seen = os.path.exists("seen")\n    open("seen", "w").close()\n    assert seen, "first time"\n')
    suite.feature("Feature: F\n  @must\n  Scenario: at last\n    Then it works the second time\n"
                  + "".join(f"  Scenario: s{number}\n    Then it fails\n" for number in range(4)))
    ended = suite.behave("-D", "max_failures=2", "-D", "retries=1")
    assert ended.code == 1
    assert {scenario.name: len(scenario.attempts) for scenario in ended.evidence.scenarios} == {
        "at last": 2, "s0": 2, "s1": 2, "s2": 0, "s3": 0}
    assert "5 scenarios: 1 passed, 2 failed, 2 not executed" in ended.last_line


def test_after_max_failures_running_scenarios_are_ended_with_cleanup(suite) -> None:
    """Such a scenario is unfinished, not failed, as its result is unknown; and it is not retried."""
    suite.steps('@when("it waits for somebody")\ndef waits(context):\n'
                '    context.add_cleanup(lambda: open("left", "w").close())\n    open("waits", "w").close()\n'
                '    until = time.monotonic() + 40\n    while time.monotonic() < until:\n        time.sleep(0.01)\n'
                '@then("it fails beside")\ndef beside(context):\n    until = time.monotonic() + 40\n'
                '    while not os.path.exists("waits"):\n        assert time.monotonic() < until\n'
                '        time.sleep(0.01)\n    raise AssertionError("broken")\n')
    suite.feature("Feature: F\n  Scenario: hangs\n    When it waits for somebody\n    Then it works\n"
                  "  Scenario: breaks\n    Then it fails beside\n")
    ended = suite.behave("-j", "2", "-D", "max_failures=1", "-D", "retries=1")
    assert ended.code == 1
    breaks, (hangs,) = ended.scenario("breaks").attempts, ended.scenario("hangs").attempts
    assert [*(attempt.status for attempt in breaks), hangs.status] == [Status.FAILED, Status.FAILED, Status.UNFINISHED]
    assert "still running 3 s after the failure limit (max_failures) was reached" in hangs.message
    assert (suite.root / "left").exists()
    assert not ended.evidence.faults
    assert "1 failed, 1 unfinished" in ended.last_line


def test_output_is_shown_without_capture(suite) -> None:
    suite.steps('@when("it speaks")\ndef speaks(context):\n    print("heard you")\n')
    suite.feature("Feature: F\n  Scenario: one\n    When it speaks\n")
    assert "heard you" in suite.behave("--no-capture").stdout
    assert "heard you" not in suite.behave().stdout


def test_each_attempt_is_recorded_and_a_pass_on_retry_is_flaky(suite) -> None:
    suite.steps('@then("it works the second time")\ndef second(context):\n'
                '    seen = os.path.exists("seen")\n    open("seen", "w").close()\n    assert seen, "first time"\n')
    suite.feature("Feature: F\n  Scenario: one\n    Then it works the second time\n")
    ended = suite.behave("-D", "retries=2")
    assert ended.code == 0
    assert [attempt.status for attempt in ended.scenario("one").attempts] == [Status.FAILED, Status.PASSED]
    assert ended.scenario("one").flaky
    assert "1 of them only on retry" in ended.last_line
    assert '"willBeRetried": true' in ended.record.read_text()


def test_a_failure_is_not_retried_by_default(suite) -> None:
    suite.feature("Feature: F\n  Scenario: one\n    Then it fails\n")
    assert len(suite.behave().scenario("one").attempts) == 1


def test_only_read_only_scenarios_may_run_if_writes_are_not_permitted(suite) -> None:
    suite.environments("permits: {writes: false}")
    suite.steps('@when("it writes")\ndef writes(context):\n    open("written", "w").close()\n')
    suite.feature("Feature: F\n  @read-only\n  Scenario: reads\n    Given it works\n"
                  "  Scenario: books\n    When it writes\n")
    refused = suite.behave()
    assert refused.code == 2
    assert "books (features/a.feature:5)" in refused.stderr
    assert "--tags=@read-only" in refused.stderr
    assert not (suite.root / "written").exists()
    assert suite.behave("--tags=@read-only").code == 0


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "No environment is given"),
    (["-D", "env=nosuch"], "Unknown environment 'nosuch'"),
    (["-D", "env=preprod", "-D", "jobs=many"], "-D jobs must be an integer of 1 or more or 'auto', got 'many'"),
    (["-D", "env=preprod", "-D", "retries=-1"], "-D retries must be an integer of 0 or more, got '-1'"),
    (["-D", "env=preprod", "-D", "max_failures=0"], "-D max_failures must be an integer of 1 or more, got '0'"),
])
def test_a_wrong_command_line_is_a_usage_error_with_a_fix(suite, arguments: list[str], said: str) -> None:
    suite.feature("Feature: F\n  Scenario: one\n    Given it works\n")
    ended = suite.end(suite.start(*arguments))
    assert ended.code == 2
    assert said in ended.stderr
    assert "fix:" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_process_and_an_unclosed_record(suite, number: signal.Signals) -> None:
    suite.steps(HANGS)
    suite.feature("Feature: F\n  Scenario: one\n    When it starts a child and hangs\n")
    process = suite.start("-D", "env=preprod")
    worker, child = _pids(suite)
    process.send_signal(number)
    ended = suite.end(process)
    assert ended.code == 130
    assert "interrupted" in ended.stderr
    assert not ended.evidence.finished
    assert ended.scenario("one").attempts[0].status is Status.UNFINISHED
    _assert_gone(worker, child)


def test_workers_end_when_the_runner_is_killed(suite) -> None:
    suite.steps(HANGS)
    suite.feature("Feature: F\n  Scenario: one\n    When it starts a child and hangs\n")
    process = suite.start("-D", "env=preprod")
    worker, child = _pids(suite)
    process.kill()
    suite.end(process)
    _assert_gone(worker, child)


def _pids(suite) -> tuple[int, int]:
    until = time.monotonic() + 30
    while not (suite.root / "pids").exists():
        assert time.monotonic() < until, "the scenario never began"
        os.sched_yield()
    worker, child = (suite.root / "pids").read_text().split()
    return int(worker), int(child)


def _assert_gone(*pids: int) -> None:
    processes = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_scenarios_with_the_same_name_are_kept_apart(suite) -> None:
    """Each has its own id, folder and place in the record, also if the names have no Latin letters."""
    suite.feature("Feature: Оплата\n  Scenario: платит\n    Given it works\n  Scenario: платит\n    Then it fails\n"
                  "  Scenario Outline: 支払う\n    Given it works\n    Examples:\n      | x |\n      | 1 |\n      | 1 |\n")
    ended = suite.behave("-j", "2")
    assert ended.code == 1
    scenarios = ended.evidence.scenarios
    assert len({scenario.id for scenario in scenarios}) == 4
    assert [scenario.attempts[0].status.value for scenario in scenarios] == ["passed", "failed", "passed", "passed"]
    folders = [path.name for path in ended.record.parent.iterdir() if path.is_dir()]
    assert folders == [f"scenario-{scenarios[1].id.digest}"]
    assert all(path.startswith(f"behaviour/{folders[0]}/") for path in scenarios[1].attempts[0].attachments)


def test_a_feature_with_many_rows_is_parsed_only_once(suite) -> None:
    """No worker parses the feature again for a scenario."""
    suite.hooks("import behave.parser\n_parse = behave.parser.Parser.parse\n\n\ndef _counted(parser, text, filename=None):\n"
                "    open(f'parsed-{os.getpid()}', 'a').write('x')\n    return _parse(parser, text, filename)\n\n\n"
                "import os\nbehave.parser.Parser.parse = _counted\n")
    rows = "".join(f"      | {number} |\n" for number in range(300))
    suite.feature("Feature: F\n  Scenario Outline: row <x>\n    Given it works\n    Examples:\n      | x |\n" + rows)
    ended = suite.behave("-j", "3")
    assert ended.code == 0, ended.stderr
    assert len(ended.evidence.scenarios) == 300
    assert sum(path.stat().st_size for path in suite.root.glob("parsed-*")) == 1
