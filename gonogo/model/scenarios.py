"""Scenarios and how they ended, as plain data: what the verdict on a behave run is judged from.

Times are seconds since the epoch (UTC) unless a name says otherwise; paths are relative to the run folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.identity import ScenarioId


class Status(StrEnum):
    """How one attempt at a scenario ended. Only PASSED is success."""

    PASSED = "passed"
    FAILED = "failed"  # an assertion did not hold, or a step raised: the system did not do as described
    SKIPPED = "skipped"  # left in mid-run, by a step or a hook
    UNDEFINED = "undefined"  # a step without code, or with ambiguous or pending code
    SUITE_ERROR = "suite-error"  # a hook, a fixture or a clean-up raised
    ASSERTS_NOTHING = "asserts-nothing"  # a step that could not fail
    REFUSED = "refused"  # it would have sent a request that the environment does not permit
    BROWSER_LOST = "browser-lost"  # the browser died, or never started
    UNFINISHED = "unfinished"  # its worker died, hung past its budget, or was ended in mid-scenario


@dataclass(frozen=True, slots=True)
class StepChanges:
    """What hooks made of the steps of a scenario after they were planned: how many steps each."""

    added: int = 0
    left_out: int = 0
    reworded: int = 0

    def __bool__(self) -> bool:
        return self != StepChanges()

    def __add__(self, other: StepChanges) -> StepChanges:
        return StepChanges(self.added + other.added, self.left_out + other.left_out, self.reworded + other.reworded)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a scenario; `message` says in one line why it did not pass, `started` is 0 if unknown."""

    status: Status
    duration_s: float = 0.0
    step: str = ""
    message: str = ""
    attachments: tuple[str, ...] = ()
    started: float = 0.0
    changes: StepChanges = StepChanges()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that was planned; without attempts it was never executed.

    `id` is what it is known by; `name` (of a row with its cells put in), the name of its `feature`, and `line` are for
    people.
    """

    id: ScenarioId
    name: str
    feature: str
    line: int
    tags: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()

    @property
    def key(self) -> str:
        return self.id.key

    @property
    def uri(self) -> str:
        return self.id.uri

    @property
    def location(self) -> str:
        """Where a person finds it now."""
        return f"{self.uri}:{self.line}"

    @property
    def executed(self) -> bool:
        return any(attempt.status is not Status.UNFINISHED for attempt in self.attempts)

    @property
    def passed(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].status is Status.PASSED

    @property
    def attachments(self) -> tuple[str, ...]:
        """Those of the last attempt."""
        return self.attempts[-1].attachments if self.attempts else ()

    @property
    def flaky(self) -> bool:
        return self.passed and len(self.attempts) > 1


@dataclass(frozen=True, slots=True)
class EmptyPlace:
    """A place in the features at which nothing runs, though it looks as if.

    `cause` is "suffix" (not .feature), "no-scenarios" (of a feature or rule) or "no-rows" (of examples beside others).
    """

    cause: str
    location: str


@dataclass(frozen=True, slots=True)
class ScenarioEvidence:
    """What a behave run (the platform or the behaviour stage) left behind.

    `finished` is True only where the runner itself closed its record; `faults` are the runner's own texts of what went
    wrong with the run and not with a scenario ("worker 2 died: signal 9"); `left_out` are scenarios that were asked
    for, and that the runner did not even plan; `altered`: the record has other lines than the runner wrote; `empty` are
    places of the features without a scenario.
    """

    scenarios: tuple[Scenario, ...] = ()
    finished: bool = False
    faults: tuple[str, ...] = ()
    left_out: tuple[Scenario, ...] = ()
    altered: bool = False
    empty: tuple[EmptyPlace, ...] = ()
