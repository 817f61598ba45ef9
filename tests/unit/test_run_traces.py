"""Only spans of traces that the run began are evidence: its own, those of its pages, and those that link to one."""

from __future__ import annotations

import pytest

from gonogo.model.span import Span
from gonogo.model.trace_ids import TraceIds
from gonogo.traffic.spans.run_traces import sort_spans

IDS = TraceIds()


def span(trace_id: str, *links: str) -> Span:
    return Span(trace_id, "a" * 16, "", "web", "GET", "client", 1.0, 1.0, links=links)


def test_issued_ids_begin_alike_and_others_do_not() -> None:
    """The rest is random, as samplers by trace id expect."""
    first, second = IDS.new(), IDS.new()
    assert first != second
    assert {len(first), len(second)} == {32}
    assert IDS.issued(first)
    assert IDS.issued(second)
    assert not TraceIds().issued(first)
    assert not IDS.issued(first[16:] + first[:16])
    assert not IDS.issued("")


OWN = IDS.new()
LINKS: dict[str, tuple[list[Span], list[str]]] = {
    "issued": ([span(OWN)], [OWN]),
    "of another process": ([span("f" * 32)], []),
    "linked to a trace of the run": ([span("b" * 32, OWN)], ["b" * 32]),
    "linked over another trace, in any order": ([span("c" * 32, "b" * 32), span("b" * 32, OWN)], ["c" * 32, "b" * 32]),
    "one span of the trace is linked": ([span("b" * 32), span("b" * 32, OWN)], ["b" * 32, "b" * 32]),
    "linked to another trace": ([span("b" * 32, "c" * 32), span("c" * 32)], []),
    "linked in a circle": ([span("b" * 32, "c" * 32), span("c" * 32, "b" * 32)], []),
    "linked from a trace of the run": ([span(OWN, "b" * 32), span("b" * 32)], [OWN]),
}


@pytest.mark.parametrize(("spans", "own"), LINKS.values(), ids=LINKS.keys())
def test_spans_are_of_the_run_or_of_others(spans: list[Span], own: list[str]) -> None:
    """A trace that works off what a trace of the run caused belongs to it as a whole."""
    found = sort_spans(spans, IDS.issued)
    assert [each.trace_id for each in found.own] == own
    assert len(found.own) + len(found.foreign) == len(spans)
