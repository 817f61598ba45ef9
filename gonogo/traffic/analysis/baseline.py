"""The traffic of a run as a baseline for later runs: shapes, edges and the call statistics of each scenario.

The history stores it as a JSON document for every GO.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import BaseModel

from gonogo.model.calls import Call, CallKind, Edge, LoadEdge, Violation
from gonogo.traffic.shapes import Shapes


class _Document(BaseModel):
    """The stored document; an edge is its four members. `habits` is the original name of `call_stats`."""

    version: Literal[1]
    traced: bool
    shapes: dict[str, object]
    crossed: list[tuple[str, str, int]]
    habits: dict[str, list[tuple[str, str, str, str, int, list[int]]]]
    violations: list[tuple[str, str, str, str, str, str]]
    under_load: list[tuple[str, str, str, str, tuple[int, float, float, int]]]


@dataclass(frozen=True, slots=True)
class CallStats:
    """The number and the statuses of one scenario's calls of one edge."""

    count: int
    statuses: frozenset[int]


StatsByEdge = Mapping[Edge, CallStats]


@dataclass(frozen=True, slots=True)
class TrafficBaseline:
    """Of one run. `call_stats` and `coverage` are by scenario key, `violations` as (edge, where, at fault).

    `coverage` is not part of the document: only the order of scenarios uses it.
    """

    shapes: Shapes = field(default_factory=Shapes)
    crossed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    call_stats: Mapping[str, StatsByEdge] = field(default_factory=dict)
    violations: frozenset[tuple[Edge, str, str]] = frozenset()
    under_load: tuple[LoadEdge, ...] = ()
    traced: bool = False
    coverage: Mapping[str, frozenset[CallKind]] = field(default_factory=dict, compare=False)

    def without(self, scenarios: Collection[str]) -> TrafficBaseline:
        """Without the calls of these scenarios: the errors of a waived failure must not become known errors."""
        return replace(self, call_stats={key: each for key, each in self.call_stats.items() if key not in scenarios},
                       coverage={key: kinds for key, kinds in self.coverage.items() if key not in scenarios})

    def as_document(self) -> dict[str, object]:
        return {
            "version": 1, "traced": self.traced, "shapes": self.shapes.as_document(),
            "crossed": [[*pair, count] for pair, count in sorted(self.crossed.items())],
            "habits": {scenario: [[*_members(edge), stats.count, sorted(stats.statuses)]
                                  for edge, stats in sorted(call_stats.items())]
                       for scenario, call_stats in self.call_stats.items()},
            "violations": sorted([*_members(edge), where, at_fault] for edge, where, at_fault in self.violations),
            "under_load": [[*_members(each.edge), [each.calls, each.per_request, each.self_ms, each.failed]]
                           for each in self.under_load],
        }

    @classmethod
    def from_document(cls, document: object) -> TrafficBaseline | None:
        """The stored baseline; None if `document` is not valid, or of another version."""
        try:
            read = _Document.model_validate(document)
            shapes = Shapes.from_document(read.shapes)
        except ValueError:
            return None
        return cls(
            shapes, {(caller, callee): count for caller, callee, count in read.crossed},
            {scenario: {Edge(*edge): CallStats(count, frozenset(statuses)) for *edge, count, statuses in call_stats}
             for scenario, call_stats in read.habits.items()},
            frozenset((Edge(*edge), where, at_fault) for *edge, where, at_fault in read.violations),
            tuple(LoadEdge(Edge(*edge), *figures) for *edge, figures in read.under_load), read.traced)


def call_stats_of(calls: Iterable[Call]) -> dict[Edge, CallStats]:
    """The statistics of all calls in the trees `calls`, by edge."""
    stats_by_edge: dict[Edge, CallStats] = {}
    for call in (each for root in calls for each in root.walk()):
        known = stats_by_edge.get(call.edge, CallStats(0, frozenset()))
        stats_by_edge[call.edge] = CallStats(known.count + 1, known.statuses | {call.status})
    return stats_by_edge


def key_of(violation: Violation) -> tuple[Edge, str, str]:
    return (violation.edge, violation.where, violation.at_fault)


def _members(edge: Edge) -> tuple[str, str, str, str]:
    return (edge.caller, edge.callee, edge.method, edge.endpoint)
