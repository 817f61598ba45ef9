"""Spans as trees by parent id, without duplicates. A span whose parent is missing is a root.

Only ids are used here; `tree` interprets the spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gonogo.model.span import GONOGO, Span


class Forest:
    """The spans of any number of traces, without gonogo's own: their children become roots."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: dict[tuple[str, str], Span] = {}
        self._children: dict[tuple[str, str], list[Span]] = {}
        for span in _with_unique_ids([span for span in spans if span.component != GONOGO]):
            self._spans[span.trace_id, span.span_id] = span  # a batch that is sent twice has the same ids
        for span in self._spans.values():
            self._children.setdefault((span.trace_id, span.parent_id), []).append(span)
        for children in self._children.values():
            children.sort(key=_by_start)

    def roots(self) -> Iterator[Span]:
        """Spans without a parent, or whose parent is missing, by start."""
        roots = [span for span in self._spans.values() if (span.trace_id, span.parent_id) not in self._spans]
        return iter(sorted(roots, key=_by_start))

    def children(self, span: Span) -> list[Span]:
        """The direct children, by start."""
        return self._children.get((span.trace_id, span.span_id), [])


def _by_start(span: Span) -> tuple[float, str]:
    return span.started_s, span.span_id


def _with_unique_ids(spans: list[Span]) -> list[Span]:
    """Zipkin's convention (B3, Envoy) gives both ends of a call one id: make the server's span the client's child."""
    clients = {(span.trace_id, span.span_id): span for span in spans if span.kind in ("client", "producer")}
    shared = {}
    for span in spans:
        client = clients.get((span.trace_id, span.span_id))
        if client is not None and span.kind in ("server", "consumer") and span.component != client.component:
            shared[span.trace_id, span.span_id, span.component] = f"{span.span_id}-{span.kind}"
    if not shared:
        return spans
    return [_with_unique_id(span, shared) for span in spans]


def _with_unique_id(span: Span, shared: dict[tuple[str, str, str], str]) -> Span:
    if span.kind in ("server", "consumer"):
        own_id = shared.get((span.trace_id, span.span_id, span.component))
        return replace(span, span_id=own_id, parent_id=span.span_id) if own_id else span
    # child spans in the server's component have the shared id as their parent
    parent_id = shared.get((span.trace_id, span.parent_id, span.component))
    return replace(span, parent_id=parent_id) if parent_id else span
