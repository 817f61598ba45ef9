"""The calls between components that spans describe, nested as they were made.

A call is a request of one component to another: the caller's span joined with the callee's. Spans inside a component
are skipped. `failing_hop` finds the call that failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from gonogo.model.calls import Call, Edge
from gonogo.model.span import Span
from gonogo.traffic.spans.forest import Forest
from gonogo.traffic.spans.naming import Names

MAX_DEPTH = 60  # of nested calls; limits endless call loops
_SAME_MOMENT_S = 0.002
_OUTGOING = ("client", "producer")
_INCOMING = ("server", "consumer")


@dataclass(frozen=True, slots=True)
class RootCall:
    """A call whose parent span is missing: `parent_id` is that span's id (a browser's request or a step), or "".

    Its edge's caller is "" if only the callee sent a span.
    """

    trace_id: str
    parent_id: str
    call: Call


def calls_of(spans: Iterable[Span], name_of_url: Callable[[str], str],
             template: Callable[[str, str], str]) -> tuple[RootCall, ...]:
    """The calls of all traces among `spans`, by start; `template` returns the endpoint of a component's path.

    A span whose parent is missing is a root: missing spans are not guessed.
    """
    forest = Forest(spans)
    builder = _CallBuilder(forest, Names(name_of_url, template))
    return tuple(RootCall(root.trace_id, root.parent_id, call) for root in forest.roots()
                 for call in builder.from_root(root))


@dataclass(frozen=True, slots=True)
class _Work:
    """What a component does: `span` is the request that it answers, None for a background job."""

    span: Span | None
    depth: int = 0

    def is_late(self, begun: Span) -> bool:
        """Whether `begun` ended after the answer. Clocks of different components are not compared."""
        return (self.span is not None and self.span.component == begun.component
                and begun.ended_s > self.span.ended_s + _SAME_MOMENT_S)


class _CallBuilder:
    def __init__(self, forest: Forest, names: Names) -> None:
        self._forest = forest
        self._names = names

    def from_root(self, root: Span) -> Iterator[Call]:
        work = _Work(None)
        if root.kind in _INCOMING:
            yield self._incoming(None, root, work, caller="", outcome=root)
        elif root.kind in _OUTGOING:
            yield from self._outgoing(root, work)
        else:
            yield from self._below(root, work)

    def _below(self, span: Span, work: _Work) -> Iterator[Call]:
        """The calls made within `span`, by start."""
        if work.depth > MAX_DEPTH:
            return
        for child in self._boundaries(span):
            if child.kind in _OUTGOING:
                yield from self._outgoing(child, work)
            else:  # the caller has no span for the call
                yield self._incoming(None, child, work, caller=span.component, outcome=child)

    def _boundaries(self, span: Span) -> list[Span]:
        """The nearest spans below that send or answer a request, by start."""
        return sorted((each for each in self._inside(span) if not _passed_through(each, span)),
                      key=lambda each: each.started_s)

    def _inside(self, span: Span) -> Iterator[Span]:
        """The spans below `span` within its component, down to those that send or answer a request."""
        waiting = list(self._forest.children(span))
        while waiting:
            child = waiting.pop()
            yield child
            if _passed_through(child, span):
                waiting += self._forest.children(child)

    def _with_error_text(self, server: Span) -> Span:
        """`server` with the text of an exception that a framework recorded on an inner span."""
        if server.error_text or not (server.failed or server.status >= 400):
            return server
        candidates = (each for each in self._inside(server) if each.error_text and _passed_through(each, server))
        last = max(candidates, key=lambda each: each.ended_s, default=server)
        return replace(server, error_text=last.error_text)

    def _outgoing(self, client: Span, work: _Work) -> Iterator[Call]:
        """The calls of a client's span: one for each attempt that reached a callee."""
        if work.depth > MAX_DEPTH:
            return
        inside = self._boundaries(client)
        answers = [span for span in inside if span.kind in _INCOMING]
        nested = [span for span in inside if span.kind in _OUTGOING and span.component == client.component]
        # a library's span around the spans of the library that it uses
        is_wrapper = bool(nested) and not answers and nested[0].started_s <= client.ended_s
        if answers:
            yield from self._tries(client, answers, work)
        elif not is_wrapper:
            foreign = [span for span in inside if span.kind in _OUTGOING and span.component != client.component]
            yield self._unanswered(client, foreign, work)
        for each in nested:
            yield from self._outgoing(each, replace(work, depth=work.depth + 1))

    def _tries(self, client: Span, answers: list[Span], work: _Work) -> Iterator[Call]:
        """The caller received the last answer. Earlier ones are attempts of its library within one span.

        A message may have several consumers: each is a call.
        """
        for index, server in enumerate(answers):
            following = answers[index + 1] if index + 1 < len(answers) else None
            is_try = client.kind == "client" and following is not None
            call = self._incoming(client, server, work, caller=client.component,
                                  outcome=server if is_try or server.kind == "consumer" else client)
            if len(answers) > 1:
                call = replace(call, started_s=server.started_s, duration_ms=server.duration_ms)
            if is_try and following is not None and server.ended_s > following.started_s:
                call = replace(call, status=0, error_text=call.error_text or "no answer before the next attempt")
            yield call

    def _incoming(self, client: Span | None, server: Span, work: _Work, *, caller: str, outcome: Span) -> Call:
        """`outcome` is the span that has the result from the caller's view."""
        late = server.kind == "consumer" or work.is_late(client or server)
        edge = Edge(caller, server.component, self._names.method(client, server),
                    self._names.endpoint(server.component, client, server))
        status = _status(outcome, server)
        below = self._below(server, _Work(server, work.depth + 1))
        return Call(edge, status, outcome.started_s, outcome.duration_ms, server.parent_id,
                    _error_text(status, outcome, self._with_error_text(server)), late=late, calls=tuple(below))

    def _unanswered(self, client: Span, foreign: list[Span], work: _Work) -> Call:
        """A call without a server's span. Calls of other components in its context are still below it."""
        callee = foreign[0].component if foreign and not client.peer else self._names.callee(client)
        edge = Edge(client.component, callee, self._names.method(client, None),
                    self._names.endpoint(callee, client, None))
        status, late = _status(client, None), work.is_late(client)
        inner = _Work(None, work.depth + 1)
        below = tuple(call for each in foreign for call in self._outgoing(each, inner))
        return Call(edge, status, client.started_s, client.duration_ms, client.span_id,
                    _error_text(status, client, None),
                    late=late, calls=below)


def _passed_through(child: Span, span: Span) -> bool:
    """Whether `child` is a part of `span` and not a call."""
    return child.kind == "internal" or (child.kind == "server" and child.component == span.component
                                        and span.kind not in _OUTGOING)


def _status(outcome: Span, server: Span | None) -> int:
    """The status that the caller received, 0 for no answer. If no span has one: 500 for an error, else 200."""
    is_http = bool(outcome.method or (server and server.method))
    if not is_http:
        return 500 if outcome.failed or (server is not None and server.failed) else 200
    if outcome.status:
        return outcome.status
    if outcome.failed and outcome is not server:
        return 0
    if server is not None and (server.status or server.failed):
        return server.status or 500
    return 200


def _error_text(status: int, outcome: Span, server: Span | None) -> str:
    if 0 < status < 400:
        return ""
    of_server = server.error_text if server else ""
    return (outcome.error_text or of_server) if status == 0 else (of_server or outcome.error_text)
