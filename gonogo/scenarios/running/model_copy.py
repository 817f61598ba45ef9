"""behave's model of the features, handed from the runner to its workers: read once, however many scenarios it has.

A worker takes one scenario at a time out of it, as a feature that holds nothing else: so that what a scenario costs
does not depend on its neighbours, and no attempt finds what another has left.
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

copyreg.pickle(Tag, lambda tag: (Tag, (str(tag), tag.line)))  # a str that its own pickling makes without its line

Container = Any  # a Feature, Rule or ScenarioOutline: behave's classes share no type for what holds scenarios


class _Place(NamedTuple):
    """Where a scenario stands; `between` are its rule and its outline, where it has them, the outer first."""

    feature: Feature
    between: tuple[Container, ...]
    scenario: Scenario


def packed(features: Iterable[Feature]) -> bytes:
    """The features as they were read, for another process."""
    return pickle.dumps(list(features))


class Features:
    """What `packed` gave, in a worker. Its scenarios stay as they were read: copies of them are run."""

    def __init__(self, features: bytes) -> None:
        self._places: dict[tuple[str, int], _Place] = {}
        for feature in pickle.loads(features):  # noqa: S301  the runner's own
            for item in feature.run_items:
                self._place(item, feature, ())

    def alone(self, filename: str, line: int) -> tuple[Feature, Scenario]:
        """A copy of the scenario at this very line, in a copy of its feature that holds nothing else."""
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
    """Whole, but for what stands above it; of a background, each scenario makes its own steps when it is run."""
    shared = (scenario.parent, scenario.feature, scenario.background, scenario._row)
    return copy.deepcopy(scenario, {id(each): each for each in shared if each is not None})


def _around(below: Container, container: Container) -> Container:
    """A copy of `container` that holds `below` alone."""
    made = copy.copy(container)
    made.tags = list(container.tags)
    made._captured, made._capture_sink = copy.deepcopy((container._captured, container._capture_sink))
    below.parent = made
    if isinstance(made, ScenarioOutline):
        made._scenarios = [below]
        return made
    made.run_items = [below]
    made.scenarios = [] if isinstance(below, Rule) else [below]
    if isinstance(made, Feature):
        made.rules = [below] if isinstance(below, Rule) else []
    return made
