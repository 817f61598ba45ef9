"""Counts of what was seen in one field; such counts add up in any order, and are bounded in size.

Where a bound cuts, it keeps the smallest by name, so that the parts of a whole may be cut before they are joined.
What the counts mean is `news`'s business.
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
_LONGEST_EXAMPLE = 60


@dataclass(slots=True)
class ValueCounts:
    """How often, and for example; `scenarios` are the keys of those that sent it."""

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
    """One place in a message: `parent` is the place it stands in, "" where it is always there.

    `many_members` says that its values are no enumeration: there were more than MOST_MEMBERS of them.
    """

    parent: str = ""
    facets: dict[str, Facet] = field(default_factory=dict)
    many_members: bool = False
    _fresh: dict[Kinds, ValueCounts] = field(default_factory=dict, compare=False, repr=False)

    def see(self, kinds: Kinds, value: object, scenario: str) -> None:
        """Count one value. Kinds that come together are counted together at first: that is much quicker."""
        tally = self._fresh.get(kinds)
        if tally is None:
            tally = self._fresh[kinds] = ValueCounts()
            if len(self._fresh) > MAX_KINDS:
                self.settle()
                tally = self._fresh[kinds] = ValueCounts()
        tally.count += 1
        if value is not None and not isinstance(value, dict | list):
            example = _example(value)
            if example not in tally.examples and _belongs(example, tally.examples, _MAX_EXAMPLES):
                tally.examples = _smallest(tally.examples, (example,), _MAX_EXAMPLES)
        if scenario and scenario not in tally.scenarios and _belongs(scenario, tally.scenarios, MAX_SCENARIOS):
            tally.scenarios = _smallest(tally.scenarios, (scenario,), MAX_SCENARIOS)

    def settle(self) -> None:
        """Bring what was counted together into the facets."""
        fresh, self._fresh = self._fresh, {}
        for kinds, tally in fresh.items():
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


def keep_smallest(named: dict[str, Any], most: int) -> None:
    """Cut `named` to the `most` smallest names."""
    if len(named) > most:
        for name in sorted(named)[most:]:
            del named[name]


def total(facet: Mapping[str, ValueCounts]) -> int:
    return sum(tally.count for tally in facet.values())


def _belongs(text: str, kept: tuple[str, ...], most: int) -> bool:
    return len(kept) < most or text < kept[-1]


def _example(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_EXAMPLE else text[:_LONGEST_EXAMPLE - 1] + "…"


def _smallest(some: tuple[str, ...], more: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(sorted({*some, *more})[:most])
