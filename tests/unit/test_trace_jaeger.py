"""Jaeger's JSON becomes spans; an odd tag, log or reference is lost alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonogo.traffic.spans.jaeger import spans_of_jaeger
from gonogo.traffic.spans.raw_span import MAX_ATTRIBUTES, MAX_SPANS_OF_A_BATCH, MalformedBatch

TRACE, SPAN, PARENT, OTHER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "00f067aa0ba902b8", "ab" * 16
STATUS = {"key": "http.status_code", "type": "int64", "value": 503}


def answer(**span: Any) -> bytes:
    whole = {"traceID": TRACE, "spanID": SPAN, "operationName": "GET /n", "references": [], "startTime": 1760000000000000,
             "duration": 200000, "tags": [{"key": "span.kind", "type": "string", "value": "server"}, STATUS], "logs": [],
             "processID": "p1", "warnings": None, **span}
    trace = {"traceID": TRACE, "spans": [whole], "processes": {"p1": {"serviceName": "shop", "tags": None}}, "warnings": None}
    return json.dumps({"data": [trace], "total": 0, "errors": None}).encode()


ODD = {
    "a tag of a list": {"tags": [{"key": "http.request.header.accept", "value": ["text/html", "*/*"]}, STATUS]},
    "a tag of a mapping": {"tags": [{"key": "a", "value": {"b": 1}}, STATUS]},
    "a tag that is null": {"tags": [None, STATUS]}, "a tag without a key": {"tags": [{"value": 1}, STATUS]},
    "a log without fields": {"logs": [{"timestamp": 1, "fields": None}]}, "a log that is a text": {"logs": ["x"]},
    "logs that are null": {"logs": None}, "references that are null": {"references": None},
    "a reference that is null": {"references": [None]}, "a start that is a text": {"startTime": "soon"},
    "a duration below zero": {"duration": -1}, "a duration of 30 digits": {"duration": 10 ** 30}, "a name that is null": {"operationName": None},
    "a process that is unknown": {"processID": 3},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_an_odd_part_of_a_span_is_lost_alone(odd: dict[str, Any]) -> None:
    """Go writes an empty list as null; a tag that is not read does not matter."""
    (span,) = spans_of_jaeger(answer(**odd))
    assert (span.trace_id, span.span_id, span.status) == (TRACE, SPAN, 503)
    assert 0 <= span.duration_ms < 1e17


def test_references_are_parents_within_the_trace_and_links_to_others() -> None:
    """Jaeger has the links of OpenTelemetry as references to other traces."""
    references = [{"refType": "FOLLOWS_FROM", "traceID": OTHER, "spanID": SPAN},
                  {"refType": "FOLLOWS_FROM", "traceID": TRACE, "spanID": "1"},
                  {"refType": "CHILD_OF", "traceID": TRACE, "spanID": PARENT.lstrip("0")}]
    (span,) = spans_of_jaeger(answer(references=references))
    assert (span.parent_id, span.links) == (PARENT, (OTHER,))
    (span,) = spans_of_jaeger(answer(references=references[:1]))
    assert (span.parent_id, span.links) == ("", (OTHER,))


@pytest.mark.parametrize("nothing", [b'{"data": null}', b'{"data": []}', b'{"data": [{"spans": null, "processes": null}]}', b'{}'])
def test_a_trace_that_is_not_known_yet_has_no_spans(nothing: bytes) -> None:
    """It may arrive later."""
    assert spans_of_jaeger(nothing) == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 3}', b'{"data": [{"spans": "x"}]}', answer(spanID=7), answer(traceID="0"), answer(spanID="z"),
                                  answer(traceID="1" * 33), b'{"data": ' + b"[" * 100_000,
                                  b'{"data": [{"spans": [' + b"{}," * MAX_SPANS_OF_A_BATCH + b"{}]}]}"])
def test_what_is_no_trace_is_refused(body: bytes) -> None:
    """Nothing of it is guessed."""
    with pytest.raises(MalformedBatch):
        spans_of_jaeger(body)


def test_tags_beyond_the_limit_are_not_read() -> None:
    """A span of endless tags costs no memory."""
    (span,) = spans_of_jaeger(answer(tags=[{"key": f"k{number}", "value": 1} for number in range(MAX_ATTRIBUTES)] + [STATUS]))
    assert span.status == 0
