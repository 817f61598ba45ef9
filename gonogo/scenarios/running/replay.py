"""Replays a worker's events of a scenario to behave's own formatters, as if it had been run in this process.

The order of calls is that of `behave.model.Scenario.run` and `Step.run`; a test compares the output with
that of behave's own runner.
"""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import sys

from behave.matchers import NoMatch
from behave.model import Scenario, Step
from behave.model_type import Status
from behave.runner import ModelRunner

from gonogo.scenarios.running.outcome import (
    Embedded,
    Outcome,
    Printed,
    StepFinished,
    StepStarted,
    WorkerAttempt,
    put_outcome,
)
from gonogo.scenarios.running.step_changes import StepsChanged


def replay(scenario: Scenario, attempt: WorkerAttempt, runner: ModelRunner) -> bool:
    """Send `scenario`, its steps and their results to the formatters; return True if it failed."""
    steps = _announce(scenario, attempt, runner)
    for event in attempt.events:
        match event:
            case Printed(text):
                sys.stdout.write(text)
            case StepStarted(index):
                _match(steps[index], runner)
            case Embedded(mime_type, data):
                _embed(mime_type, data, runner)
            case StepFinished(index, outcome):
                _finish(steps[index], outcome, runner)
    if attempt.finished is not None:
        _end(scenario, attempt, runner)
    else:
        _end_lost(scenario, attempt, runner)
    return bool(scenario.status.has_failed())


def _announce(scenario: Scenario, attempt: WorkerAttempt, runner: ModelRunner) -> list[Step]:
    for formatter in runner.formatters:
        formatter.scenario(scenario)
    if attempt.changed is not None:
        _put_steps(scenario, attempt.changed)
    steps = list(scenario.all_steps)
    for step in steps:
        for formatter in runner.formatters:
            formatter.step(step)
    return steps


def _put_steps(scenario: Scenario, changed: StepsChanged) -> None:
    """Give the scenario the steps that it had in the worker."""
    planned = list(scenario.all_steps)
    steps = []
    for actual in changed.steps:
        step = planned[actual.planned] if actual.planned is not None else actual.as_step()
        step.name = actual.name
        steps.append(step)
    of_background = len(list(scenario.background_steps))
    is_first = [actual.planned is not None and actual.planned < of_background for actual in changed.steps]
    split = is_first.index(False) if False in is_first else len(steps)
    scenario._background_steps, scenario.steps = steps[:split], steps[split:]


def _match(step: Step, runner: ModelRunner) -> None:
    match = runner.step_registry.find_match(step) or NoMatch()
    for formatter in runner.formatters:
        formatter.match(match)


def _finish(step: Step, outcome: Outcome, runner: ModelRunner) -> None:
    put_outcome(outcome, step)
    step.duration = outcome.duration_s  # type: ignore[assignment]
    for formatter in runner.formatters:
        formatter.result(step)


def _embed(mime_type: str, data: bytes, runner: ModelRunner) -> None:
    for formatter in runner.formatters:
        if hasattr(formatter, "embedding"):
            try:
                formatter.embedding(mime_type, data)
            except IndexError:  # behave's json formatter has no place for attachments of hooks after the last step
                continue


def _end(scenario: Scenario, attempt: WorkerAttempt, runner: ModelRunner) -> None:
    finished = attempt.finished
    if finished is None:
        return
    replayed = {event.index for event in attempt.events if isinstance(event, StepFinished)}
    for index, (step, outcome) in enumerate(zip(scenario.all_steps, finished.steps, strict=True)):
        if index not in replayed:
            put_outcome(outcome, step)
        if step.status is Status.undefined:
            runner.undefined_steps.append(step)
    if finished.skip_reason is not None:
        scenario.should_skip, scenario.skip_reason = True, finished.skip_reason
    put_outcome(finished.outcome, scenario)


def _end_lost(scenario: Scenario, attempt: WorkerAttempt, runner: ModelRunner) -> None:
    """End an unfinished scenario: the running step gets the status error, later steps are skipped."""
    steps = list(scenario.all_steps)
    lost = Outcome(Status.error.name, error_message=f"UNFINISHED: {attempt.lost}", exception_type="Unfinished",
                   exception_text=attempt.lost)
    if attempt.running_step is not None:
        _finish(steps[attempt.running_step], lost, runner)
    for step in steps:
        if step.status is Status.untested:
            step.status = Status.skipped
    put_outcome(lost, scenario)
