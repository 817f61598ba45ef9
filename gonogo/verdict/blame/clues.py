"""The clues of one failing scenario, each pointing at a component and a peer: one function per kind of evidence.

`suspects` combines them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from gonogo.model.calls import BROWSER, STEP, Call, Difference, Edge
from gonogo.model.exposures import LoggedKind
from gonogo.model.suspects import (
    BlockedResource,
    BrokenContract,
    ChangedCalls,
    ChangedShape,
    Clue,
    FailedCall,
    LastReached,
    LoggedError,
    ReportedNeighbour,
    Weight,
    WrittenElsewhere,
)
from gonogo.verdict.blame.flow import (
    consumption,
    destination,
    in_request,
    origin,
    path_between,
    providers,
    receiver_of,
)
from gonogo.verdict.blame.scene import Scene

STATUS = "response.status"
_MAX_TEXT = 200

ClueSource = Callable[[Scene], Iterable[Clue]]


def clues_of(scene: Scene, sources: Sequence[ClueSource]) -> tuple[Clue, ...]:
    """All clues of the scenario, strongest first."""
    clues = [clue for source in sources for clue in source(scene) if clue.component != clue.peer]
    return tuple(sorted(clues, key=lambda clue: -clue.weight))


def recorded_clues(scene: Scene) -> Iterator[Clue]:
    """The built-in clue source: the recorded calls, exchanges and messages of the scenario."""
    for source in _SOURCES:
        yield from source(scene)


def _from_hop(scene: Scene) -> Iterator[Clue]:
    path = scene.wire.hops.get(scene.scenario, ())
    if not path:
        return
    deepest = path[-1]
    component, peer = _ends_of_hop(path, scene)
    components = tuple(dict.fromkeys([scene.caller(path[0].edge), *(call.edge.callee for call in path)]))
    is_new = scene.wire.compared or any(call.status == 0 or call.status >= 500 for call in path)
    yield Clue(component, peer, path[0].edge.operation, Weight.ERROR_ORIGIN if is_new else Weight.REFUSED,
               FailedCall(deepest.edge.callee, deepest.edge.operation, deepest.status, deepest.error_text[:_MAX_TEXT],
                          components if len(path) > 1 else ()))


def _ends_of_hop(path: Sequence[Call], scene: Scene) -> tuple[str, str]:
    """(component, peer): the changed component on the path nearest to the error's origin, else the changed sender.

    If no change is known, the component is the caller of the deepest call: it sent what was refused.
    """
    deepest = path[-1].edge
    components = [scene.caller(path[0].edge), *(call.edge.callee for call in path)]
    # an error that began in a webhook has its component on the path twice; the last one is the nearest
    nearest = max((place for place, name in enumerate(components) if scene.is_changed(name)), default=None)
    if nearest == len(path):
        return deepest.callee, scene.caller(consumption(path))
    if nearest is not None:
        return components[nearest], _misled(path[nearest:], scene) or deepest.callee
    sender = next((name for name in _senders(scene) if scene.is_changed(name)), None)
    if sender is None and len(scene.changed or ()) == 1:
        sender = (scene.changed or ("",))[0]
    return sender or scene.caller(deepest), deepest.callee


def _misled(way: Sequence[Call], scene: Scene) -> str | None:
    """The component below a changed one that made more calls than in the baseline, although it was called as often.

    It mistook its input for a different request. A component that only passes on a bad value calls as often as before.
    `way` starts with the changed component's own call.
    """
    more = {change.edge for change in scene.changes if change.kind in ("more", "new")}
    if not way or way[0].edge in more:
        return None
    return next((scene.caller(call.edge) for call in way[1:] if call.edge in more), None)


def _senders(scene: Scene) -> Iterator[str]:
    for difference in scene.differences:
        edge = origin(difference, scene.differences)
        yield scene.caller(edge) if in_request(difference) else edge.callee


def _from_violations(scene: Scene) -> Iterator[Clue]:
    for violation in scene.wire.violations:
        if violation.known or scene.scenario not in violation.scenarios:
            continue
        edge = violation.edge
        caller = scene.caller(edge)
        at_fault, other = (caller, edge.callee) if violation.at_fault == edge.caller else (edge.callee, caller)
        if violation.at_fault == edge.callee and not scene.is_changed(at_fault):
            at_fault = next(iter(providers(scene.calls, edge, scene.changed or ())), at_fault)
        if STEP not in (at_fault, other):
            yield Clue(at_fault, other, edge.operation, Weight.CONTRACT_BROKEN,
                       BrokenContract(edge.callee, violation.where, violation.fault))


def _from_differences(scene: Scene) -> Iterator[Clue]:
    for difference in scene.differences:
        if difference.edge.caller == STEP and difference.where == STATUS:
            continue  # `_from_hop` covers a refused step
        first, last = origin(difference, scene.differences), destination(difference, scene.differences)
        if in_request(difference):
            component, peer = scene.caller(first), _reached(last, scene)
        else:
            component, peer = first.callee, scene.caller(last)
        if not scene.is_changed(component):
            component, peer = _behind(difference.edge, component, peer, scene)
        peer = _neighbour_in_path(difference, component, scene) or peer
        if STEP not in (component, peer):
            weight = Weight.CALLS_CHANGED if difference.where == STATUS else Weight.SHAPE_CHANGED
            yield Clue(component, peer, difference.edge.operation, weight,
                       ChangedShape(difference.where, difference.changes, difference.answers))


def _reached(edge: Edge, scene: Scene) -> str:
    call = next((call for root in scene.calls for call in root.walk() if call.edge == edge), None)
    return receiver_of(call) if call else edge.callee


def _neighbour_in_path(difference: Difference, component: str, scene: Scene) -> str | None:
    """The component in the name of the changed field, as in `response.body.dependencies.gds.status`."""
    parts = difference.where.replace("[]", "").split(".")
    return next((part for part in reversed(parts) if part != component and part in scene.wire.components), None)


def _behind(edge: Edge, component: str, peer: str, scene: Scene) -> tuple[str, str]:
    """(component, peer) if an unchanged component gave a changed answer: a changed component that it called, that sent
    it a different request, or that wrote to it.
    """
    called = providers(scene.calls, edge, scene.changed or ())
    if called:
        return called[0], peer
    if scene.is_changed(scene.caller(edge)):
        return scene.caller(edge), _reached(edge, scene)
    writers = [name for name in scene.changed or () if (name, edge.callee) in scene.wire.crossed]
    if len(writers) == 1:
        return writers[0], edge.callee
    return component, peer


def _from_changes(scene: Scene) -> Iterator[Clue]:
    for change in scene.changes:
        edge = change.edge
        caller, callee = scene.caller(edge), edge.callee
        if edge.caller == STEP or not (scene.is_changed(caller) or scene.is_changed(callee)):
            continue
        weight = Weight.CALLS_CHANGED
        if change.kind in ("gone", "fewer"):
            # a page often calls less because its scenario stopped earlier
            weight = Weight.REACHABLE if edge.caller == BROWSER else Weight.CALLED_LESS
        elif (change.kind == "status" and all(500 <= status < 600 for status in change.now)
              and _is_own_error(edge, scene)):
            weight = Weight.TRANSIENT_5XX
        component, peer = (caller, callee) if scene.is_changed(caller) else (callee, caller)
        yield Clue(component, peer, edge.operation, weight, ChangedCalls(change))


def _is_own_error(edge: Edge, scene: Scene) -> bool:
    """Whether the callee failed although none of its own calls failed."""
    failed = [call for root in scene.calls for call in root.walk() if call.edge == edge and call.failed]
    return not any(below.failed for call in failed for below in call.walk()[1:])


def _from_blocked(scene: Scene) -> Iterator[Clue]:
    """A response of a changed component that the pages' integrity or security policy does not allow."""
    pages = scene.wire.pages
    for blocked in scene.wire.blocked.get(scene.scenario, ()):
        if pages and blocked.callee != pages and scene.is_changed(blocked.callee):
            yield Clue(blocked.callee, pages, "GET /", Weight.BLOCKED,
                       BlockedResource(blocked.callee, blocked.error_text[:_MAX_TEXT]))


def _from_logged_errors(scene: Scene) -> Iterator[Clue]:
    """A component logged an exception that it did not log in the baseline, in the trace of the scenario."""
    for record in scene.errors:
        if not record.exception or LoggedKind(record.component, record.exception) in scene.known_errors:
            continue
        for component, peer, operation in _ends_of_error(record.component, scene):
            yield Clue(component, peer, operation, Weight.LOGGED_ERROR, LoggedError(
                record.component, record.exception, next(iter(record.body.splitlines()), "")[:_MAX_TEXT]))


def _ends_of_error(component: str, scene: Scene) -> Iterator[tuple[str, str, str]]:
    """(component, peer, operation) of the call in which a component logged an error.

    A changed component broke its caller, or what it called last; an unchanged one was broken by the nearest changed
    component above it, else by its caller. Of one whose calls are not known, the peer is who answered what failed.
    """
    ways = [way for root in scene.calls if (way := _way_to(component, root))]
    way = max(ways, key=lambda way: way[-1].failed, default=())
    if not way:
        failing = [root for root in scene.calls if root.failed] or [*scene.calls]
        yield from ((component, receiver_of(root), root.edge.operation) for root in failing[-1:])
        return
    callers = [scene.caller(call.edge) for call in way]
    last = way[-1]
    if scene.is_changed(component):
        failed = next((call.edge for call in reversed(last.calls) if call.failed), None)
        yield component, failed.callee if failed else callers[-1], (failed or last.edge).operation
    else:
        sender = next((name for name in reversed(callers) if scene.is_changed(name)), callers[-1])
        if sender != STEP:
            yield sender, component, last.edge.operation


def _way_to(component: str, call: Call) -> tuple[Call, ...]:
    """The calls that lead to the last one that the component answered, preferring one that failed; () without any."""
    ways = [(call, *way) for below in call.calls if (way := _way_to(component, below))]
    if call.edge.callee == component:
        ways.append((call,))
    return max(ways, key=lambda way: way[-1].failed, default=())


def _from_step_message(scene: Scene) -> Iterator[Clue]:
    """A step called a changed component and failed with a message that names one of its neighbours."""
    calls = [call for call in scene.calls if call.edge.caller == STEP and scene.is_changed(call.edge.callee)]
    for call in calls[-1:]:
        name = call.edge.callee
        for neighbour in sorted(scene.wire.components - {name, scene.wire.front}):
            if re.search(rf"(?<![\w-]){re.escape(neighbour)}(?![\w-])", scene.message):
                yield Clue(name, neighbour, call.edge.operation, Weight.QUERIED,
                           ReportedNeighbour(name, scene.message))


def _from_checked_party(scene: Scene) -> Iterator[Clue]:
    """The failing step checked a third party or a mail catcher, to which a changed component wrote."""
    calls = [call for call in scene.calls if call.edge.caller == STEP and call.step and call.step == scene.step]
    for call in calls[-1:]:
        party = call.edge.callee
        for name in scene.changed or ():
            way = path_between(name, party, scene.wire.crossed)
            if way and party != scene.wire.front:
                yield Clue(name, way[0], call.edge.operation, Weight.QUERIED,
                           WrittenElsewhere(name, way[0], party if len(way) > 1 else ""))


def _from_reach(scene: Scene) -> Iterator[Clue]:
    """The failure is in the browser, and the only changed component took part in its last requests."""
    pages, changed = scene.wire.pages, scene.changed or ()
    if pages is None or len(changed) != 1:
        return
    component, requests = changed[0], [root for root in scene.calls if scene.caller(root.edge) == pages]
    for root in reversed(requests):
        if component == pages and receiver_of(root) != pages:
            yield Clue(component, receiver_of(root), root.edge.operation, Weight.REACHABLE,
                       LastReached(component, pages, sent=True))
            return
        if component != pages and any(call.edge.callee == component for call in root.walk()):
            own_page = root is requests[-1] and root.edge.callee == component != scene.wire.front
            yield Clue(component, pages, root.edge.operation, Weight.LAST_PAGE if own_page else Weight.REACHABLE,
                       LastReached(component, pages))
            return


_SOURCES: tuple[ClueSource, ...] = (
    _from_hop, _from_violations, _from_differences, _from_changes, _from_blocked, _from_logged_errors,
    _from_step_message, _from_checked_party, _from_reach)


def by_pair(clues: Sequence[Clue]) -> Mapping[tuple[str, str], list[Clue]]:
    pairs: dict[tuple[str, str], list[Clue]] = {}
    for clue in clues:
        pairs.setdefault((clue.component, clue.peer), []).append(clue)
    return pairs
