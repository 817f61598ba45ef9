"""Counts of the kinds of values in one field. Counts are limited in size, and can be merged in any order.

A limit keeps the smallest names, so that limiting before a merge gives the same result. `facet_changes` compares the
counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gonogo.model.calls import MAX_SCENARIOS
from gonogo.traffic.shapes.values import MEMBER, Kinds

MAX_MEMBERS = 12  # of an enumeration
MAX_KINDS = 48  # in a facet
_MAX_EXAMPLES = 2
_MAX_EXAMPLE_CHARS = 60


@dataclass(slots=True)
class ValueCounts:
    """The number of values, with examples; `scenarios` are the keys of the scenarios that sent them."""

    count: int = 0
    examples: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()

    def add(self, count: int, examples: tuple[str, ...], scenarios: tuple[str, ...]) -> None:
        self.count += count
        self.examples = _smallest(self.examples, examples, _MAX_EXAMPLES)
        self.scenarios = _smallest(self.scenarios, scenarios, MAX_SCENARIOS)

    def as_list(self) -> list[object]:
        return [self.count, list(self.examples), list(self.scenarios)]


Facet = dict[str, ValueCounts]


@dataclass(slots=True)
class Field:
    """One place in a message: `parent` is the containing place, "" if the field is always present.

    `many_members`: it had more than MAX_MEMBERS values, and so is not an enumeration.
    """

    parent: str = ""
    facets: dict[str, Facet] = field(default_factory=dict)
    many_members: bool = False
    _pending: dict[Kinds, ValueCounts] = field(default_factory=dict, compare=False, repr=False)

    def observe(self, kinds: Kinds, value: object, scenario: str) -> None:
        """Count one value. Combinations of kinds are counted first, and split in `settle`: that is much faster."""
        tally = self._pending.get(kinds)
        if tally is None:
            tally = self._pending[kinds] = ValueCounts()
            if len(self._pending) > MAX_KINDS:
                self.settle()
                tally = self._pending[kinds] = ValueCounts()
        tally.count += 1
        if value is not None and not isinstance(value, dict | list):
            example = _example(value)
            if example not in tally.examples and _fits(example, tally.examples, _MAX_EXAMPLES):
                tally.examples = _smallest(tally.examples, (example,), _MAX_EXAMPLES)
        if scenario and scenario not in tally.scenarios and _fits(scenario, tally.scenarios, MAX_SCENARIOS):
            tally.scenarios = _smallest(tally.scenarios, (scenario,), MAX_SCENARIOS)

    def settle(self) -> None:
        """Add the counts of combinations to the facets."""
        pending, self._pending = self._pending, {}
        for kinds, tally in pending.items():
            for facet, kind in kinds:
                if facet != MEMBER or not self.many_members:
                    self._tally(facet, kind).add(tally.count, tally.examples, tally.scenarios)
        self._bound()

    def merge(self, other: Field) -> None:
        self.many_members = self.many_members or other.many_members
        for facet, kinds in other.facets.items():
            for kind, tally in kinds.items():
                self._tally(facet, kind).add(tally.count, tally.examples, tally.scenarios)
        self._bound()

    def count(self, facet: str, kind: str) -> int:
        tally = self.facets.get(facet, {}).get(kind)
        return tally.count if tally else 0

    def _tally(self, facet: str, kind: str) -> ValueCounts:
        return self.facets.setdefault(facet, {}).setdefault(kind, ValueCounts())

    def _bound(self) -> None:
        if self.many_members or len(self.facets.get(MEMBER, {})) > MAX_MEMBERS:
            self.many_members = True
            self.facets.pop(MEMBER, None)
        for kinds in self.facets.values():
            keep_smallest(kinds, MAX_KINDS)


def keep_smallest(named: dict[str, Any], limit: int) -> None:
    """Cut `named` to the `most` smallest names."""
    if len(named) > limit:
        for name in sorted(named)[limit:]:
            del named[name]


def total(facet: Mapping[str, ValueCounts]) -> int:
    return sum(tally.count for tally in facet.values())


def _fits(text: str, kept: tuple[str, ...], limit: int) -> bool:
    return len(kept) < limit or text < kept[-1]


def _example(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _MAX_EXAMPLE_CHARS else text[:_MAX_EXAMPLE_CHARS - 1] + "…"


def _smallest(some: tuple[str, ...], more: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(sorted({*some, *more})[:limit])
