"""What hooks and steps make of the steps of a scenario while it runs, compared with the plan."""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from behave.model import Scenario, Step

from gonogo.model.scenarios import StepChanges


class StepKey(NamedTuple):
    """A step as it was planned: its place, and its text."""

    filename: str
    line: int
    name: str

    @classmethod
    def of(cls, step: Step) -> StepKey:
        return cls(str(step.filename), step.line, step.name)

    def same_place(self, other: StepKey) -> bool:
        return self[:2] == other[:2]


@dataclass(frozen=True, slots=True)
class ActualStep:
    """A step as it stands in the worker; `planned` is its index in the plan, None if it was added."""

    planned: int | None
    keyword: str
    step_type: str
    name: str
    filename: str
    line: int
    text: str | None = None
    reworded: bool = False

    def as_step(self) -> Step:
        return Step(self.filename, self.line, self.keyword, self.step_type, self.name, self.text)


@dataclass(frozen=True, slots=True)
class StepsChanged:
    """All steps that the scenario has now; the indexes of later events refer to them."""

    steps: tuple[ActualStep, ...]

    @property
    def planned(self) -> tuple[int | None, ...]:
        return tuple(step.planned for step in self.steps)

    def changes(self, planned: int) -> StepChanges:
        """What changed in a scenario of `planned` steps."""
        added = sum(step.planned is None for step in self.steps)
        return StepChanges(added, planned - (len(self.steps) - added), sum(step.reworded for step in self.steps))


def planned_steps(scenario: Scenario) -> list[StepKey]:
    """The steps of a scenario that is yet to run.

    behave copies the steps of the background when it runs; those of an outline's row it has already, with its cells.
    """
    background = scenario._background_steps
    if background is None:
        background = scenario.background.all_steps if scenario.background else ()
    return [StepKey.of(step) for step in (*background, *scenario.steps)]


def steps_changed(planned: Sequence[StepKey], steps: Iterable[Step], clean: Callable[[str], str]) -> StepsChanged:
    """Each step with its index in the plan, by its place; a step that was moved up counts as added."""
    actual = []
    following = 0
    for step in steps:
        key = StepKey.of(step)
        index = next((at for at in range(following, len(planned)) if planned[at].same_place(key)), None)
        if index is not None:
            following = index + 1
        actual.append(ActualStep(
            index, step.keyword, step.step_type, clean(step.name), key.filename, key.line,
            clean(step.text) if step.text else None, index is not None and planned[index].name != key.name))
    return StepsChanged(tuple(actual))
