"""The step definitions of a suite, and which of them each planned step uses, as Cucumber Messages."""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from behave.cucumber_expression import StepMatcher4CucumberExpressions
from behave.matchers import Matcher
from behave.model import Scenario, Step
from behave.model_type import Argument
from behave.step_registry import StepRegistry

from gonogo.scenarios.running.plan import Job

Message = Mapping[str, Any]  # of Cucumber Messages: foreign JSON


class StepDefinitions:
    """The definitions of `registry`, for the steps of `planned` scenarios."""

    def __init__(self, registry: StepRegistry, planned: Iterable[tuple[Job, Scenario]]) -> None:
        self._matchers: dict[str, list[tuple[str, Matcher]]] = {}
        for kind, matchers in registry.steps.items():
            self._matchers[kind] = [(f"{kind}-{number}", each) for number, each in enumerate(matchers)]
        self._scenarios = {(job.uri, job.line): scenario for job, scenario in planned}
        self._uses: dict[tuple[str, str], Message] = {}

    def __iter__(self) -> Iterator[Message]:
        """A message for each definition."""
        for matchers in self._matchers.values():
            for definition_id, matcher in matchers:
                yield {"id": definition_id, "pattern": _pattern(matcher), "sourceReference": {
                    "uri": _relative(matcher.location.filename), "location": {"line": matcher.location.line or 1}}}

    def used_by(self, job: Job) -> list[Message]:
        """For each step of the job the members of a testStep that name its definition; empty lists without one."""
        return [self._use(step) for step in self._scenarios[job.uri, job.line].all_steps]

    def _use(self, step: Step) -> Message:
        key = step.step_type, step.name
        if key not in self._uses:
            self._uses[key] = self._found(step)
        return self._uses[key]

    def _found(self, step: Step) -> Message:
        for kind in dict.fromkeys((step.step_type, "step")):
            for definition_id, matcher in self._matchers[kind]:
                match = matcher.match(step.name)
                if match:
                    return {"stepDefinitionIds": [definition_id], "stepMatchArgumentsLists": [
                        {"stepMatchArguments": [_argument(each) for each in match.arguments or ()]}]}
        return {"stepDefinitionIds": [], "stepMatchArgumentsLists": []}


def _pattern(matcher: Matcher) -> Message:
    if isinstance(matcher, StepMatcher4CucumberExpressions):
        return {"source": str(matcher.pattern), "type": "CUCUMBER_EXPRESSION"}
    return {"source": str(matcher.regex_pattern), "type": "REGULAR_EXPRESSION"}


def _argument(argument: Argument) -> Message:
    return {"group": {"start": max(argument.start or 0, 0), "value": str(argument.original or ""), "children": []}}


def _relative(filename: str) -> str:
    return Path(os.path.relpath(filename)).as_posix()
