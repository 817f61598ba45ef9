"""What in the traces of a load profile points at a component and a peer: calls that multiplied, time that grew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonogo.model.calls import LOAD, LoadEdge
from gonogo.model.run import RunEvidence
from gonogo.model.suspects import CallsPerRequest, Clue, FailedUnderLoad, SlowerUnderLoad, Weight
from gonogo.verdict.blame.clues import by_pair

# Below these a figure is noise: so many times as much, and so much more.
_TIMES = 1.5
_MORE_CALLS = 0.2  # calls for one request of the generator
_MORE_MS = 10.0
_FAILED_RATIO = 0.01
_FAILED_COSTS_MS = 1000.0  # who is turned away loses more than who waits


def clues_under_load(run: RunEvidence, changed: Sequence[str] | None) -> tuple[Clue, ...]:
    """What points at a changed component, what cost most time in all first; of each pair what tells most.

    Beside what broke, everything else is slower too: that says nothing more against a pair.
    """
    edges = run.wire.under_load if run.wire else ()
    found = [(cost_ms, clue) for name in changed or () for cost_ms, clue in _clues(name, edges, run)]
    costliest = [clue for _, clue in sorted(found, key=lambda each: -each[0])]
    most = {pair: max(clue.weight for clue in clues) for pair, clues in by_pair(costliest).items()}
    return tuple(clue for clue in costliest if clue.weight == most[clue.component, clue.peer])


def _clues(name: str, edges: Sequence[LoadEdge], run: RunEvidence) -> Iterator[tuple[float, Clue]]:
    """Each with the time, in ms, that it cost in all: a rare call that became ten times slower broke nobody.

    A component answers for its own failures, and hardly for those that it only passed on.
    """
    pages = run.wire.pages if run.wire else None
    for found in edges:
        edge = found.edge
        bearable = (_FAILED_RATIO + (found.was_failed_ratio or 0.0)) * found.calls
        caller = (pages or LOAD) if edge.caller == LOAD else edge.caller
        named = replace(edge, caller=caller)
        if caller == name:
            if _is_more(found.per_request, found.was_per_request, _MORE_CALLS):
                more = found.calls * (1 - (found.was_per_request or 0.0) / found.per_request)
                yield more * found.self_ms, Clue(
                    name, edge.callee, edge.operation, Weight.CALLS_CHANGED,
                    CallsPerRequest(named, found.per_request, found.was_per_request))
            if found.failed > bearable:
                yield found.failed * _FAILED_COSTS_MS, Clue(
                    name, edge.callee, edge.operation, Weight.REFUSED,
                    FailedUnderLoad(named, found.failed, found.calls, own=False))
        elif edge.callee == name and found.error_origins > bearable:
            yield found.error_origins * _FAILED_COSTS_MS, Clue(
                name, caller, edge.operation, Weight.ERROR_ORIGIN,
                FailedUnderLoad(named, found.error_origins, found.calls, own=True))
        if found.was_self_ms is None or not _is_more(found.self_ms, found.was_self_ms, _MORE_MS):
            continue
        cost_ms = (found.self_ms - found.was_self_ms) * found.calls
        if edge.callee == name:
            yield cost_ms, Clue(name, caller, edge.operation, Weight.CALLS_CHANGED,
                                SlowerUnderLoad(named, found.self_ms, found.was_self_ms, of_callee=True))
        elif caller == name:
            yield cost_ms, Clue(name, edge.callee, edge.operation, Weight.CALLED_LESS,
                                SlowerUnderLoad(named, found.self_ms, found.was_self_ms, of_callee=False))


def _is_more(now: float, was: float | None, by: float) -> bool:
    """Whether it is more than noise would make it."""
    return now > by if was is None else now >= max(was * _TIMES, was + by)
