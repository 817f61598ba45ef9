"""Passes behave's model of the features from the runner to its workers; the features are parsed only once.

A worker runs a copy of each scenario, in a feature without other scenarios: the time for a scenario does not depend on
other scenarios, and no attempt sees the state of another.
"""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import copy
import copyreg
import pickle
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from behave.configuration import Configuration
from behave.model import Background, Feature, Rule, Scenario, ScenarioContainer, ScenarioOutline, Tag

from gonogo.scenarios.running.step_changes import StepKey, planned_steps

copyreg.pickle(Tag, lambda tag: (Tag, (str(tag), tag.line)))  # a subclass of str; by default, pickle loses its line

Container = Any  # a Feature, Rule or ScenarioOutline: behave has no common base class for them


class _Rows(NamedTuple):
    """The values of a scenario's row, and the number of rows of its outline; () and 0 outside of outlines."""

    cells: tuple[str, ...]
    number: int

    @classmethod
    def read(cls, scenario: Scenario) -> _Rows:
        if scenario._row is None:
            return cls((), 0)
        outline = scenario.parent
        number = sum(len(examples.table.rows) for examples in outline.examples if examples.table is not None)
        return cls(tuple(scenario._row.cells), number)


class _Place(NamedTuple):
    """The place of a scenario in the model; `between` has its rule and its outline, if any, the outer first."""

    feature: Feature
    between: tuple[Container, ...]
    scenario: Scenario
    rows: _Rows
    steps: list[StepKey]


def packed(features: Iterable[Feature]) -> bytes:
    """The parsed features, pickled for another process."""
    return pickle.dumps(list(features))


class Alone(NamedTuple):
    """A copy of a scenario, in a copy of its feature without other scenarios; `steps` are those of the plan."""

    feature: Feature
    scenario: Scenario
    rows: _Rows
    steps: list[StepKey]

    @property
    def problem(self) -> str:
        """What a hook has made of it after it was planned, "" if it is still the only scenario, with its cells."""
        now = self.feature.walk_scenarios()
        if len(now) != 1 or now[0] is not self.scenario or _Rows.read(self.scenario) != self.rows:
            return "the hook changed the scenarios of its feature after they were planned"
        return ""


class Features:
    """The features of `packed`, in a worker. The worker runs copies of the scenarios; the originals do not change."""

    def __init__(self, features: bytes) -> None:
        self._places: dict[tuple[str, int], _Place] = {}
        self.features: list[Feature] = pickle.loads(features)  # noqa: S301  the runner's own
        for feature in self.features:
            for item in feature.run_items:
                self._place(item, feature, ())

    def plan(self, config: Configuration) -> Mapping[tuple[str, int], tuple[bool, tuple[str, ...]]]:
        """What is planned of the features as they are now: by place, whether it runs, and the values of its row."""
        return {(str(scenario.filename), scenario.line):
                (bool(scenario.should_run(config)), tuple(scenario._row.cells) if scenario._row else ())
                for feature in self.features for scenario in feature.walk_scenarios()}

    def alone(self, filename: str, line: int) -> Alone:
        """A copy of the scenario at this line."""
        place = self._places[filename, line]
        own = below = _copy(place.scenario)
        copies: list[Container] = [own]
        for container in reversed(place.between):
            copies.append(below := _around(below, container))
        feature: Feature = _around(below, place.feature)
        for each in copies:
            each.feature = feature
        _copy_backgrounds([feature, *reversed(copies)])
        return Alone(feature, own, place.rows, place.steps)

    def _place(self, item: Container, feature: Feature, between: tuple[Container, ...]) -> None:
        if isinstance(item, ScenarioContainer | ScenarioOutline):
            for below in item.scenarios if isinstance(item, ScenarioOutline) else item.run_items:
                self._place(below, feature, (*between, item))
        else:
            self._places[str(item.filename), item.line] = _Place(
                feature, between, item, _Rows.read(item), planned_steps(item))


def _copy(scenario: Scenario) -> Container:
    """A deep copy, except for its parents; behave creates the background's steps anew when the scenario runs."""
    shared = (scenario.parent, scenario.feature, scenario.background, scenario._row)
    return copy.deepcopy(scenario, {id(each): each for each in shared if each is not None})


def _copy_backgrounds(outer_first: Iterable[Container]) -> None:
    """Give the copies own backgrounds: a hook that changes one changes it for this scenario alone."""
    copies: dict[int, Background] = {}
    for each in outer_first:
        background = each.background
        if background is None:
            continue
        if id(background) not in copies:
            copies[id(background)] = copied = copy.copy(background)
            copied.steps, copied._inherited_steps = [copy.copy(step) for step in background.steps], None
            copied.inherited_background = copies.get(id(background.inherited_background))
        each.background = copies[id(background)]


def _around(below: Container, container: Container) -> Container:
    """A copy of `container` that contains only `below`."""
    copied = copy.copy(container)
    copied.tags = list(container.tags)
    copied._captured, copied._capture_sink = copy.deepcopy((container._captured, container._capture_sink))
    below.parent = copied
    if isinstance(copied, ScenarioOutline):
        copied._scenarios = [below]
        return copied
    copied.run_items = [below]
    copied.scenarios = [] if isinstance(below, Rule) else [below]
    if isinstance(copied, Feature):
        copied.rules = [below] if isinstance(below, Rule) else []
    return copied
