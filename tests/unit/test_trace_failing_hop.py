"""The failing hop is the deepest call that failed, distinguished from those that only passed its error on."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from gonogo.model.calls import Call, Edge
from gonogo.traffic.analysis.failing_hop import failing_hop

_moment = itertools.count(1)


def call(text: str, *below: Call, at: float | None = None, ms: float = 1) -> Call:
    """`"web>gateway POST /orders 502"`, optionally with ` late`; each call begins after the one created before it."""
    ends, method, endpoint, status, *late = text.split()
    caller, callee = ends.split(">")
    start = at if at is not None else min([each.started_s for each in below] or [next(_moment)]) - 0.5
    return Call(Edge(caller, callee, method, endpoint), int(status), start, ms, late=bool(late), calls=below)


def hop(*calls: Call) -> list[str]:
    return [f"{each.edge.caller}>{each.edge.callee} {each.status}" for each in failing_hop(calls)]


CASES: dict[str, tuple[list[Call], list[str]]] = {
    # no failure, or none that matters
    "no calls": ([], []),
    "all is well": ([call("b>g GET /a 200", call("g>s GET /a 200")), call("b>g GET /a 302")], []),
    "an error that the caller handled": (
        [call("b>g GET /page 200", call("g>ads GET /ad 500"), call("g>s GET /a 0"), call("g>t GET /t 404"))], []),
    "a retry that succeeded": (
        [call("b>g POST /o 201", call("g>s POST /r 503"), call("g>s POST /r 201"))], []),
    "a page that retried with success": ([call("b>g GET /a 503"), call("b>g GET /a 200")], []),
    "a delivery that succeeded at the third try": (
        [call("b>g POST /o 202", call("g>s POST /e 0 late"), call("g>s POST /e 503 late"), call("g>s POST /e 202 late"))], []),

    # passed on
    "5xx passed on twice": (
        [call("b>g POST /o 502", call("g>s POST /o 502", call("s>bank POST /c 500")))], ["b>g 502", "g>s 502", "s>bank 500"]),
    "5xx because of a 4xx": ([call("b>g POST /o 502", call("g>bank POST /c 400"))], ["b>g 502", "g>bank 400"]),
    "5xx because of no answer": ([call("b>g POST /o 503", call("g>bank POST /c 0"))], ["b>g 503", "g>bank 0"]),
    "4xx passed on unchanged": ([call("b>g POST /o 422", call("g>s POST /o 422"))], ["b>g 422", "g>s 422"]),
    "4xx because of another 4xx": ([call("b>g POST /o 409", call("g>s POST /o 422"))], ["b>g 409", "g>s 422"]),
    "4xx of the same status before another": (
        [call("b>g POST /o 422", call("g>s POST /o 422"), call("g>t POST /t 400"))], ["b>g 422", "g>s 422"]),
    "4xx because of a 5xx": ([call("b>g GET /o 404", call("g>s GET /o 500"))], ["b>g 404", "g>s 500"]),
    "a compensation after the failure does not hide it": (
        [call("b>g POST /o 502", call("g>s POST /r 201"), call("g>bank POST /c 422"), call("g>s DELETE /r 204"))], ["b>g 502", "g>bank 422"]),
    "the last of several attempts": (
        [call("b>g POST /o 503", call("g>s POST /r 503"), call("g>s POST /r 0"), call("g>s POST /r 503"))], ["b>g 503", "g>s 503"]),
    "a success that was already in progress is not a retry": (
        [call("b>g GET /p 502", call("g>s GET /i 500", at=1000, ms=50), call("g>s GET /i 200", at=1000.01, ms=90))], ["b>g 502", "g>s 500"]),

    # the component's own error
    "an exception with no failing call below": ([call("b>g POST /o 500", call("g>s POST /o 500", call("s>db GET /x 200")))], ["b>g 500", "g>s 500"]),
    "a crash after a lookup that found nothing": (
        [call("b>g POST /o 500", call("g>s GET /i 404"), call("g>s POST /i 201"))], ["b>g 500"]),
    "a lookup that found nothing, without a later success": (
        [call("b>g POST /o 500", call("g>t GET /t 200"), call("g>s GET /i 404"))], ["b>g 500", "g>s 404"]),
    "a crash after a retry that succeeded": (
        [call("b>g POST /o 500", call("g>s POST /r 503"), call("g>s POST /r 201"))], ["b>g 500"]),
    "a call that failed after the response is not its cause": (
        [call("b>g POST /o 500", call("g>s POST /e 500 late"))], ["b>g 500"]),

    # timeouts
    "a caller that timed out while the callee continued to 200": (
        [call("b>g GET /a 504", call("g>s GET /a 0", call("s>db GET /x 200")))], ["b>g 504", "g>s 0"]),
    "a slow call far down": ([call("b>g GET /a 0", call("g>s GET /a 0", call("s>gds GET /a 0")))], ["b>g 0", "g>s 0", "s>gds 0"]),
    "a refusal below is not the cause of a timeout": ([call("b>g GET /a 0", call("g>s GET /a 404"))], ["b>g 0"]),

    # after the response
    "a webhook that was refused": (
        [call("b>g POST /o 202", call("g>bank POST /c 201", call("bank>pay POST /webhook 400 late")))],
        ["b>g 202", "g>bank 201", "bank>pay 400"]),
    "a message whose consumer called a component that failed": (
        [call("b>g POST /o 202", call("g>n KAFKA orders 500 late", call("n>mail SMTP send 500")))], ["b>g 202", "g>n 500", "n>mail 500"]),
    "a webhook's own late consequence": (
        [call("b>g POST /o 202", call("bank>pay POST /webhook 200 late", call("pay>s POST /events 500 late")))],
        ["b>g 202", "bank>pay 200", "pay>s 500"]),
    "a webhook's refusal before a 4xx that may be meant for the user": (
        [call("b>g POST /o 202", call("bank>pay POST /webhook 400 late")), call("b>g POST /other 422")], ["b>g 202", "bank>pay 400"]),
    "a page's error before a webhook's": (
        [call("b>g POST /o 502"), call("b>g POST /o2 202", call("bank>pay POST /webhook 500 late"))], ["b>g 502"]),

    # which of several
    "5xx before a 4xx that may be meant for the user": ([call("b>g POST /o 500"), call("b>g POST /seat 409")], ["b>g 500"]),
    "no answer before 4xx": ([call("b>g POST /o 0"), call("b>g POST /seat 422")], ["b>g 0"]),
    "422 before the 401 of a user who is not signed in yet": ([call("b>g POST /o 422"), call("b>g GET /session 401")], ["b>g 422"]),
    "409 before 404": ([call("b>g GET /o 409"), call("b>g GET /favicon 404")], ["b>g 409"]),
    "a 404 where there is nothing else": ([call("b>g GET /o 404")], ["b>g 404"]),
    "the last of several, nearest to the point where the scenario stopped": ([call("b>g POST /first 500"), call("b>g POST /second 500")], ["b>g 500"]),
    "the stronger of a component's two failed calls": (
        [call("b>g POST /o 500", call("g>s POST /r 503"), call("g>t POST /t 400"))], ["b>g 500", "g>s 503"]),
}


@pytest.mark.parametrize(("calls", "expected"), CASES.values(), ids=CASES.keys())
def test_failing_hop(calls: list[Call], expected: list[str]) -> None:
    """The path leads from the scenario's call to the one that failed, in whatever order calls are given."""
    assert hop(*calls) == expected
    assert hop(*reversed([turned(each) for each in calls])) == expected


def turned(call: Call) -> Call:
    return replace(call, calls=tuple(turned(each) for each in reversed(call.calls)))


def test_later_of_two_equal_failures_wins() -> None:
    """Of two equal failures the later one is chosen, by its start time and not by its position."""
    first, second = call("b>g POST /first 500"), call("b>g POST /second 500")
    assert failing_hop([first, second]) == failing_hop([second, first]) == (second,)


def test_retry_storm_counts_as_one_failure() -> None:
    """Ten thousand failed attempts of one operation give the same path as one."""
    storm = [call("g>s POST /r 503") for _ in range(10_000)]
    assert hop(call("b>g POST /o 503", *storm)) == ["b>g 503", "g>s 503"]
