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
from collections.abc import Iterable
from typing import Any, NamedTuple

from behave.model import Feature, Rule, Scenario, ScenarioContainer, ScenarioOutline, Tag

copyreg.pickle(Tag, lambda tag: (Tag, (str(tag), tag.line)))  # a subclass of str; by default, pickle loses its line

Container = Any  # a Feature, Rule or ScenarioOutline: behave has no common base class for them


class _Place(NamedTuple):
    """The place of a scenario in the model; `between` has its rule and its outline, if any, the outer first."""

    feature: Feature
    between: tuple[Container, ...]
    scenario: Scenario


def packed(features: Iterable[Feature]) -> bytes:
    """The parsed features, pickled for another process."""
    return pickle.dumps(list(features))


class Features:
    """The features of `packed`, in a worker. The worker runs copies of the scenarios; the originals do not change."""

    def __init__(self, features: bytes) -> None:
        self._places: dict[tuple[str, int], _Place] = {}
        for feature in pickle.loads(features):  # noqa: S301  the runner's own
            for item in feature.run_items:
                self._place(item, feature, ())

    def alone(self, filename: str, line: int) -> tuple[Feature, Scenario]:
        """A copy of the scenario at this line, in a copy of its feature without other scenarios."""
        place = self._places[filename, line]
        own = below = _copy(place.scenario)
        copies: list[Container] = [own]
        for container in reversed(place.between):
            copies.append(below := _around(below, container))
        feature: Feature = _around(below, place.feature)
        for each in copies:
            each.feature = feature
        return feature, own

    def _place(self, item: Container, feature: Feature, between: tuple[Container, ...]) -> None:
        if isinstance(item, ScenarioContainer | ScenarioOutline):
            for below in item.scenarios if isinstance(item, ScenarioOutline) else item.run_items:
                self._place(below, feature, (*between, item))
        else:
            self._places[str(item.filename), item.line] = _Place(feature, between, item)


def _copy(scenario: Scenario) -> Container:
    """A deep copy, except for its parents; behave creates the background's steps anew when the scenario runs."""
    shared = (scenario.parent, scenario.feature, scenario.background, scenario._row)
    return copy.deepcopy(scenario, {id(each): each for each in shared if each is not None})


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
