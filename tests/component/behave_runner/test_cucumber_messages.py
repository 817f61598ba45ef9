"""messages.ndjson is what Cucumber's own report tools read: valid by their schema, and complete."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gonogo.scenarios.running.run_record import PROTOCOL
from tests.component.behave_runner.conftest import Suite

SCHEMA = Path(__file__).parents[2] / "fixtures/cucumber/messages.schema.json"
FEATURE = """
@tag
Feature: F
  Background:
    Given it works
  Scenario: passes
    When 2 parcels are attached
  Scenario: fails
    Then it fails
    And it works
  Scenario: undefined
    Then nobody has defined this
  Scenario: dies
    When it dies
    Then it works
  Scenario: dies in a hook
    Then it works
  Scenario: is skipped
    When it is skipped
    Then it works
  Scenario: has other steps
    Then it works
  Rule: R
    Scenario Outline: row <n>
      When <n> parcels are attached
      Examples:
        | n |
        | 3 |
"""
STEPS = """
@when("{number:d} parcels are attached")
def attached(context, number):
    context.attach("text/plain", str(number))
    context.attach("application/octet-stream", bytes(range(256)))

@when("it dies")
def dies(context):
    os._exit(3)

@when("it is skipped")
def skipped(context):
    context.scenario.skip("not today")
"""
HOOKS = """
import os
from behave.model import Step
from gonogo.suite import hooks

def before_scenario(context, scenario):
    hooks.before_scenario(context, scenario)
    context.attach("text/plain", "from a hook")
    if scenario.name == "dies in a hook":
        os._exit(4)
    if scenario.name == "has other steps":
        scenario.use_background = False
        scenario.steps.append(Step(scenario.filename, scenario.line, "Then", "then", "it fails"))
"""
Message = dict[str, Any]


@pytest.fixture(scope="module")
def messages(make_suite: Callable[[str], Suite]) -> list[tuple[str, Message]]:
    suite = make_suite("cucumber-messages")
    suite.feature(FEATURE)
    suite.steps(STEPS)
    suite.hooks(HOOKS)
    ended = suite.behave("-D", "retries=1", "-D", "jobs=2")
    return [item for line in ended.record.read_text().splitlines() for item in json.loads(line).items()]


def each(messages: list[tuple[str, Message]], *kinds: str) -> list[Message]:
    return [message for kind, message in messages if kind in kinds]


def test_each_message_is_valid(messages: list[tuple[str, Message]]) -> None:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    errors = [f"{kind}: {error.message}" for kind, message in messages
              for error in validator.iter_errors({kind: message})]
    assert errors == []
    assert each(messages, "meta")[0]["protocolVersion"] == PROTOCOL


def test_each_step_of_an_attempt_starts_and_ends_once(messages: list[tuple[str, Message]]) -> None:
    steps = {case["id"]: [step["id"] for step in case["testSteps"]] for case in each(messages, "testCase")}
    attempts = {attempt["id"]: attempt["testCaseId"] for attempt in each(messages, "testCaseStarted")}
    running: dict[str, list[str]] = defaultdict(list)
    ended: dict[str, list[str]] = defaultdict(list)
    for kind, message in messages:
        if kind == "testStepStarted":
            running[message["testCaseStartedId"]].append(message["testStepId"])
        if kind == "testStepFinished":
            running[message["testCaseStartedId"]].remove(message["testStepId"])
            ended[message["testCaseStartedId"]].append(message["testStepId"])
    assert not any(running.values())
    assert {attempt: sorted(done) for attempt, done in ended.items()} == {
        attempt: sorted(steps[case]) for attempt, case in attempts.items()}
    assert len(attempts) == len(each(messages, "testCaseFinished")) > len(steps)


@pytest.mark.parametrize(("name", "status", "message"), [
    ("passes", "PASSED", ""),
    ("fails", "FAILED", "ASSERT FAILED: no good"),
    ("undefined", "UNDEFINED", ""),
    ("dies", "FAILED", "ended during a scenario with exit code 3"),
    ("dies in a hook", "FAILED", "ended during a scenario with exit code 4"),
    ("is skipped", "SKIPPED", "not today"),
    ("has other steps", "FAILED", "in the added step 'it fails': ASSERT FAILED: no good"),
    ("row 3", "PASSED", ""),
])
def test_worst_result_of_a_scenario_is_what_happened(messages: list[tuple[str, Message]], name: str, status: str,
                                                     message: str) -> None:
    """Cucumber's tools take the worst result of the last attempt; UNKNOWN counts as nothing, so it never occurs."""
    order = ["UNKNOWN", "PASSED", "SKIPPED", "PENDING", "UNDEFINED", "AMBIGUOUS", "FAILED"]
    [pickle] = [pickle["id"] for pickle in each(messages, "pickle") if pickle["name"] == name]
    [case] = [case["id"] for case in each(messages, "testCase") if case["pickleId"] == pickle]
    last = [attempt["id"] for attempt in each(messages, "testCaseStarted") if attempt["testCaseId"] == case][-1]
    results = [step["testStepResult"] for step in each(messages, "testStepFinished") if step["testCaseStartedId"] == last]
    assert "UNKNOWN" not in {result["status"] for result in results}
    worst = max(results, key=lambda result: order.index(result["status"]))
    assert (worst["status"], message in worst.get("message", "")) == (status, True)


def test_each_attachment_belongs_to_a_step(messages: list[tuple[str, Message]]) -> None:
    steps = {case["id"]: {step["id"] for step in case["testSteps"]} for case in each(messages, "testCase")}
    attempts = {attempt["id"]: steps[attempt["testCaseId"]] for attempt in each(messages, "testCaseStarted")}
    attached = [message for message in each(messages, "attachment", "externalAttachment") if "testCaseStartedId" in message]
    assert {message["mediaType"] for message in attached} >= {"text/plain", "application/octet-stream"}
    assert all(message["testStepId"] in attempts[message["testCaseStartedId"]] for message in attached)
    [of_hook, of_step, _] = [message for message in attached if message["testCaseStartedId"] == "attempt-0-1"]
    assert of_hook["testStepId"].endswith("hooks")
    assert of_step["testStepId"] == "step-0-1"


def test_each_step_names_its_definition(messages: list[tuple[str, Message]]) -> None:
    definitions = {message["id"]: message for message in each(messages, "stepDefinition")}
    texts = {step["id"]: step["text"] for pickle in each(messages, "pickle") for step in pickle["steps"]}
    found = {texts[step["pickleStepId"]]: step for case in each(messages, "testCase") for step in case["testSteps"]
             if "pickleStepId" in step}
    assert found["nobody has defined this"]["stepDefinitionIds"] == []
    [definition] = [definitions[name] for name in found["2 parcels are attached"]["stepDefinitionIds"]]
    assert definition["sourceReference"] == {"uri": "steps/more_steps.py", "location": {"line": 4}}
    assert definition["pattern"]["type"] == "REGULAR_EXPRESSION"
    [arguments] = found["2 parcels are attached"]["stepMatchArgumentsLists"]
    assert [argument["group"] for argument in arguments["stepMatchArguments"]] == [{"start": 0, "value": "2", "children": []}]
    used = {name for step in found.values() for name in step["stepDefinitionIds"]}
    assert used <= definitions.keys()
    assert all((step.get("hookId") in {hook["id"] for hook in each(messages, "hook")}) or step.get("pickleStepId")
               for case in each(messages, "testCase") for step in case["testSteps"])
