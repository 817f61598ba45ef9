"""Tells the spans that a run caused from those of others: only the former are evidence.

A component may work off a message in a trace of its own: its span then has a link to the trace that sent it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from gonogo.model.span import Span


class Sorted(NamedTuple):
    own: tuple[Span, ...]
    foreign: tuple[Span, ...]


def sort_spans(spans: Sequence[Span], is_issued: Callable[[str], bool]) -> Sorted:
    """`own` are the spans of issued traces, and of those that a link leads to from one of them, over any number."""
    traces = _with_linked(spans, {span.trace_id for span in spans if is_issued(span.trace_id)} | {
        link for span in spans for link in span.links if is_issued(link)})
    return Sorted(tuple(span for span in spans if span.trace_id in traces),
                  tuple(span for span in spans if span.trace_id not in traces))


def _with_linked(spans: Iterable[Span], issued: set[str]) -> set[str]:
    linking: dict[str, set[str]] = defaultdict(set)
    for span in spans:
        for link in span.links:
            linking[link].add(span.trace_id)
    traces, waiting = set(issued), list(issued)
    while waiting:
        new = linking[waiting.pop()] - traces
        traces |= new
        waiting += new
    return traces
