"""The calls between components that spans tell of, nested as they were made.

A call is what one component asked of another: the caller's span joined with the callee's. Spans inside of a
component are passed through. Which of the calls went wrong is `failing_hop`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from gonogo.model.calls import Call, Edge
from gonogo.model.span import Span
from gonogo.traffic.spans.forest import Forest
from gonogo.traffic.spans.naming import Names

MAX_DEPTH = 60  # calls below one another; services that call each other for ever end here
_SAME_MOMENT_S = 0.002
_ASKING = ("client", "producer")
_ANSWERING = ("server", "consumer")


@dataclass(frozen=True, slots=True)
class RootCall:
    """A call whose cause is in no span: `parent_id` is the span that it names, of a browser's request or a step, or "".

    Its edge's caller is "" where only the callee told of it.
    """

    trace_id: str
    parent_id: str
    call: Call


def calls_of(spans: Iterable[Span], name_of_url: Callable[[str], str],
             template: Callable[[str, str], str]) -> tuple[RootCall, ...]:
    """The calls of all traces among `spans`, by start; `template` gives the endpoint of a component's path.

    A span whose parent did not come is the root of what hangs below it: nothing is made up in between.
    """
    forest = Forest(spans)
    grower = _Grower(forest, Names(name_of_url, template))
    return tuple(RootCall(root.trace_id, root.parent_id, call) for root in forest.roots()
                 for call in grower.from_root(root))


@dataclass(frozen=True, slots=True)
class _Work:
    """What a component does: `span` is the request that it answers, None for a job of its own."""

    span: Span | None
    depth: int = 0

    def is_late(self, begun: Span) -> bool:
        """Whether the answer did not wait for `begun` to end; two clocks are never compared."""
        return (self.span is not None and self.span.component == begun.component
                and begun.ended_s > self.span.ended_s + _SAME_MOMENT_S)


class _Grower:
    def __init__(self, forest: Forest, names: Names) -> None:
        self._forest = forest
        self._names = names

    def from_root(self, root: Span) -> Iterator[Call]:
        work = _Work(None)
        if root.kind in _ANSWERING:
            yield self._answered(None, root, work, caller="", seen=root)
        elif root.kind in _ASKING:
            yield from self._asked(root, work)
        else:
            yield from self._below(root, work)

    def _below(self, span: Span, work: _Work) -> Iterator[Call]:
        """The calls that were made within `span`, by start."""
        if work.depth > MAX_DEPTH:
            return
        for child in self._boundaries(span):
            if child.kind in _ASKING:
                yield from self._asked(child, work)
            else:  # the caller has no span of its own for the call
                yield self._answered(None, child, work, caller=span.component, seen=child)

    def _boundaries(self, span: Span) -> list[Span]:
        """The nearest spans below where something is asked or answered, by start."""
        return sorted((each for each in self._inside(span) if not _passed_through(each, span)),
                      key=lambda each: each.started_s)

    def _inside(self, span: Span) -> Iterator[Span]:
        """The spans of what a component did within `span`, down to where it asks another or is asked itself."""
        waiting = list(self._forest.children(span))
        while waiting:
            child = waiting.pop()
            yield child
            if _passed_through(child, span):
                waiting += self._forest.children(child)

    def _with_words(self, server: Span) -> Span:
        """With the words of an exception that a framework put on a span inside of the server's."""
        if server.error_text or not (server.failed or server.status >= 400):
            return server
        told = (each for each in self._inside(server) if each.error_text and _passed_through(each, server))
        last = max(told, key=lambda each: each.ended_s, default=server)
        return replace(server, error_text=last.error_text)

    def _asked(self, client: Span, work: _Work) -> Iterator[Call]:
        """The call of a client's span: once for each try that reached somebody."""
        if work.depth > MAX_DEPTH:
            return
        inside = self._boundaries(client)
        answers = [span for span in inside if span.kind in _ANSWERING]
        nested = [span for span in inside if span.kind in _ASKING and span.component == client.component]
        # a library's span around those of the library that it uses
        is_wrapper = bool(nested) and not answers and nested[0].started_s <= client.ended_s
        if answers:
            yield from self._tries(client, answers, work)
        elif not is_wrapper:
            foreign = [span for span in inside if span.kind in _ASKING and span.component != client.component]
            yield self._unanswered(client, foreign, work)
        for each in nested:
            yield from self._asked(each, replace(work, depth=work.depth + 1))

    def _tries(self, client: Span, answers: list[Span], work: _Work) -> Iterator[Call]:
        """The last answer is what the caller saw. Those before it were tries of its library, within one span.

        Of a message each answer stands for itself: everybody may take it.
        """
        for index, server in enumerate(answers):
            following = answers[index + 1] if index + 1 < len(answers) else None
            is_try = client.kind == "client" and following is not None
            call = self._answered(client, server, work, caller=client.component,
                                  seen=server if is_try or server.kind == "consumer" else client)
            if len(answers) > 1:
                call = replace(call, started_s=server.started_s, duration_ms=server.duration_ms)
            if is_try and following is not None and server.ended_s > following.started_s:
                call = replace(call, status=0, error_text=call.error_text or "no answer before it was tried again")
            yield call

    def _answered(self, client: Span | None, server: Span, work: _Work, *, caller: str, seen: Span) -> Call:
        """`seen` is the span of whoever knows how it ended for the caller."""
        late = server.kind == "consumer" or work.is_late(client or server)
        edge = Edge(caller, server.component, self._names.method(client, server),
                    self._names.endpoint(server.component, client, server))
        status = _status(seen, server)
        below = self._below(server, _Work(server, work.depth + 1))
        return Call(edge, status, seen.started_s, seen.duration_ms, server.parent_id,
                    _error_text(status, seen, self._with_words(server)), late=late, calls=tuple(below))

    def _unanswered(self, client: Span, foreign: list[Span], work: _Work) -> Call:
        """Nobody told of answering it; what another component did in its context is below it all the same."""
        callee = foreign[0].component if foreign and not client.peer else self._names.callee(client)
        edge = Edge(client.component, callee, self._names.method(client, None),
                    self._names.endpoint(callee, client, None))
        status, late = _status(client, None), work.is_late(client)
        inner = _Work(None, work.depth + 1)
        below = tuple(call for each in foreign for call in self._asked(each, inner))
        return Call(edge, status, client.started_s, client.duration_ms, client.span_id,
                    _error_text(status, client, None),
                    late=late, calls=below)


def _passed_through(child: Span, span: Span) -> bool:
    """Whether `child` is only a part of what `span` stands for, and not a call."""
    return child.kind == "internal" or (child.kind == "server" and child.component == span.component
                                        and span.kind not in _ASKING)


def _status(seen: Span, server: Span | None) -> int:
    """What the caller saw: 0 where it saw no answer. Where neither tells, an error is 500 and anything else 200."""
    is_http = bool(seen.method or (server and server.method))
    if not is_http:
        return 500 if seen.failed or (server is not None and server.failed) else 200
    if seen.status:
        return seen.status
    if seen.failed and seen is not server:
        return 0
    if server is not None and (server.status or server.failed):
        return server.status or 500
    return 200


def _error_text(status: int, seen: Span, server: Span | None) -> str:
    if 0 < status < 400:
        return ""
    of_server = server.error_text if server else ""
    return (seen.error_text or of_server) if status == 0 else (of_server or seen.error_text)
