"""The clues of a probe whose answer differs from the baseline's: its traced calls, and the components that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.model.calls import BROWSER, Call, WireEvidence
from gonogo.model.findings import Finding
from gonogo.model.rules.probe import ProbeAnswered
from gonogo.model.suspects import Clue, LastReached, ProbeDiffers, Weight
from gonogo.verdict.blame.clues import ClueSource, clues_of
from gonogo.verdict.blame.scene import Scene


def clues_of_probe(finding: Finding, parameters: ProbeAnswered, wire: WireEvidence, changed: tuple[str, ...] | None,
                   sources: Sequence[ClueSource]) -> tuple[Clue, ...]:
    """All clues, strongest first: those that a failing scenario's calls would give, and that the answer differs."""
    scene = Scene(parameters.calls, "", "", wire, changed)
    of_calls = [clue for clue in clues_of(scene, sources) if not isinstance(clue.evidence, LastReached)] \
        if parameters.calls in wire.calls else []  # that a component took part is no clue beside the answer itself
    own = [clue for clue in _from_answer(finding, parameters, scene) if clue.component != clue.peer]
    return tuple(sorted((*of_calls, *own), key=lambda clue: -clue.weight))


def _from_answer(finding: Finding, parameters: ProbeAnswered, scene: Scene) -> Iterator[Clue]:
    """The deepest component on the way that changed, towards its caller; without any, the one that was called."""
    front = getattr(finding.subject, "component", "") or scene.wire.front or ""
    user = scene.wire.pages or BROWSER
    evidence = ProbeDiffers(parameters.operation, parameters.change, parameters.where, parameters.was,
                            parameters.is_now)
    component, peer = _changed_on_the_way(scene) or _only_changed(scene, front, user) or (front, user)
    yield Clue(component, peer, parameters.operation, Weight.CALLS_CHANGED, evidence)


def _changed_on_the_way(scene: Scene) -> tuple[str, str] | None:
    found = [(depth, call.edge.callee, scene.caller(call.edge)) for root in scene.calls
             for depth, call in _with_depth(root, 0) if scene.is_changed(call.edge.callee)]
    deepest = max(found, key=lambda each: each[0], default=None)
    return deepest and (deepest[1], deepest[2])


def _only_changed(scene: Scene, front: str, user: str) -> tuple[str, str] | None:
    changed = scene.changed or ()
    if len(changed) != 1:
        return None
    return (changed[0], front) if changed[0] != front else (front, user)


def _with_depth(call: Call, depth: int) -> Iterator[tuple[int, Call]]:
    yield depth, call
    for below in call.calls:
        yield from _with_depth(below, depth + 1)
