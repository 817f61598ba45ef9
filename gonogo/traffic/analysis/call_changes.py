"""How a scenario's calls differ from its calls in the baseline, and which of its errors are new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gonogo.model.calls import Call, CallChange, Edge
from gonogo.traffic.analysis.baseline import CallStats, StatsByEdge

_NO_CALLS = CallStats(0, frozenset())
# Pages and steps poll, and caches answer some requests: the number of such calls varies.
_REPEATED = ("GET", "HEAD", "OPTIONS")


def call_changes(now: StatsByEdge, then: StatsByEdge, all_now: StatsByEdge,
                 all_then: StatsByEdge) -> tuple[CallChange, ...]:
    """The changes of one scenario's call statistics; `all_…` are the statistics of all scenarios."""
    return tuple(change for edge in sorted({*now, *then})
                 for change in _changes(edge, now.get(edge, _NO_CALLS), then.get(edge, _NO_CALLS), all_now, all_then))


def _changes(edge: Edge, now: CallStats, then: CallStats, all_now: StatsByEdge,
             all_then: StatsByEdge) -> Iterator[CallChange]:
    counted = edge.method not in _REPEATED
    was, is_now = (then.count,), (now.count,)
    if not then.count and (counted or edge not in all_then):
        yield CallChange(edge, "new", was, is_now)
    elif not now.count and (counted or edge not in all_now):
        yield CallChange(edge, "gone", was, is_now)
    elif counted and now.count and now.count != then.count:
        yield CallChange(edge, "more" if now.count > then.count else "fewer", was, is_now)
    fresh = now.statuses - then.statuses
    if then.count and fresh:
        yield CallChange(edge, "status", tuple(sorted(then.statuses)), tuple(sorted(fresh)))


def only_new_errors(calls: tuple[Call, ...], then: StatsByEdge) -> tuple[Call, ...]:
    """`calls` without those that failed with the same status in the baseline: the scenario expects these errors."""
    return tuple(replace(call, calls=only_new_errors(call.calls, then)) for call in calls
                 if not (call.failed and call.status in then.get(call.edge, _NO_CALLS).statuses))


def merged_stats(call_stats: Mapping[str, StatsByEdge]) -> dict[Edge, CallStats]:
    """The call statistics of all scenarios, merged."""
    merged: dict[Edge, CallStats] = {}
    for each in call_stats.values():
        for edge, stats in each.items():
            known = merged.get(edge, _NO_CALLS)
            merged[edge] = CallStats(known.count + stats.count, known.statuses | stats.statuses)
    return merged
