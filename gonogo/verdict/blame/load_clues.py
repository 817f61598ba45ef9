"""Clues in the traces of load profiles: more calls per request, failures, and longer self times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonogo.model.calls import LOAD, LoadEdge
from gonogo.model.run import RunEvidence
from gonogo.model.suspects import CallsPerRequest, Clue, FailedUnderLoad, SlowerUnderLoad, Weight
from gonogo.verdict.blame.clues import by_pair

# Smaller increases are noise: a minimum ratio, and minimum differences.
_TIMES = 1.5
_MORE_CALLS = 0.2  # calls per request of the generator
_MORE_MS = 10.0
_FAILED_RATIO = 0.01
_FAILED_COSTS_MS = 1000.0  # a failed call costs the client more than a slow one


def clues_under_load(run: RunEvidence, changed: Sequence[str] | None) -> tuple[Clue, ...]:
    """Clues against changed components, the highest total cost first; of each pair only those of its highest weight.

    A fault slows everything down, so weaker clues add nothing against a pair.
    """
    edges = run.wire.under_load if run.wire else ()
    costs = [(cost_ms, clue) for name in changed or () for cost_ms, clue in _clues(name, edges, run)]
    costliest = [clue for _, clue in sorted(costs, key=lambda each: -each[0])]
    highest = {pair: max(clue.weight for clue in clues) for pair, clues in by_pair(costliest).items()}
    return tuple(clue for clue in costliest if clue.weight == highest[clue.component, clue.peer])


def _clues(name: str, edges: Sequence[LoadEdge], run: RunEvidence) -> Iterator[tuple[float, Clue]]:
    """Each clue with its total cost in ms, because a rare call that became ten times slower does little harm.

    A component's own failures weigh much more than failures that it only passed on.
    """
    pages = run.wire.pages if run.wire else None
    for stats in edges:
        edge = stats.edge
        tolerated = (_FAILED_RATIO + (stats.was_failed_ratio or 0.0)) * stats.calls
        caller = (pages or LOAD) if edge.caller == LOAD else edge.caller
        named = replace(edge, caller=caller)
        if caller == name:
            if _is_more(stats.per_request, stats.was_per_request, _MORE_CALLS):
                more = stats.calls * (1 - (stats.was_per_request or 0.0) / stats.per_request)
                yield more * stats.self_ms, Clue(
                    name, edge.callee, edge.operation, Weight.CALLS_CHANGED,
                    CallsPerRequest(named, stats.per_request, stats.was_per_request))
            if stats.failed > tolerated:
                yield stats.failed * _FAILED_COSTS_MS, Clue(
                    name, edge.callee, edge.operation, Weight.REFUSED,
                    FailedUnderLoad(named, stats.failed, stats.calls, own=False))
        elif edge.callee == name and stats.error_origins > tolerated:
            yield stats.error_origins * _FAILED_COSTS_MS, Clue(
                name, caller, edge.operation, Weight.ERROR_ORIGIN,
                FailedUnderLoad(named, stats.error_origins, stats.calls, own=True))
        if stats.was_self_ms is None or not _is_more(stats.self_ms, stats.was_self_ms, _MORE_MS):
            continue
        cost_ms = (stats.self_ms - stats.was_self_ms) * stats.calls
        if edge.callee == name:
            yield cost_ms, Clue(name, caller, edge.operation, Weight.CALLS_CHANGED,
                                SlowerUnderLoad(named, stats.self_ms, stats.was_self_ms, of_callee=True))
        elif caller == name:
            yield cost_ms, Clue(name, edge.callee, edge.operation, Weight.CALLED_LESS,
                                SlowerUnderLoad(named, stats.self_ms, stats.was_self_ms, of_callee=False))


def _is_more(now: float, was: float | None, by: float) -> bool:
    """Whether the increase is larger than noise."""
    return now > by if was is None else now >= max(was * _TIMES, was + by)
