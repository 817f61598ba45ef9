"""Which way data flows through the calls of a run: who sent a thing first, and whom it reached in the end.

A gateway that hands a request on is neither the one that broke something nor the one that was broken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gonogo.model.calls import BROWSER, STEP, Call, Difference, Edge, WireEvidence


def forwards(call: Call) -> Call | None:
    """The call that `call` was handed on as (the same method, the end of the same path), or None."""
    return next((below for below in call.calls if below.edge.method == call.edge.method
                 and call.edge.endpoint.endswith(below.edge.endpoint.rstrip("/") or "/")), None)


def receiver_of(call: Call) -> str:
    """The component that a request reached: behind those that only handed it on."""
    while (onward := forwards(call)) is not None:
        call = onward
    return call.edge.callee


def consumption(path: Sequence[Call]) -> Edge:
    """The edge whose caller was given the answer of the last call of `path`: above those that passed its status on."""
    edge = path[-1].edge
    for above in reversed(path[:-1]):
        if above.edge.callee != edge.caller or above.status != path[-1].status:
            break
        edge = above.edge
    return edge


def origin(difference: Difference, all_of_them: Iterable[Difference]) -> Edge:
    """The edge on which the difference first appears: the farthest that shows the same field change the same way."""
    return _follow(difference, list(all_of_them), towards_origin=True)


def destination(difference: Difference, all_of_them: Iterable[Difference]) -> Edge:
    """The edge on which the difference is seen last."""
    return _follow(difference, list(all_of_them), towards_origin=False)


def in_request(difference: Difference) -> bool:
    return difference.where.startswith("request")


def providers(calls: Iterable[Call], edge: Edge, changed: Collection[str]) -> tuple[str, ...]:
    """The changed components among those that were asked to answer calls of `edge`, nearest first."""
    found: dict[str, None] = {}
    for root in calls:
        for call in root.walk():
            if call.edge == edge:
                found.update((below.edge.callee, None) for below in call.walk() if below.edge.callee in changed)
    return tuple(found)


def way_between(sender: str, party: str, crossed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The shortest way over crossed edges: whom `sender` calls, who calls on, …, `party`; () where there is none."""
    ways: dict[str, tuple[str, ...]] = {sender: ()}
    edges = list(crossed)
    waiting = [sender]
    while waiting:
        here = waiting.pop(0)
        for caller, callee in edges:
            if caller == here and callee not in ways:
                ways[callee] = (*ways[here], callee)
                waiting.append(callee)
    return ways.get(party, ())


def caller_of(edge: Edge, wire: WireEvidence) -> str:
    """The component that sent a call: a browser runs the code of the one that serves the pages, and a step that asks
    the front door stands for a browser. STEP where a step asked a component behind it.
    """
    asks_as_users_do = edge.caller == BROWSER or (edge.caller == STEP and edge.callee == wire.front)
    return wire.pages or edge.caller if asks_as_users_do else edge.caller


def _follow(difference: Difference, all_of_them: list[Difference], *, towards_origin: bool) -> Edge:
    # A request flows from caller to callee, an answer from callee to caller.
    with_the_call = in_request(difference) != towards_origin
    edge, met = difference.edge, {difference.edge}
    while True:
        onward = next((other.edge for other in all_of_them if other.edge not in met and _same(other, difference)
                       and _meet(edge, other.edge, with_the_call=with_the_call)), None)
        if onward is None:
            return edge
        edge = onward
        met.add(edge)


def _meet(edge: Edge, other: Edge, *, with_the_call: bool) -> bool:
    return other.caller == edge.callee if with_the_call else other.callee == edge.caller


def _same(one: Difference, other: Difference) -> bool:
    return (in_request(one) == in_request(other) and _leaf(one) == _leaf(other)
            and [change.now for change in one.changes] == [change.now for change in other.changes])


def _leaf(difference: Difference) -> str:
    return difference.where.replace("[]", "").rpartition(".")[2].lower()
