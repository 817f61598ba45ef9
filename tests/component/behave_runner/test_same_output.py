"""Every formatter and reporter writes the same output as under behave's own runner."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

FORMATTERS = ("pretty", "plain", "progress", "progress2", "progress3", "json", "json.pretty", "rerun", "steps.usage",
              "tags")
FEATURES = {
    "first": '''
@first
Feature: First
  Described here.
  Background:
    Given it works

  Scenario: passes
    When it works
    Then 5 apples cost 1.50

  @tagged
  Scenario: fails after printing
    When it prints "hello"
    Then it fails
    And it works

  Scenario: raises
    When it raises "kaboom"

  Scenario: has a step without code
    When nobody wrote this
    Then it works

  @never
  Scenario: is not selected
    Then it fails

  Scenario Outline: row <name>
    Given it prints "<name>"
    Then <count> apples cost <price>
    Examples: Some
      | name | count | price |
      | few  | 1     | 0.30  |
      | many | 9     | 9.00  |
''',
    "second": '''
Feature: Second
  Rule: Names are kept
    Background:
      Given it works
    Scenario: with a table and a text
      Given a table
        | a | b |
        | 1 | 2 |
      Then a text
        """
        several
        lines
        """
  Rule: Nothing is left out
    Scenario: skips itself
      When it skips the rest
      Then it fails
    Scenario: attaches
      When it attaches something
''',
}
MORE_STEPS = '''
@step("{count:d} apples cost {price:f}")
def apples(context, count, price):
    assert price < 5, f"{price} is dear"

@step('it prints "{text}"')
def prints(context, text):
    print(text)

@when('it raises "{text}"')
def raises(context, text):
    raise LookupError(text)

@given("a table")
def table(context):
    assert context.table[0]["a"] == "1"

@then("a text")
def text(context):
    assert context.text == "several\\nlines"

@when("it skips the rest")
def skips(context):
    context.scenario.skip("not today")

@when("it attaches something")
def attaches(context):
    context.attach("text/plain", b"here")
'''


def _masked(text: str) -> str:
    """Remove what differs between two runs: durations, times, alignment, and the name of the runner."""
    text = re.sub(r'"duration": [\d.e-]+', '"duration": 0', text)
    text = re.sub(r'(time|timestamp)="[^"]*"', r'\1=""', text)
    text = re.sub(r"in \d+\.\d+s|# \d+\.\d+s|\d+min \d+\.\d+s|\d+\.\d{3}s", "0s", text)
    text = re.sub(r"(?m) +(# |$)", r" \1", text)
    return re.sub(r"USING RUNNER: \S+", "", text)


@pytest.fixture(scope="module")
def outputs(make_suite: Callable) -> dict[str, dict[str, str]]:
    """For each runner, the text of each output by its name."""
    suite = make_suite("same")
    suite.steps(MORE_STEPS)
    for name, text in FEATURES.items():
        suite.feature(text, name)
    wanted = [part for name in FORMATTERS for part in ("-f", name, "-o", name)]
    found = {}
    for name, runner in (("stock", ["-r", "behave.runner:Runner"]), ("ours", ["-j", "2"])):
        to = suite.root / name
        to.mkdir()
        outfiles = [str(to / part) if wanted[index - 1] == "-o" else part for index, part in enumerate(wanted)]
        ended = suite.behave(*runner, "--tags=not @never", "--junit", "--junit-directory", str(to / "junit"), *outfiles)
        texts = {path.name: path.read_text() for path in to.rglob("*") if path.is_file()}
        found[name] = {key: _masked(text) for key, text in {**texts, "stdout": ended.stdout}.items()}
        assert ended.code == 1
    return found


@pytest.mark.parametrize("output", [*FORMATTERS, "stdout", "TESTS-first.xml", "TESTS-second.xml"])
def test_output_equals_that_of_behaves_own_runner(outputs: dict[str, dict[str, str]], output: str) -> None:
    """Two workers, in any order, give exactly the text of one serial run."""
    assert len(outputs["stock"][output]) > 20
    assert outputs["ours"][output] == outputs["stock"][output]


@pytest.mark.parametrize("arguments", [
    ["--dry-run", "-f", "plain"], ["--steps-catalog"], ["--dry-run", "-f", "steps.doc"]])
def test_dry_runs_and_catalogues_use_behaves_own_runner(make_suite: Callable, arguments: list[str]) -> None:
    """Dry runs and catalogues need no environment and leave no run folder."""
    suite = make_suite("dry")
    suite.feature("Feature: F\n  Scenario: S\n    Given it works\n")
    ended = suite.end(suite.start(*arguments))
    assert ended.code == 0
    assert "it works" in ended.stdout
    assert not Path(suite.root / "runs").exists()
