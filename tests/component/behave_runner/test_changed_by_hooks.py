"""What a suite's hooks, steps and formatters make of a run: counted as what it is, or reported, and never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gonogo.core.exit_codes import ExitCode
from gonogo.model.scenarios import Status, StepChanges
from tests.component.behave_runner.conftest import Ended, Suite

OUTLINE = """
Feature: F
  Scenario Outline: row
    Given it works
    Examples:
      | n |
      | 1 |
      | 2 |
"""
ADD_ROW = """
    for outline in feature.scenarios:
        outline.examples[0].table.add_row(["3"])
"""
ALL_SCENARIOS = """
Feature: F
  Background:
    Given it works
    And it works
  @retried
  Scenario: retried
    Given it works the second time
  @without-background
  Scenario: without background
    Then it works
  @only-background
  Scenario: nothing left
    Then it works
  @more
  Scenario: more
    Then it works
  @more-that-fail
  Scenario: more that fail
    Then it works
  @reworded
  Scenario: reworded
    Then it is filled in
  Scenario: by a step
    Given a step is added
  @exits
  Scenario: exits
    Then it works
  @interrupts
  Scenario: interrupts
    Then it works
  Scenario: interrupts in a step
    Given it is interrupted
  Scenario: attaches
    Given text is attached
  Scenario: attaches a number
    Given a number is attached
  Scenario: last
    Then it works
"""
STEPS = """
from behave.model import Step
TRIES = []

@given("it works the second time")
def second_time(context):
    TRIES.append(1)
    assert len(TRIES) > 1, "the first time"

@given("a step is added")
def added(context):
    context.scenario.steps.append(Step("x", 1, "Then", "then", "it fails"))

@given("it is interrupted")
def interrupted(context):
    raise KeyboardInterrupt

@given("text is attached")
def text(context):
    context.attach("text/plain", "päid")
    context.attach("text/plain", memoryview(b"view"))

@given("a number is attached")
def number(context):
    context.attach("text/plain", 3)
"""
HOOKS = """
import sys
from behave.contrib.scenario_autoretry import patch_scenario_with_autoretry
from behave.model import Step
from gonogo.suite import hooks

def before_feature(context, feature):
    for scenario in feature.walk_scenarios():
        if "retried" in scenario.tags:
            patch_scenario_with_autoretry(scenario)

def before_tag(context, tag):
    if tag in ("without-background", "only-background"):
        context.scenario.use_background = False

def before_scenario(context, scenario):
    tags = scenario.tags
    if "exits" in tags:
        sys.exit(0)
    if "interrupts" in tags:
        raise KeyboardInterrupt
    hooks.before_scenario(context, scenario)
    if "more" in tags:
        scenario.steps.insert(0, Step(scenario.filename, scenario.line, "Given", "given", "it works"))
    if "more-that-fail" in tags:
        scenario.steps.append(Step(scenario.filename, scenario.line, "Then", "then", "it fails"))
    if "only-background" in tags:
        scenario.steps.clear()
    if "reworded" in tags:
        scenario.steps[0].name = "it works"
"""
FORMATTER = """
from behave.formatter.base import Formatter

class Broken(Formatter):
    name = description = "broken"

    def result(self, step):
        raise ValueError("no room")
"""


@pytest.fixture(scope="module")
def ended(make_suite: Callable[[str], Suite]) -> Ended:
    suite = make_suite("changed-by-hooks")
    suite.feature(ALL_SCENARIOS)
    suite.steps(STEPS)
    suite.hooks(HOOKS)
    return suite.behave("-f", "json", "-o", "report.json", "-f", "plain")


ENDS = {
    "retried": (Status.PASSED, StepChanges()),
    "without background": (Status.PASSED, StepChanges(left_out=2)),
    "nothing left": (Status.SKIPPED, StepChanges(left_out=3)),
    "more": (Status.PASSED, StepChanges(added=1)),
    "more that fail": (Status.FAILED, StepChanges(added=1)),
    "reworded": (Status.PASSED, StepChanges(reworded=1)),
    "by a step": (Status.FAILED, StepChanges(added=1)),
    "exits": (Status.SUITE_ERROR, StepChanges()),
    "interrupts": (Status.SUITE_ERROR, StepChanges()),
    "interrupts in a step": (Status.FAILED, StepChanges()),
    "attaches": (Status.PASSED, StepChanges()),
    "attaches a number": (Status.FAILED, StepChanges()),
    "last": (Status.PASSED, StepChanges()),
}


@pytest.mark.parametrize("name", ENDS)
def test_scenario_that_the_suite_changes_counts_as_what_ran(ended: Ended, name: str) -> None:
    last = ended.scenario(name).attempts[-1]
    assert (last.status, last.changes) == ENDS[name], last.message


def test_run_with_changes_has_one_result_for_each_scenario(ended: Ended) -> None:
    assert ended.code == ExitCode.NO_GO
    assert ended.evidence.finished
    assert not ended.evidence.faults
    assert "6 passed, 4 failed, 1 skipped, 2 suite-error, 1 of them only on retry" in ended.last_line


def test_retry_by_the_suite_is_an_attempt(ended: Ended) -> None:
    """behave's own retries count like those of `retries`: a scenario that passes the second time is flaky."""
    retried = ended.scenario("retried")
    assert [attempt.status for attempt in retried.attempts] == [Status.FAILED, Status.PASSED]
    assert retried.attempts[0].message == "the first time"
    assert retried.flaky


@pytest.mark.parametrize(("name", "message"), [
    ("more that fail", "in the added step 'it fails': ASSERT FAILED: no good"),
    ("exits", "HookExit: the hook raised SystemExit(0)"),
    ("interrupts", "HookExit: the hook raised KeyboardInterrupt()"),
    ("attaches a number", "TypeError: an attachment must be bytes or text, not int"),
    ("nothing left", "a hook left out every step"),
])
def test_message_names_the_cause(ended: Ended, name: str, message: str) -> None:
    assert message in ended.scenario(name).attempts[-1].message


def test_formatters_print_the_steps_that_ran(ended: Ended) -> None:
    _, _, without = ended.stdout.partition("Scenario: without background")
    assert without.split("Scenario:")[0].split()[:5] == ["Then", "it", "works", "...", "passed"]


@pytest.mark.parametrize("hooks", [
    f"\ndef before_feature(context, feature):{ADD_ROW}",
    f"\nfrom gonogo.suite import hooks\ndef before_all(context):\n    hooks.before_all(context)\n"
    f"    feature = context._runner.features[0]{ADD_ROW}",
    "\nfrom gonogo.suite import hooks\ndef before_all(context):\n    hooks.before_all(context)\n"
    "    context._runner.features[0].scenarios[0].scenarios[0]._row.cells[0] = '9'\n",
    "\ndef before_feature(context, feature):\n    feature.run_items.clear()\n",
], ids=["row in before_feature", "row in before_all", "cell in before_all", "no scenarios"])
def test_hook_that_changes_the_plan_is_not_a_success(suite: Suite, hooks: str) -> None:
    """The rows as written are not run in place of those that the hook made."""
    suite.feature(OUTLINE)
    suite.hooks(hooks)
    ended = suite.behave()
    assert ended.code == ExitCode.INCONCLUSIVE
    assert "after they were planned" in ended.stdout + ended.stderr
    assert not any(scenario.passed for scenario in ended.evidence.scenarios)


def test_formatter_that_raises_is_reported_and_loses_no_scenario(suite: Suite) -> None:
    (suite.root / "broken.py").write_text(FORMATTER)
    suite.feature("Feature: F\n  Scenario: one\n    Given it works\n  Scenario: two\n    Given it works\n")
    ended = suite.behave("-f", "broken:Broken")
    assert ended.code == ExitCode.INCONCLUSIVE
    assert all(scenario.passed for scenario in ended.evidence.scenarios)
    assert ended.evidence.faults == ("the output of broken.Broken is incomplete: ValueError: no room",)


def test_suite_that_repeats_a_scenario_without_end_is_ended(suite: Suite) -> None:
    suite.feature("Feature: F\n  Scenario: one\n    Given it works\n  Scenario: two\n    Given it works\n")
    suite.hooks("\nfrom behave.model import Scenario\nonce = Scenario.run\n"
                "def for_ever(scenario, runner):\n    while scenario.name == 'one':\n        once(scenario, runner)\n"
                "    return once(scenario, runner)\nScenario.run = for_ever\n")
    ended = suite.behave()
    assert ended.code == ExitCode.INCONCLUSIVE
    assert "ran the scenario more than 20 times" in ended.scenario("one").attempts[-1].message
    assert ended.scenario("two").passed


MUCH = """
@given("much is left behind")
def much(context):
    for _ in range(300):
        context.attach("text/plain", b"small")
    context.attach("image/png", bytes(9 * 1024 * 1024))
    for _ in range(40):
        print("x" * 100_000)
    raise LookupError("y" * 1_000_000 + "end")
"""


@pytest.mark.parametrize("arguments", [[], ["--no-capture"]], ids=["captured", "not captured"])
def test_what_a_scenario_leaves_behind_is_bounded(suite: Suite, arguments: list[str]) -> None:
    suite.steps(MUCH)
    suite.feature("Feature: F\n  Scenario: much\n    Given much is left behind\n  Scenario: last\n    Given it works\n")
    ended = suite.behave("-f", "plain", *arguments)
    assert ended.code == ExitCode.NO_GO
    assert ended.record.stat().st_size < 1024 * 1024
    assert ended.record.read_text().count('"contentEncoding": "BASE64"') == 101
    assert len(ended.stdout) < 4 * 1024 * 1024
    assert "the rest is left out" in ended.stdout
    assert ended.scenario("much").attempts[0].message.startswith("LookupError: yyy")
    assert ended.scenario("last").passed
