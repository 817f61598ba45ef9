"""Outcomes that behave itself passes or loses are counted and reported, and are never a success."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler

import pytest

from gonogo.environment.request_guard import RequestGuard
from gonogo.model.reach import Address
from gonogo.model.scenarios import Status
from tests.serving import serving

TWO = "Feature: F\n  Scenario: one\n    Given it works\n  Scenario: two\n    Given it works\n"


def test_two_passed_scenarios_exit_with_0(suite) -> None:
    """Both scenarios were executed and passed: exit code 0, and the last line reports it."""
    suite.feature(TWO)
    ended = suite.behave()
    assert ended.code == 0, ended.stderr
    assert ended.last_line.startswith("2 scenarios: 2 passed (evidence: runs/")
    assert ended.evidence.finished
    assert [scenario.attempts[0].status for scenario in ended.evidence.scenarios] == [Status.PASSED] * 2


@pytest.mark.parametrize("arguments", [["--tags=@nosuch"], ["--name", "nosuch"]])
def test_nothing_selected_is_a_usage_error(suite, arguments: list[str]) -> None:
    suite.feature(TWO)
    ended = suite.behave(*arguments)
    assert ended.code == 2
    assert "No scenario was selected." in ended.stderr
    assert "2 skipped" in ended.stdout
    assert ended.evidence.scenarios == ()


def test_a_path_that_does_not_exist_is_a_usage_error(suite) -> None:
    suite.feature(TWO)
    ended = suite.behave("features/nosuch.feature")
    assert ended.code == 2
    assert "fix:" in ended.stderr


LEAVING = {"sys.exit(0)": "ended during a scenario with exit code 0",
           "os._exit(7)": "ended during a scenario with exit code 7",
           "os.kill(os.getpid(), 9)": "died: SIGKILL"}


def test_a_step_that_ends_its_process_loses_only_its_scenario(suite) -> None:
    """The worker is replaced, the other scenarios run, and the scenario counts as unfinished."""
    suite.steps('@when("it runs {code}")\ndef runs(context, code):\n    exec(code)\n')
    suite.feature("Feature: F\n" + "".join(
        f"  Scenario: {code}\n    Given it works\n    When it runs {code}\n    Then it works\n"
        for code in LEAVING) + "  Scenario: after\n    Given it works\n")
    ended = suite.behave()
    assert ended.code == 3
    assert ended.last_line.startswith("4 scenarios: 1 passed, 3 unfinished")
    assert "1 scenario passed, 0 failed, 3 error, 0 skipped" in ended.stdout
    for number, (code, how) in enumerate(LEAVING.items(), start=1):
        lost = ended.scenario(code).attempts[0]
        assert lost.status is Status.UNFINISHED
        assert (lost.step, lost.message) == (f"it runs {code}", f"worker {number} {how}")


def test_replacement_of_workers_is_limited(suite) -> None:
    """If every scenario kills its worker, some scenarios are never executed, and the run reports this."""
    suite.steps('@when("it leaves")\ndef leaves(context):\n    os._exit(1)\n')
    suite.feature("Feature: F\n" + "".join(f"  Scenario: s{n}\n    When it leaves\n" for n in range(12)))
    ended = suite.behave("-j", "2")
    assert ended.code == 3
    assert not all(scenario.attempts for scenario in ended.evidence.scenarios)
    assert "not executed" in ended.last_line
    assert any("no worker was left" in fault for fault in ended.evidence.faults)


def test_a_scenario_past_its_budget_is_ended(suite) -> None:
    suite.environments("permits: {writes: true}\nbudgets: {scenario_s: 1}")
    suite.steps('@when("it hangs")\ndef hangs(context):\n    time.sleep(600)\n')
    suite.feature("Feature: F\n  Scenario: hangs\n    When it hangs\n  Scenario: after\n    Given it works\n")
    ended = suite.behave()
    assert ended.code == 3
    assert "exceeded its budget of 1 s" in ended.scenario("hangs").attempts[0].message
    assert ended.scenario("after").passed


def test_an_error_that_cannot_be_pickled_fails_only_its_scenario(suite) -> None:
    suite.steps('class Odd(Exception):\n    def __init__(self, a, b):\n        super().__init__(lambda: a)\n'
                '    def __str__(self):\n        raise RuntimeError("no text")\n'
                '@when("it raises")\ndef raises(context):\n    raise Odd(1, 2)\n')
    suite.feature("Feature: F\n  Scenario: raises\n    When it raises\n  Scenario: after\n    Given it works\n")
    ended = suite.behave()
    assert ended.scenario("after").passed
    assert not ended.scenario("raises").passed
    assert ended.code in (1, 3)


def test_before_all_that_raises_runs_nothing_and_is_reported(suite) -> None:
    suite.feature(TWO)
    suite.hooks('\ndef before_all(context):\n    raise LookupError("no such tenant")\n')
    ended = suite.behave("-j", "2")
    assert ended.code == 3
    assert "no such tenant" in ended.stderr
    assert "2 scenarios: 2 not executed" in ended.last_line
    assert all(not scenario.attempts for scenario in ended.evidence.scenarios)


def test_after_all_that_raises_is_not_a_success(suite) -> None:
    suite.feature(TWO)
    suite.hooks('\ndef after_all(context):\n    raise LookupError("left behind")\n')
    ended = suite.behave()
    assert ended.code == 3
    assert any("left behind" in fault for fault in ended.evidence.faults)


def test_before_all_and_after_all_run_once_per_worker(suite) -> None:
    suite.feature("Feature: F\n" + "".join(f"  Scenario: s{n}\n    When it waits\n" for n in range(6)))
    suite.steps('@when("it waits")\ndef waits(context):\n    time.sleep(0.2)\n')
    suite.hooks('\nimport os\nfrom gonogo.suite import hooks\n'
                'def before_all(context):\n    open("begun", "a").write(f"{os.getpid()}\\n")\n'
                '    hooks.before_all(context)\n'
                'def after_all(context):\n    open("ended", "a").write(f"{os.getpid()}\\n")\n')
    ended = suite.behave("-D", "jobs=2")
    assert ended.code == 0, ended.stderr
    begun, closed = ((suite.root / name).read_text().split() for name in ("begun", "ended"))
    assert sorted(begun) == sorted(set(closed))
    assert len(begun) == 2


RAISING_HOOKS = """
def _raise_for(what, tags):
    if what in tags:
        raise LookupError(f"{what} raises")

def before_feature(context, feature):
    _raise_for("before_feature", feature.tags)

def before_tag(context, tag):
    _raise_for("before_tag", [tag])

def before_scenario(context, scenario):
    hooks.before_scenario(context, scenario)
    context.add_cleanup(_raise_for, "cleanup", scenario.tags)
    _raise_for("before_scenario", scenario.tags)

def before_step(context, step):
    _raise_for("before_step", context.tags)

def after_step(context, step):
    _raise_for("after_step", context.tags)

def after_scenario(context, scenario):
    _raise_for("after_scenario", scenario.tags)
"""


def test_hooks_and_cleanups_that_raise_are_suite_errors(suite) -> None:
    """An error in any hook is neither a failure of the system nor a success."""
    places = ("before_tag", "before_scenario", "before_step", "after_step", "after_scenario", "cleanup")
    suite.feature("Feature: F\n" + "".join(
        f"  @{place}\n  Scenario: {place}\n    Given it works\n" for place in places))
    suite.feature("@before_feature\nFeature: G\n  Scenario: before_feature\n    Given it works\n", "b")
    suite.hooks(f"\nfrom gonogo.suite import hooks\n{RAISING_HOOKS}")
    ended = suite.behave()
    statuses = {scenario.name: scenario.attempts[0].status for scenario in ended.evidence.scenarios}
    assert statuses == dict.fromkeys((*places, "before_feature"), Status.SUITE_ERROR)
    assert ended.code == 3


def test_undefined_pending_and_skipped_scenarios_are_not_passed(suite) -> None:
    """Covers steps without code, pending steps (also with @wip), and scenarios that skip themselves."""
    suite.steps('from behave.api.pending_step import StepNotImplementedError\n'
                '@when("it is pending")\ndef pending(context):\n    raise StepNotImplementedError("later")\n'
                '@when("it skips")\ndef skips(context):\n    context.scenario.skip("not today")\n')
    suite.feature("Feature: F\n  Scenario: undefined\n    When nobody wrote this\n"
                  "  Scenario: pending\n    When it is pending\n"
                  "  @wip\n  Scenario: pending under wip\n    When it is pending\n"
                  "  Scenario: skipped\n    When it skips\n    Then it fails\n  Scenario: done\n    Given it works\n")
    ended = suite.behave()
    assert {scenario.name: scenario.attempts[0].status for scenario in ended.evidence.scenarios} == {
        "undefined": Status.UNDEFINED, "pending": Status.UNDEFINED, "pending under wip": Status.UNDEFINED,
        "skipped": Status.SKIPPED, "done": Status.PASSED}
    assert ended.scenario("skipped").attempts[0].message == "not today"
    assert ended.code == 3


def test_a_scenario_without_steps_of_its_own_is_undefined(suite) -> None:
    suite.feature("Feature: F\n  Background:\n    Given it works\n  Scenario: empty\n")
    ended = suite.behave()
    assert ended.code == 3
    assert ended.scenario("empty").attempts[0].status is Status.UNDEFINED


@pytest.mark.parametrize(("feature", "steps", "said"), [
    ("Feature: F\n  Scenario: S\n    Given it works\n    Nonsense\n", "", "does not parse"),
    (TWO, '@given("it works")\ndef again(context):\n    pass\n', "Two steps match"),
    (TWO, "import nosuchmodule\n", "nosuchmodule"),
    (TWO, "def broken(:\n", "SyntaxError"),
])
def test_a_suite_that_cannot_be_read_is_a_usage_error(suite, feature: str, steps: str, said: str) -> None:
    suite.feature(feature)
    if steps:
        suite.steps(steps)
    ended = suite.behave()
    assert ended.code == 2
    assert said in ended.stderr
    assert "fix:" in ended.stderr


def test_a_failed_assertion_exits_with_1(suite) -> None:
    suite.feature("Feature: F\n  Scenario: one\n    Then it fails\n  Scenario: two\n    Given it works\n")
    ended = suite.behave()
    assert ended.code == 1
    failed = ended.scenario("one").attempts[0]
    assert (failed.status, failed.step, failed.message) == (Status.FAILED, "it fails", "no good")


MARKING = {
    "after_scenario": "def after_scenario(context, scenario):\n    hooks.after_scenario(context, scenario)\n"
                      "    scenario.set_status('failed')\n",
    "after_tag": "def after_tag(context, tag):\n    context.scenario.set_status('failed')\n",
    "after_feature": "def after_feature(context, feature):\n    feature.set_status('failed')\n",
    "after_step": "def after_step(context, step):\n    hooks.after_step(context, step)\n    step.set_status('failed')\n",
}


@pytest.mark.parametrize("hook", MARKING)
def test_a_scenario_that_a_hook_marks_as_failed_has_failed(suite, hook: str) -> None:
    """Soft assertions are collected in steps and reported by a hook, which raises no error."""
    suite.feature("Feature: F\n  @some\n  Scenario: one\n    Given it works\n")
    suite.hooks(f"\nfrom gonogo.scenarios import hooks\n{MARKING[hook]}")
    ended = suite.behave()
    assert ended.code == 1, ended.stderr
    attempt = ended.scenario("one").attempts[-1]
    assert attempt.status is Status.FAILED
    assert hook == "after_step" or "a hook marked the " in attempt.message
    assert "1 failed" in ended.last_line


@pytest.mark.parametrize("hook", ["after_step", "after_scenario"])
def test_a_hook_cannot_make_a_failure_pass(suite, hook: str) -> None:
    kind = hook.removeprefix("after_")
    suite.feature("Feature: F\n  Scenario: one\n    Then it fails\n")
    suite.hooks(f"\nfrom gonogo.scenarios import hooks\ndef {hook}(context, {kind}):\n"
                f"    hooks.{hook}(context, {kind})\n    {kind}.set_status('passed')\n")
    ended = suite.behave()
    assert ended.code == 1, ended.stdout
    attempt = ended.scenario("one").attempts[-1]
    assert (attempt.status, attempt.step, attempt.message) == (Status.FAILED, "it fails", "no good")
    assert "1 failed" in ended.last_line


NOTHING = {
    "passes": ("pass", "the step asserts nothing"),
    "yields": ("assert False; yield", "the step is a generator or a coroutine, and nothing in it was executed"),
    "asserts a tuple": ("assert (False, 'no good')",
                        "the assertion in line 3 of the step is always true: assert (False, 'no good')"),
}


def test_a_step_that_cannot_fail_is_no_success(suite) -> None:
    """A When may do nothing; it is the Then that must prove something."""
    suite.steps("".join(f'@then("it {name}")\ndef step(context):\n    {body}\n' for name, (body, _) in NOTHING.items())
                + '@when("nothing happens")\ndef happens(context):\n    pass\n')
    suite.feature("Feature: F\n" + "".join(f"  Scenario: {name}\n    Then it {name}\n" for name in NOTHING)
                  + "  Scenario: good\n    When nothing happens\n    Then it works\n")
    ended = suite.behave()
    assert ended.code == 3, ended.stdout
    assert {name: ended.scenario(name).attempts[-1].status for name in NOTHING} == dict.fromkeys(
        NOTHING, Status.ASSERTS_NOTHING)
    assert {name: ended.scenario(name).attempts[-1].message for name in NOTHING} == {
        name: message for name, (_, message) in NOTHING.items()}
    assert ended.scenario("good").passed


def environments(suite, url: str, settings: str) -> None:
    (suite.root / "environments.yml").write_text(f"environments:\n  preprod:\n    url: {url}\n    {settings}\n")


@pytest.mark.parametrize(("tags", "settings", "status"), [
    ("", "silent_scenarios: block", Status.ASSERTS_NOTHING), ("@offline", "silent_scenarios: block", Status.PASSED),
    ("", "silent_scenarios: ignore", Status.PASSED)])
def test_scenario_that_asks_nothing_of_the_system(suite, tags: str, settings: str, status: Status) -> None:
    environments(suite, suite.url, settings)
    suite.feature(f"@read-only\nFeature: F\n  {tags}\n  Scenario: one\n    Given it works\n")
    ended = suite.behave()
    assert ended.code == (0 if status is Status.PASSED else 3), ended.stdout
    attempt = ended.scenario("one").attempts[-1]
    assert (attempt.status, "@offline" in attempt.message) == (status, status is not Status.PASSED)


ASKS = {
    "by world.http": "context.world.http.get(URL)", "by urllib": "urllib.request.urlopen(URL)",
    "by a socket": "socket.create_connection(('127.0.0.1', PORT)).close()",
    "by a child process": "subprocess.run(['true'], check=True)", "nothing": "pass",
}


def test_each_way_to_ask_counts(suite) -> None:
    with serving(BaseHTTPRequestHandler) as url:
        environments(suite, url, "permits: {writes: true}")
        port = url.rpartition(":")[2]
        suite.steps(f"import contextlib, socket, subprocess, urllib.request\nURL, PORT = {url!r}, {port}\n" + "".join(
            f'@when("it asks {name}")\ndef step(context):\n    with contextlib.suppress(urllib.error.URLError):\n'
            f"        {code}\n" for name, code in ASKS.items()))
        suite.feature("Feature: F\n" + "".join(f"  Scenario: {name}\n    When it asks {name}\n" for name in ASKS))
        ended = suite.behave()
    assert ended.code == 3, ended.stdout + ended.stderr
    assert {name: ended.scenario(name).passed for name in ASKS} == {name: name != "nothing" for name in ASKS}


def test_connection_that_a_client_keeps_open_counts() -> None:
    """Requests over it are not seen."""
    with serving(BaseHTTPRequestHandler) as url:
        guard = RequestGuard()
        assert not guard.has_asked
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
            assert guard.has_asked
            guard.permit(Address.of(url))  # of the gate's own tools
            guard.permit(Address(*client.getsockname()))  # the server is in this process
            assert not guard.has_asked


@pytest.mark.parametrize(("error", "code", "status"), [
    ("AssertionError", 1, Status.FAILED), ("ValueError", 3, Status.SUITE_ERROR)])
def test_error_in_a_thread(suite, error: str, code: int, status: Status) -> None:
    """Python only prints it."""
    suite.steps(f'import threading\ndef check():\n    raise {error}("no good")\n\n@then("it is checked")\n'
                "def step(context):\n    thread = threading.Thread(target=check)\n    thread.start()\n"
                "    thread.join()\n")
    suite.feature("Feature: F\n  Scenario: one\n    Then it is checked\n  Scenario: two\n    Given it works\n")
    ended = suite.behave()
    assert ended.code == code, ended.stdout
    attempt = ended.scenario("one").attempts[-1]
    assert (attempt.status, attempt.message.endswith(f"in a thread: {error}: no good")) == (status, True)
    assert ended.scenario("two").passed


REWRITE = """
@when("a step rewrites the record")
def rewrites(context):
    import glob
    [path] = glob.glob("runs/*/behaviour/messages.ndjson")
    text = open(path).read()
    assert '"FAILED"' in text
    open(path, "w").write(text.replace('"FAILED"', '"PASSED"'))

@when("a step truncates the record")
def truncates(context):
    import glob
    os.truncate(glob.glob("runs/*/behaviour/messages.ndjson")[0], 0)
"""


@pytest.mark.parametrize("what", ["rewrites", "truncates"])
def test_step_that_changes_the_record_is_not_a_success(suite, what: str) -> None:
    """What the runner wrote and what the file has are compared."""
    suite.steps(REWRITE)
    suite.feature(f"Feature: F\n  Scenario: bad\n    Then it fails\n  Scenario: covers\n    When a step {what} the record\n"
                  "  Scenario: last\n    Given it works\n")
    ended = suite.behave()
    assert ended.code == 3
    assert "changed" in ended.stderr or "record" in ended.stderr
