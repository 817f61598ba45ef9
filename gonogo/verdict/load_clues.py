"""What in the traces of a load profile points at a component and a peer: calls that multiplied, time that grew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.evidence.calls import LOAD, LoadEdge
from gonogo.evidence.model import RunEvidence
from gonogo.verdict.scene import Clue, Weight

# Below these a figure is noise: so many times as much, and so much more.
_TIMES = 1.5
_MORE_CALLS = 0.2  # calls for one request of the generator
_MORE_MS = 10.0
_FAILED_RATIO = 0.01


def clues_under_load(run: RunEvidence, changed: Sequence[str] | None) -> tuple[Clue, ...]:
    """Everything that points at a changed component, what grew most first."""
    edges = run.wire.under_load if run.wire else ()
    found = [(growth, clue) for name in changed or () for growth, clue in _clues(name, edges, run)]
    return tuple(clue for _, clue in sorted(found, key=lambda each: -each[0]))


def _clues(name: str, edges: Sequence[LoadEdge], run: RunEvidence) -> Iterator[tuple[float, Clue]]:
    pages = run.wire.pages if run.wire else None
    for found in edges:
        edge = found.edge
        caller = (pages or LOAD) if edge.caller == LOAD else edge.caller
        if caller == name:
            growth = _grown(found.per_request, found.was_per_request, _MORE_CALLS)
            if growth:
                was = "never" if found.was_per_request is None else f"{found.was_per_request:.2g} times"
                yield growth, Clue(name, edge.callee, edge.operation, Weight.CALLED_OTHERWISE,
                                   f"{name} asked {edge.callee} for {edge.operation} {found.per_request:.2g} times "
                                   f"for each request under load, in the last GO {was}")
            if found.failed > _FAILED_RATIO * found.calls:
                yield found.failed / found.calls, Clue(
                    name, edge.callee, edge.operation, Weight.REFUSED,
                    f"{found.failed} of {found.calls} calls of {name} to {edge.callee} failed under load")
        growth = _grown(found.self_ms, found.was_self_ms, _MORE_MS) if found.was_self_ms is not None else 0.0
        if growth and edge.callee == name:
            yield growth, Clue(name, caller, edge.operation, Weight.CALLED_OTHERWISE,
                               f"{name} itself took {found.self_ms:.0f} ms to answer {edge.operation} under load, "
                               f"in the last GO {found.was_self_ms:.0f} ms")
        elif growth and caller == name:
            yield growth, Clue(name, edge.callee, edge.operation, Weight.CALLED_LESS,
                               f"{edge.callee} took {found.self_ms:.0f} ms to answer {edge.operation} of {name} "
                               f"under load, in the last GO {found.was_self_ms:.0f} ms")


def _grown(now: float, was: float | None, by: float) -> float:
    """How many times as much it is now; 0 where that is noise."""
    if was is None:
        return now / by if now > by else 0.0
    if now < was * _TIMES or now < was + by:
        return 0.0
    return now / max(was, by)
