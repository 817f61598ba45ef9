"""Spans become nested calls between components, with caller, callee, operation, status and duration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from gonogo.model.calls import Call
from gonogo.model.span import GONOGO, Kind, Span
from gonogo.traffic.spans.tree import MAX_DEPTH, RootCall, calls_of

PORTS = {"127.0.0.1:1": "gateway", "127.0.0.1:4": "bookings", "127.0.0.1:9": "bank"}


def span(span_id: str, parent_id: str, component: str, kind: Kind, start: float = 0.0, end: float = 1.0, **others: object) -> Span:
    defaults = {"method": "GET", "system": "http", "url": f"http://127.0.0.1:4/{span_id}", "status": 200}
    if kind == "internal":
        defaults = {}
    return Span("t", span_id, parent_id, component, "n", kind, start, (end - start) * 1000, **{**defaults, **others})  # type: ignore[arg-type]


def grown(spans: Iterable[Span]) -> tuple[RootCall, ...]:
    return calls_of(spans, lambda url: PORTS.get(urlsplit(url).netloc, ""), lambda _callee, path: path)


def told(calls: Iterable[Call], depth: int = 0) -> list[str]:
    """A tree of calls as indented lines."""
    lines = []
    for call in calls:
        edge = call.edge
        lines.append(f"{'  ' * depth}{edge.caller}>{edge.callee} {edge.operation} {call.status}{' late' if call.late else ''}")
        lines += told(call.calls, depth + 1)
    return lines


def lines_of(spans: Iterable[Span]) -> list[str]:
    return told(root.call for root in grown(spans))


BROWSER = span("aa", "be", "gateway", "server", 0, 10, route="/api/bookings/<id>", url="http://127.0.0.1:1/api/bookings/7")
ASKS = span("ab", "aa", "gateway", "client", 1, 9)
ANSWERS = span("ac", "ab", "bookings", "server", 2, 8, route="/bookings/<id>", url="http://127.0.0.1:4/bookings/7")

TREES: dict[str, tuple[list[Span], list[str]]] = {
    "a client span and its server span are one call": (
        [ANSWERS, BROWSER, ASKS],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /bookings/[id] 200"]),
    "spans inside a component are skipped": (
        [BROWSER, span("i1", "aa", "gateway", "internal"), span("i2", "i1", "gateway", "internal"), replace(ASKS, parent_id="i2"), ANSWERS],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /bookings/[id] 200"]),
    "a server without instrumentation is named by its address": (
        [BROWSER, span("ab", "aa", "gateway", "client", url="http://127.0.0.1:9/charges/7")],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bank GET /charges/7 200"]),
    "a callee without a URL is named as its caller names it": (
        [span("ab", "", "notifications", "client", peer="mailbox", system="smtp", operation="send", method="", status=0, url="")],
        ["notifications>mailbox SMTP send 200"]),
    "a callee without a URL and a name is named after its protocol": (
        [span("ab", "", "a", "client", system="redis", method="", status=0, url="", operation="GET")], ["a>redis REDIS GET 200"]),
    "a caller without a span of its own for the call": (
        [BROWSER, replace(ANSWERS, parent_id="aa")],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /bookings/[id] 200"]),
    "a server span inside another of the same component is skipped": (
        [BROWSER, span("a2", "aa", "gateway", "server"), replace(ASKS, parent_id="a2"), ANSWERS],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /bookings/[id] 200"]),
    "a library's span around the spans of another library is not a call": (
        [span("c0", "", "a", "client", 0, 9, system="rpc", method="", status=0), span("c1", "c0", "a", "client", 1, 3, status=503),
         span("c2", "c0", "a", "client", 4, 8), span("s2", "c2", "b", "server", 5, 7)],
        ["a>bookings GET /c1 503", "a>b GET /s2 200"]),
    "a call that begins in the context of an ended call is its sibling": (
        [span("c0", "", "a", "client", 0, 2), span("c1", "c0", "a", "client", 3, 4)], ["a>bookings GET /c0 200", "a>bookings GET /c1 200"]),
    "a component that calls itself": (
        [span("c1", "", "a", "client"), span("s1", "c1", "a", "server")], ["a>a GET /s1 200"]),
    "attempts are several calls": (
        [BROWSER, span("c1", "aa", "gateway", "client", 1, 2, status=503), span("c2", "aa", "gateway", "client", 3, 4)],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /c1 503", "  gateway>bookings GET /c2 200"]),
    "attempts of a library within one span are several calls too": (
        [span("c1", "", "a", "client", 0, 9), span("s1", "c1", "b", "server", 1, 2, status=503, failed=True),
         span("s2", "c1", "b", "server", 3, 8)],
        ["a>b GET /s1 503", "a>b GET /s2 200"]),
    "an attempt of a library that was abandoned for the next": (
        [span("c1", "", "a", "client", 0, 9), span("s1", "c1", "b", "server", 1, 7), span("s2", "c1", "b", "server", 5, 8)],
        ["a>b GET /s1 0", "a>b GET /s2 200"]),
    "a caller that timed out has no response, although the callee answered later": (
        [span("c1", "", "a", "client", 0, 1, status=0, failed=True, error_text="timed out"), span("s1", "c1", "b", "server", 0.5, 5)],
        ["a>b GET /s1 0"]),
    "no server answered": (
        [span("c1", "", "a", "client", status=0, failed=True)], ["a>bookings GET /c1 0"]),
    "a server span without a status": (
        [span("s1", "", "b", "server", status=0), span("s2", "", "b", "server", status=0, failed=True)],
        [">b GET /s1 200", ">b GET /s2 500"]),
    "an error over another protocol": (
        [span("c1", "", "a", "client", system="smtp", method="", status=0, failed=True, peer="m", operation="send")], ["a>m SMTP send 500"]),
    "a call that begins after the response is late": (
        [BROWSER, span("c1", "aa", "gateway", "client", 12, 13)],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /c1 200 late"]),
    "a call that is still in progress at the response is late too: its caller did not wait for it": (
        [BROWSER, span("c1", "aa", "gateway", "client", 9, 11)],
        [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /c1 200 late"]),
    "a message is a late call to each of its consumers": (
        [span("p1", "", "a", "producer", 0, 1, system="kafka", method="", status=0, operation="orders"),
         span("k1", "p1", "b", "consumer", 5, 6, system="kafka", method="", status=0, operation="orders"),
         span("k2", "p1", "c", "consumer", 5.5, 6, system="kafka", method="", status=0, operation="orders", failed=True)],
        ["a>b KAFKA orders 200 late", "a>c KAFKA orders 500 late"]),
    "a message without a consumer": (
        [span("p1", "", "a", "producer", system="kafka", method="", status=0, operation="orders", peer="broker")], ["a>broker KAFKA orders 200"]),
    "another component's call in the context of a call is below it": (
        [span("c1", "", "a", "client", url="http://x/"), span("c2", "c1", "mesh", "client")], ["a>mesh GET / 200", "  mesh>bookings GET /c2 200"]),
    "both ends of a call with one id, as in Zipkin": (
        [span("aa", "", "a", "client"), span("aa", "", "b", "server"), span("c2", "aa", "b", "client"), span("c3", "aa", "a", "internal")],
        ["a>b GET /aa 200", "  b>bookings GET /c2 200"]),
    "a batch that is sent twice": (
        [BROWSER, ASKS, ANSWERS, BROWSER, ASKS], [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /bookings/[id] 200"]),
    "a background job": (
        [span("j", "", "bookings", "internal"), span("c1", "j", "bookings", "client", url="http://127.0.0.1:9/x")], ["bookings>bank GET /x 200"]),
}


@pytest.mark.parametrize(("spans", "expected"), TREES.values(), ids=TREES.keys())
def test_tree(spans: list[Span], expected: list[str]) -> None:
    """Calls are nested as they were made, in whatever order their spans arrived."""
    assert lines_of(spans) == expected
    assert lines_of(reversed(spans)) == expected


ROUTES = {
    "Flask": ("/bookings/<int:booking_id>", "/bookings/7", "/bookings/[id]"),
    "Express": ("/items/:id", "/items/42", "/items/[id]"),
    "FastAPI": ("/items/{item_id}", "/items/42", "/items/[id]"),
    "Go": ("GET /items/{id}", "/items/42", "/items/[id]"),
    "Django": ("^items/(?P<pk>[0-9]+)/$", "/items/42/", "/items/[id]"),
    "Next": ("/items/[slug]", "/items/42", "/items/[id]"),
    "Spring": ("/flights/{id}-{day}", "/flights/TA1-9", "/flights/[id]-[id]"),
    "a route that catches everything": ("/api/<path:rest>", "/api/a/b", "/api/a/b"),
    "a star": ("/*", "/a/b", "/a/b"),
    "a root that catches everything": ("/", "/a/b", "/a/b"),
    "a route below a prefix": ("/items/{id}", "/shop/items/42", "/shop/items/42"),
    "a route of variables alone": ("/{a}/{b}", "/items/42", "/items/42"),
    "no route": ("", "/items/42", "/items/42"),
    "no path": ("/items/{id}", "", "/items/[id]"),
    "neither": ("", "", "/"),
}


@pytest.mark.parametrize(("route", "path", "endpoint"), ROUTES.values(), ids=ROUTES.keys())
def test_endpoint(route: str, path: str, endpoint: str) -> None:
    """The endpoint is the callee's route, in one notation for all frameworks; without a usable route it is the path."""
    (root,) = grown([span("s", "", "b", "server", route=route, url=f"http://b{path}" if path else "")])
    assert root.call.edge.endpoint == endpoint


def test_root_has_the_id_of_its_missing_parent() -> None:
    """The requests of browsers and steps have no span here: their calls are roots with the id of that request."""
    step = Span("t", "be", "", GONOGO, "Ana pays", "internal", 0, 1)
    assert [(root.trace_id, root.parent_id) for root in grown([step, BROWSER, ASKS, ANSWERS])] == [("t", "be")]


def test_missing_spans_are_not_guessed() -> None:
    """A call whose caller's span is missing is a root with the id of that span."""
    assert [(root.parent_id, told([root.call])) for root in grown([BROWSER, ANSWERS])] == [
        ("be", [">gateway GET /api/bookings/[id] 200"]), ("ab", [">bookings GET /bookings/[id] 200"])]


def test_traces_with_the_same_span_ids_stay_apart() -> None:
    """Span ids are unique only within a trace."""
    other = [replace(each, trace_id="u") for each in (BROWSER, ASKS)]
    assert [root.trace_id for root in grown([BROWSER, ASKS, ANSWERS, *other])] == ["t", "u"]


def test_clocks_of_two_hosts_are_never_compared() -> None:
    """A callee's clock that is a day ahead or behind does not make its call late."""
    for hours in (-24, 24):
        skewed = replace(ANSWERS, started_s=ANSWERS.started_s + hours * 3600)
        below = span("c9", "ac", "bookings", "client", skewed.started_s + 1, skewed.started_s + 2)
        (root,) = grown([BROWSER, ASKS, skewed, below])
        assert told([root.call]) == [">gateway GET /api/bookings/[id] 200", "  gateway>bookings GET /bookings/[id] 200",
                                     "    bookings>bookings GET /c9 200"]


def test_call_has_the_span_id_of_its_request_and_the_times_of_its_caller() -> None:
    """A recorded exchange can be found by its traceparent."""
    (root,) = grown([BROWSER, ASKS, ANSWERS])
    (below,) = root.call.calls
    assert (root.call.span_id, below.span_id, below.started_s, below.duration_ms) == ("be", "ab", 1, 8000)


def test_error_text() -> None:
    """It is the callee's, from whichever of its spans has one, else the caller's; without a response, the caller's."""
    inside = span("i1", "ac", "bookings", "internal", failed=True, error_text="seat is gone")
    asked, answered = replace(ASKS, status=500, error_text="500 from bookings"), replace(ANSWERS, status=500, failed=True)
    assert grown([asked, answered, inside])[0].call.error_text == "seat is gone"
    assert grown([asked, answered])[0].call.error_text == "500 from bookings"
    assert grown([replace(asked, status=0, failed=True, error_text="timed out"), replace(answered, error_text="x")])[0].call.error_text == "timed out"
    assert grown([ASKS, replace(ANSWERS, error_text="a warning")])[0].call.error_text == ""


def test_spans_that_are_their_own_ancestors_are_left_out() -> None:
    """The other spans are read."""
    assert lines_of([span("x", "x", "a", "server"), span("y", "z", "a", "server"), span("z", "y", "a", "client"), ASKS]) == [
        "gateway>bookings GET /ab 200"]


def test_endless_call_loops_are_cut() -> None:
    """Two services that call each other endlessly, and a library that wraps its own spans endlessly, are cut."""
    storm = [each for level in range(3000) for each in (
        span(f"c{level}", f"s{level - 1}", f"x{level % 2}", "client"), span(f"s{level}", f"c{level}", f"x{(level + 1) % 2}", "server"))]
    (root,) = grown(storm)
    assert MAX_DEPTH <= len(root.call.walk()) <= MAX_DEPTH + 2
    grown([span(f"c{level}", f"c{level - 1}", "a", "client") for level in range(3000)])
    assert lines_of([span(f"i{level}", f"i{level - 1}", "a", "internal") for level in range(3000)]) == []
