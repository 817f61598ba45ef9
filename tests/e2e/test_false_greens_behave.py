"""What behave itself lets pass is never GO, by the real gate's exit code, its last line and its verdict file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

TAGGED = ("@read-only\nFeature: F\n  @some\n  Scenario: one\n    Given it works\n"
          "  Scenario: two\n    Given it works\n")
FLAKY = ('@read-only\nFeature: F\n  Scenario: second time lucky\n    When it runs '
         'seen = os.path.exists("seen"); open("seen", "w").close(); assert seen, "first time"\n')
# One scenario each: its name → its tags, its steps, the rule that finds it.
BEHAVE_LETS_PASS = {
    "leaves politely": ("", "When it runs sys.exit(0)", "scenario-unfinished"),
    "leaves at once": ("", "When it runs os._exit(0)", "scenario-unfinished"),
    "is killed": ("", "When it runs os.kill(os.getpid(), 9)", "scenario-unfinished"),
    "skips itself": ("", 'When it runs context.scenario.skip("not today")', "scenario-skipped"),
    "is pending under wip": ("@wip", "When it is pending", "step-undefined"),
    "has no steps": ("", "", "step-undefined"),
    "cannot clean up": ("", "When it runs context.add_cleanup(lambda: 1 / 0)", "suite-error"),
}
REWRITES = """
import glob
from behave import when

@when("it rewrites the record")
def rewrites(context):
    path = glob.glob("runs/*/behaviour/messages.ndjson")[0]
    text = open(path).read()
    assert '"FAILED"' in text
    open(path, "w").write(text.replace('"FAILED"', '"PASSED"'))
"""
PENDING = ("from behave import when\nfrom behave.api.pending_step import StepNotImplementedError\n\n"
           '@when("it is pending")\ndef pending(context):\n    raise StepNotImplementedError("later")\n')


def test_healthy_project_of_one_url_is_go(project: Project) -> None:
    """The control has one url, two scenarios and no behave.ini; the verdict lists what could not be checked."""
    project.feature()
    ended = project.run()
    ended.assert_answer("GO")
    assert ended.verdict["stages"]["behaviour"]["passed"] == 2
    assert "GET /ok" in project.system.seen
    assert any(line.startswith("versions: no services are listed") for line in ended.verdict["not_checked"])


def test_irrelevant_file_and_unusable_history_are_no_obstacle(project: Project) -> None:
    """An editor's lock file is a dangling link. A history whose database has no driver is only reported."""
    project.feature()
    (project.root / "features" / ".#a.feature.py").symlink_to("nowhere")
    ended = project.run(GONOGO_HISTORY="mysql+mysqldb://127.0.0.1/history")
    ended.assert_answer("GO")
    assert "history: The history cannot be used: No module named" in ended.stderr
    assert any(line.startswith("history: ") for line in ended.verdict["not_checked"])


def test_failing_scenario_is_no_go(project: Project) -> None:
    project.feature("@read-only\nFeature: F\n  Scenario: one\n    When it runs assert False, 'no good'\n")
    ended = project.run()
    ended.assert_answer("NO-GO", "scenario-failed")
    assert "no good" in ended.title("scenario-failed")


@pytest.fixture(scope="module")
def let_pass(make_project: Callable[[], Project]) -> Ended:
    project = make_project()
    project.file("steps/pending_steps.py", PENDING)
    project.feature("@read-only\nFeature: F\n" + "".join(
        f"  {tags}\n  Scenario: {name}\n    {steps}\n" for name, (tags, steps, _) in BEHAVE_LETS_PASS.items()
    ) + "  Scenario: works\n    Given it works\n")
    return project.run()


def test_what_behave_lets_pass_is_inconclusive(let_pass: Ended) -> None:
    let_pass.assert_answer("INCONCLUSIVE", *{rule for _, _, rule in BEHAVE_LETS_PASS.values()})
    figures = let_pass.verdict["stages"]["behaviour"]
    assert (figures["planned"], figures["passed"]) == (len(BEHAVE_LETS_PASS) + 1, 1)


@pytest.mark.parametrize("name", BEHAVE_LETS_PASS)
def test_each_scenario_has_its_own_reason(let_pass: Ended, name: str) -> None:
    (reason,) = [reason for reason in let_pass.reasons if reason["title"].startswith(name)]
    assert (reason["rule"], reason["severity"]) == (BEHAVE_LETS_PASS[name][2], "inconclusive")


def test_exception_that_cannot_be_pickled_is_a_failure(project: Project) -> None:
    project.file("steps/odd_steps.py", (
        'from behave import when\n\nclass Odd(Exception):\n    def __init__(self, a, b):\n'
        '        super().__init__(lambda: a)\n\n@when("it is odd")\ndef odd(context):\n    raise Odd(1, 2)\n'))
    project.feature("@read-only\nFeature: F\n  Scenario: one\n    When it is odd\n")
    project.run().assert_answer("NO-GO", "scenario-failed")


def test_before_all_that_raises_executes_nothing(project: Project) -> None:
    project.feature()
    project.file("environment.py", 'def before_all(context):\n    raise LookupError("no such tenant")\n')
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "runner-fault", "scenario-not-executed")
    assert "no such tenant" in ended.title("runner-fault")


# Valid when the files are checked, but not when the stage loads them: only then is GONOGO_RUN_DIR set.
LATER = "import os\nif 'GONOGO_RUN_DIR' in os.environ:\n    "


def test_suite_that_can_no_longer_be_loaded_is_inconclusive(project: Project) -> None:
    """The reason quotes the error."""
    project.feature()
    project.file("steps/more_steps.py", LATER + "import nosuchmodule\n")
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "no-evidence", "exit-code-unexplained")
    assert "No module named 'nosuchmodule'" in ended.title("exit-code-unexplained")


@pytest.mark.parametrize(("code", "rules"), [
    ("os._exit(0)", ["no-evidence", "nothing-executed"]), ("os.kill(os.getpid(), 9)", ["no-evidence", "exit-code-unexplained"])])
def test_runner_that_vanishes_is_inconclusive(project: Project, code: str, rules: list[str]) -> None:
    """The process of behave ends before it can write anything, in one case with exit code 0."""
    project.feature()
    project.file("steps/more_steps.py", f"{LATER}{code}\n")
    project.run().assert_answer("INCONCLUSIVE", *rules)


def test_step_that_rewrites_the_record_is_inconclusive(project: Project) -> None:
    """The failure before it is no longer in the record, and the gate notices that it has other lines."""
    project.file("steps/more_steps.py", REWRITES)
    project.feature("@read-only\nFeature: F\n  Scenario: bad\n    When it runs assert False, 'no good'\n"
                    "  Scenario: rewrites\n    When it rewrites the record\n")
    ended = project.run("--jobs", "1")
    assert ended.verdict["verdict"] == "INCONCLUSIVE"
    assert "record-altered" in {reason["rule"] for reason in ended.reasons}


def test_scenario_that_is_gone_since_the_last_go_is_judged_by_the_policy(project: Project) -> None:
    """The history has the scenarios of the last GO. A file with another suffix has none."""
    project.environment(fewer_scenarios="block")
    project.feature(TAGGED)
    project.run().assert_answer("GO")
    one, _, _ = TAGGED.partition("  Scenario: two")
    project.feature(one)
    project.feature(TAGGED, "features/journeys/b.FEATURE")
    ended = project.run()
    ended.assert_answer("NO-GO", "scenarios-gone")
    assert "1 gone: two (features/journeys/a.feature)" in ended.title("scenarios-gone")
    assert "features/journeys/b.FEATURE" in ended.title("nothing-to-run")


def test_tags_that_select_nothing_are_inconclusive(project: Project) -> None:
    """The run is not GO although behave itself would exit with 0."""
    project.feature()
    project.run("--tags", "@nosuch").assert_answer("INCONCLUSIVE", "nothing-selected")


def test_selection_of_scenarios_is_partial(project: Project) -> None:
    project.feature(TAGGED)
    ended = project.run("--tags", "@some")
    ended.assert_answer("PARTIAL")
    assert ended.verdict["stages"]["behaviour"]["planned"] == 1


def test_mandatory_journey_without_rows_is_inconclusive(project: Project) -> None:
    """The outline has lost its rows, but its name is still in the feature, and no scenario fails."""
    project.environment(mandatory_journeys=["pays", "one"])
    project.feature("@read-only\nFeature: F\n  Scenario: one\n    Given it works\n  Scenario Outline: pays\n"
                    "    Given it <a>\n    Examples:\n      | a |\n")
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "mandatory-journey-missing", "scenario-left-out")
    assert ended.title("mandatory-journey-missing").startswith("mandatory journey 'pays'")


def test_mandatory_journey_without_a_stage_is_a_configuration_error(project: Project) -> None:
    project.environment(stages=["platform"], mandatory_journeys=["one"])
    project.feature()
    ended = project.run()
    assert (ended.code, ended.stdout) == (2, "")
    assert "`mandatory_journeys` needs the behaviour stage" in ended.stderr
    assert "fix:" in ended.stderr


@pytest.mark.parametrize(("policy", "answer", "rules", "told"), [
    ("ignore", "GO", [], False), ("warn", "GO", [], True), ("block", "NO-GO", ["scenario-flaky"], True)])
def test_flaky_scenario_is_judged_by_the_policy(project: Project, policy: str, answer: str, rules: list[str],
                                                told: bool) -> None:
    project.environment(retries={"scenarios": 1, "flaky": policy})
    project.feature(FLAKY)
    ended = project.run()
    ended.assert_answer(answer, *rules)
    assert ended.verdict["stages"]["behaviour"]["flaky"] == 1
    assert any("first time" in reason["title"] for reason in ended.reasons) == told


def test_no_feature_at_all_is_a_configuration_error(project: Project) -> None:
    (project.root / "features").mkdir()
    ended = project.run()
    assert (ended.code, ended.stdout) == (2, "")
    assert "stage has no feature files." in ended.stderr
    assert "fix:" in ended.stderr
    assert not (project.root / "runs").exists()


def test_scenarios_that_may_write_are_refused_without_permission(project: Project) -> None:
    """As in production: not even a read-only scenario reaches the system, and the gate names the one that may write."""
    project.feature("Feature: F\n  @read-only\n  Scenario: reads\n    When it sends GET /ok\n"
                    "  Scenario: books\n    When it sends POST /bookings\n")
    ended = project.run()
    assert (ended.code, ended.stdout) == (2, "")
    assert "does not permit writes, and 1 selected scenario may write: books (features/journeys/a.feature:5)" in ended.stderr
    assert project.system.seen == []
