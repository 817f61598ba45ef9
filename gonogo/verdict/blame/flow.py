"""How data flows through the calls of a run: which component sent a value first, and which received it last.

A gateway that only forwards a request is neither the suspect nor the peer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gonogo.model.calls import BROWSER, STEP, Call, Difference, Edge, WireEvidence


def forwards(call: Call) -> Call | None:
    """The call that forwards `call` (same method, path is the end of its path), or None."""
    return next((below for below in call.calls if below.edge.method == call.edge.method
                 and call.edge.endpoint.endswith(below.edge.endpoint.rstrip("/") or "/")), None)


def receiver_of(call: Call) -> str:
    """The component that handled a request, behind those that only forwarded it."""
    while (forwarded := forwards(call)) is not None:
        call = forwarded
    return call.edge.callee


def consumption(path: Sequence[Call]) -> Edge:
    """The edge whose caller consumed the answer of the last call of `path`; skips callers that passed the status on."""
    edge = path[-1].edge
    for above in reversed(path[:-1]):
        if above.edge.callee != edge.caller or above.status != path[-1].status:
            break
        edge = above.edge
    return edge


def origin(difference: Difference, all_of_them: Iterable[Difference]) -> Edge:
    """The edge on which the difference appears first: the most distant one with the same change of the same field."""
    return _follow(difference, list(all_of_them), towards_origin=True)


def destination(difference: Difference, all_of_them: Iterable[Difference]) -> Edge:
    """The edge on which the difference appears last."""
    return _follow(difference, list(all_of_them), towards_origin=False)


def in_request(difference: Difference) -> bool:
    return difference.where.startswith("request")


def providers(calls: Iterable[Call], edge: Edge, changed: Collection[str]) -> tuple[str, ...]:
    """The changed components that took part in answering calls of `edge`, nearest first."""
    components: dict[str, None] = {}
    for root in calls:
        for call in root.walk():
            if call.edge == edge:
                components.update((below.edge.callee, None) for below in call.walk() if below.edge.callee in changed)
    return tuple(components)


def path_between(sender: str, party: str, crossed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The shortest path over crossed edges from `sender` (excluded) to `party`; () if there is none."""
    paths: dict[str, tuple[str, ...]] = {sender: ()}
    edges = list(crossed)
    queue = [sender]
    while queue:
        component = queue.pop(0)
        for caller, callee in edges:
            if caller == component and callee not in paths:
                paths[callee] = (*paths[component], callee)
                queue.append(callee)
    return paths.get(party, ())


def caller_of(edge: Edge, wire: WireEvidence) -> str:
    """The component that sent a call. A browser, or a step that calls the front component, stands for the component
    that serves the pages. STEP if a step called a component behind the front.
    """
    is_user_request = edge.caller == BROWSER or (edge.caller == STEP and edge.callee == wire.front)
    return wire.pages or edge.caller if is_user_request else edge.caller


def _follow(difference: Difference, all_of_them: list[Difference], *, towards_origin: bool) -> Edge:
    # A request flows from caller to callee, an answer from callee to caller.
    with_the_call = in_request(difference) != towards_origin
    edge, visited = difference.edge, {difference.edge}
    while True:
        next_edge = next((other.edge for other in all_of_them if other.edge not in visited and _same(other, difference)
                       and _is_adjacent(edge, other.edge, with_the_call=with_the_call)), None)
        if next_edge is None:
            return edge
        edge = next_edge
        visited.add(edge)


def _is_adjacent(edge: Edge, other: Edge, *, with_the_call: bool) -> bool:
    return other.caller == edge.callee if with_the_call else other.callee == edge.caller


def _same(one: Difference, other: Difference) -> bool:
    return (in_request(one) == in_request(other) and _leaf(one) == _leaf(other)
            and [change.now for change in one.changes] == [change.now for change in other.changes])


def _leaf(difference: Difference) -> str:
    return difference.where.replace("[]", "").rpartition(".")[2].lower()
