"""The calls of each edge under load: calls per request, failures, and the callee's own time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.model.calls import LOAD, Call, Edge, LoadEdge


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    failed: int = 0
    error_origins: int = 0
    self_ms: float = 0.0


def edges_under_load(roots: Sequence[Call]) -> tuple[LoadEdge, ...]:
    """`roots` are the calls that the generator's requests made."""
    sums: dict[Edge, _Sum] = {}
    for root in roots:
        for call in replace(root, edge=replace(root.edge, caller=LOAD)).walk():
            entry = sums.setdefault(call.edge, _Sum())
            entry.calls += 1
            entry.failed += _failed(call)
            entry.error_origins += _failed(call) and not any(map(_failed, call.calls))
            entry.self_ms += max(0.0, call.duration_ms - sum(each.duration_ms for each in call.calls if not each.late))
    return tuple(LoadEdge(edge, entry.calls, entry.calls / len(roots), entry.self_ms / entry.calls, entry.failed,
                          entry.error_origins) for edge, entry in sorted(sums.items()))


def compare_edges(now: Iterable[LoadEdge], then: Iterable[LoadEdge]) -> tuple[LoadEdge, ...]:
    """`now` with the figures of the baseline, `then`."""
    known: Mapping[Edge, LoadEdge] = {entry.edge: entry for entry in then}
    return tuple(replace(entry, was_per_request=was.per_request, was_self_ms=was.self_ms,
                         was_failed_ratio=was.failed / was.calls if was.calls else 0.0)
                 if (was := known.get(entry.edge)) else entry for entry in now)


def _failed(call: Call) -> bool:
    return call.status == 0 or call.status >= 500
