"""Spans by their parents: each once, each below the span that it names, and those whose parent nobody sent.

Only ids are followed; what a span means to its parent is `tree`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gonogo.model.span import GONOGO, Span


class Forest:
    """The spans of any number of traces, gonogo's own left out: what hangs below those has them as a missing parent."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: dict[tuple[str, str], Span] = {}
        self._children: dict[tuple[str, str], list[Span]] = {}
        for span in _with_ids_of_their_own([span for span in spans if span.component != GONOGO]):
            self._spans[span.trace_id, span.span_id] = span  # a batch that is sent twice comes with the same ids
        for span in self._spans.values():
            self._children.setdefault((span.trace_id, span.parent_id), []).append(span)
        for children in self._children.values():
            children.sort(key=_by_start)

    def roots(self) -> Iterator[Span]:
        """Spans without a parent, or whose parent did not come, in the order of their start."""
        found = [span for span in self._spans.values() if (span.trace_id, span.parent_id) not in self._spans]
        return iter(sorted(found, key=_by_start))

    def children(self, span: Span) -> list[Span]:
        """Those directly below, in the order of their start."""
        return self._children.get((span.trace_id, span.span_id), [])


def _by_start(span: Span) -> tuple[float, str]:
    return span.started_s, span.span_id


def _with_ids_of_their_own(spans: list[Span]) -> list[Span]:
    """Zipkin's convention (B3, Envoy) gives both ends of a call one id: the server's end is hung below the client's."""
    clients = {(span.trace_id, span.span_id): span for span in spans if span.kind in ("client", "producer")}
    shared = {}
    for span in spans:
        client = clients.get((span.trace_id, span.span_id))
        if client is not None and span.kind in ("server", "consumer") and span.component != client.component:
            shared[span.trace_id, span.span_id, span.component] = f"{span.span_id}-{span.kind}"
    if not shared:
        return spans
    return [_moved(span, shared) for span in spans]


def _moved(span: Span, shared: dict[tuple[str, str, str], str]) -> Span:
    if span.kind in ("server", "consumer"):
        own_id = shared.get((span.trace_id, span.span_id, span.component))
        return replace(span, span_id=own_id, parent_id=span.span_id) if own_id else span
    # what the server's component did to answer names the shared id as its parent
    parent_id = shared.get((span.trace_id, span.parent_id, span.component))
    return replace(span, parent_id=parent_id) if parent_id else span
