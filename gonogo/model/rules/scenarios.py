"""Findings about scenarios, whose subject is its ScenarioId, and about the behave run that executed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import NoParameters, Parameters
from gonogo.model.rules.gate import ErrorReported


@dataclass(frozen=True, slots=True)
class OfScenario(Parameters):
    """`name` and `line` are for people; what is `mandatory` stands before its equals."""

    name: str
    line: int
    mandatory: bool


@dataclass(frozen=True, slots=True)
class ScenarioNotRun(OfScenario):
    """It was never executed."""


@dataclass(frozen=True, slots=True)
class ScenarioEnded(OfScenario):
    """The step that decided the last try, and what it said; both "" where nothing did."""

    step: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioFlaky(OfScenario):
    """It passed at the last of `tries`; `message` is why the first did not pass."""

    tries: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class StepsChanged(Parameters):
    """Hooks changed the steps of `scenarios` scenarios after they were planned, this many steps in all; `first` is one.
    """

    scenarios: int
    first: str
    added: int = 0
    left_out: int = 0
    reworded: int = 0


@dataclass(frozen=True, slots=True)
class ScenariosGone(Parameters):
    """Scenarios of the `baseline` that this run does not have: how many, the first of them, and how many are new.

    `before` and `now` are the numbers of all.
    """

    baseline: str
    before: int
    now: int
    gone: int
    new: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NothingToRun(Parameters):
    """Places in the features at which nothing runs, though it looks as if: how many, and the first of them.

    `cause` is "suffix" (behave reads only .feature), "no-scenarios" (of a feature or rule) or "no-rows" (of examples).
    """

    cause: str
    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JourneyMissing(Parameters):
    """The name of a mandatory journey."""

    name: str


RULES: Mapping[str, type[Parameters]] = {
    "record-not-closed": NoParameters, "record-altered": NoParameters, "runner-fault": ErrorReported,
    "nothing-selected": NoParameters,
    "scenario-left-out": ScenarioNotRun, "scenario-not-executed": ScenarioNotRun, "scenario-flaky": ScenarioFlaky,
    "scenario-failed": ScenarioEnded, "scenario-skipped": ScenarioEnded, "step-undefined": ScenarioEnded,
    "asserts-nothing": ScenarioEnded, "request-refused": ScenarioEnded,
    "suite-error": ScenarioEnded, "browser-lost": ScenarioEnded, "scenario-unfinished": ScenarioEnded,
    "mandatory-journey-missing": JourneyMissing, "steps-changed": StepsChanged,
    "scenarios-gone": ScenariosGone, "nothing-to-run": NothingToRun,
}
