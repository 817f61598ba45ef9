"""A copy of one scenario of a parsed feature is complete, independent, and without the other scenarios."""

from __future__ import annotations

import pytest
from behave.model import Feature, Rule, ScenarioOutline
from behave.model_type import Status
from behave.parser import parse_feature

from gonogo.scenarios.running.model_copy import Features, packed
from gonogo.scenarios.running.step_changes import StepKey

TEXT = """\
@of-feature
Feature: F
  Background:
    Given a background of <sum>
  @own
  Scenario: plain
    When she pays
      | how  | sum |
      | card | 5   |
    Then it says
      \"\"\"
      thank you
      \"\"\"
  Scenario Outline: pays <sum>
    When she pays <sum>
    @big
    Examples: amounts
      | sum |
      | 1   |
      | 2   |
  Rule: abroad
    Background:
      Given she is abroad
    Scenario: plain
      Then it fails
"""
LINES = {6: "plain", 19: "pays 1 -- @1.1 amounts", 20: "pays 2 -- @1.2 amounts", 24: "plain"}


def read() -> Feature:
    feature = parse_feature(TEXT, filename="features/f.feature")
    assert feature is not None
    return feature


@pytest.fixture(scope="module")
def features() -> Features:
    return Features(packed([read()]))


@pytest.mark.parametrize(("line", "name"), LINES.items(), ids=LINES.values())
def test_copy_equals_the_parsed_scenario(features: Features, line: int, name: str) -> None:
    """It has the same name, tags, tables, texts and steps, including the steps of its backgrounds."""
    original = next(each for each in read().walk_scenarios() if each.line == line)
    feature, scenario, *_ = features.alone("features/f.feature", line)
    assert (scenario.name, scenario.line, scenario.effective_tags) == (name, line, original.effective_tags)
    assert [(step.keyword, step.name, step.line, step.table, step.text) for step in scenario.all_steps] == [
        (step.keyword, step.name, step.line, step.table, step.text) for step in original.all_steps]
    assert scenario.feature is feature
    assert (feature.name, feature.tags, feature.filename) == ("F", ["of-feature"], "features/f.feature")


@pytest.mark.parametrize("line", LINES)
def test_copied_feature_contains_only_that_scenario(features: Features, line: int) -> None:
    feature, scenario, *_ = features.alone("features/f.feature", line)
    assert feature.walk_scenarios() == [scenario]
    above = scenario.parent
    while above is not feature:
        assert isinstance(above, Rule | ScenarioOutline)
        assert above.feature is feature
        above = above.parent


def test_outline_row_keeps_its_values_and_rule_its_background(features: Features) -> None:
    _, scenario, *_ = features.alone("features/f.feature", 20)
    assert scenario._row["sum"] == "2"
    feature, scenario, *_ = features.alone("features/f.feature", 24)
    [rule] = feature.rules
    assert rule.run_items == [scenario]
    assert [step.name for step in scenario.background_steps] == ["a background of <sum>", "she is abroad"]


@pytest.mark.parametrize("line", LINES)
def test_attempt_leaves_no_state_for_the_next(features: Features, line: int) -> None:
    """No status or error remains, nor anything that a hook changed in the scenario, its steps or its feature."""
    feature, scenario, *_ = features.alone("features/f.feature", line)
    for step in scenario.all_steps:
        step.status, step.error_message = Status.failed, "no good"
    scenario.hook_failed, scenario.tags[:] = True, ["touched"]
    feature.skip("not today")
    feature.captured.add_captured(feature.captured)
    feature, scenario, *_ = features.alone("features/f.feature", line)
    assert {step.status for step in scenario.all_steps} == {Status.untested}
    assert not any(step.error_message for step in scenario.all_steps)
    assert (scenario.hook_failed, scenario.should_skip, feature.should_skip) == (False, False, False)
    assert "touched" not in scenario.tags


def test_copied_feature_can_parse_steps_of_a_hook(features: Features) -> None:
    """`context.execute_steps` uses the feature's parser."""
    feature, *_ = features.alone("features/f.feature", 6)
    assert [step.name for step in feature.parser.parse_steps("When she pays")] == ["she pays"]


@pytest.mark.parametrize("line", [6, 24])
def test_change_of_a_background_does_not_reach_other_copies(features: Features, line: int) -> None:
    """A hook that leaves out, adds or rewords steps of a background does so for its scenario alone."""
    before = features.alone("features/f.feature", line)
    assert [StepKey.of(step) for step in before.scenario.all_steps] == before.steps
    changed = features.alone("features/f.feature", line)
    for container in (changed.feature, *changed.feature.rules):
        container.background.steps[0].name = "reworded"
        container.background.steps.append(container.background.steps[0])
        container.background.use_inheritance = False
    assert [StepKey.of(step) for step in changed.scenario.all_steps] != changed.steps
    again = features.alone("features/f.feature", line)
    assert [StepKey.of(step) for step in again.scenario.all_steps] == again.steps == before.steps
    assert all(rule.background is again.scenario.background for rule in again.feature.rules)
