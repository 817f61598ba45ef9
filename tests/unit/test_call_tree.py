"""The call tree of a scenario: its lines, the mark of the error's origin, and the file that it is written to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from gonogo.model.calls import BROWSER, Call, Edge, WireEvidence
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.report.call_tree import render_calls
from gonogo.report.calls_file import with_calls
from tests.masks import masker

BOOKS = ScenarioId("a.feature", "", "Ana books")

def call(between: str, operation: str, status: int = 200, *below: Call, ms: float = 5.0, **more: object) -> Call:
    caller, callee = between.split(" ")
    method, _, endpoint = operation.partition(" ")
    return Call(Edge(caller, callee, method, endpoint), status, duration_ms=ms, calls=below, **more)  # type: ignore[arg-type]


REFUSED = call("bookings gds", "POST /pnrs", 400, ms=12.0, error_text="NM01 INVALID\n NAME FORMAT")
LOOKED_UP = call("bookings flights", "GET /flights/[id]")
PASSED_ON = call("gateway bookings", "POST /bookings", 502, LOOKED_UP, REFUSED, ms=180.2)
ROOT = call(f"{BROWSER} gateway", "POST /api/bookings", 502, PASSED_ON, ms=184.0)
HOP = (replace(ROOT, calls=()), replace(PASSED_ON, calls=(REFUSED,)), REFUSED)  # without the call that succeeded
PAGE = call(f"{BROWSER} gateway", "GET /api/flights", 200, call("gateway flights", "GET /flights", ms=3.0), ms=7.0)


def late(status: int) -> Call:
    return call("payments bookings", "POST /webhooks/bank", status, late=True, error_text="no such payment")


TREES: dict[str, tuple[list[Call], tuple[Call, ...], str]] = {
    "nothing": ([], (), ""),
    "the path down to the error's origin": ([ROOT], HOP, """\
        browser → gateway POST /api/bookings 502 184 ms  ← passed on
          gateway → bookings POST /bookings 502 180 ms  ← passed on
            bookings → flights GET /flights/[id] 200 5 ms
            bookings → gds POST /pnrs 400 12 ms  ← error origin: NM01 INVALID NAME FORMAT
        """),
    "errors without a hop": ([ROOT], (), """\
        browser → gateway POST /api/bookings 502 184 ms
          gateway → bookings POST /bookings 502 180 ms
            bookings → flights GET /flights/[id] 200 5 ms
            bookings → gds POST /pnrs 400 12 ms  NM01 INVALID NAME FORMAT
        """),
    "steps": ([replace(PAGE, step="Ana looks", calls=()), replace(PAGE, calls=()), replace(PAGE, step="Ana\nbooks", calls=())], (), """\
        Ana looks
          browser → gateway GET /api/flights 200 7 ms
        outside of a step
          browser → gateway GET /api/flights 200 7 ms
        Ana books
          browser → gateway GET /api/flights 200 7 ms
        """),
    "equal calls in a row": ([PAGE, replace(PAGE, duration_ms=40.0), PAGE, LOOKED_UP], (), """\
        browser → gateway GET /api/flights 200 ×3 7–40 ms
          gateway → flights GET /flights 200 ×3 3 ms
        bookings → flights GET /flights/[id] 200 5 ms
        """),
    "equal except for the calls below": ([PAGE, replace(PAGE, calls=())], (), """\
        browser → gateway GET /api/flights 200 7 ms
          gateway → flights GET /flights 200 3 ms
        browser → gateway GET /api/flights 200 7 ms
        """),
    "one of several equal calls is the error's origin": ([replace(REFUSED, started_s=second) for second in (1, 2, 3)], (replace(REFUSED, started_s=2),), """\
        bookings → gds POST /pnrs 400 12 ms  NM01 INVALID NAME FORMAT
        bookings → gds POST /pnrs 400 12 ms  ← error origin: NM01 INVALID NAME FORMAT
        bookings → gds POST /pnrs 400 12 ms  NM01 INVALID NAME FORMAT
        """),
    "a late call that failed below a successful one": (
        [call("gateway payments", "POST /payments", 202, late(404))], (call("gateway payments", "POST /payments", 202), late(404)), """\
        gateway → payments POST /payments 202 5 ms
          payments → bookings POST /webhooks/bank 404 5 ms (after the answer)  ← error origin: no such payment
        """),
    "no response, no duration, no caller": ([replace(call("x y", "GET /slow", 0, ms=0), edge=Edge("", "y", "GET", "/slow"))], (), """\
        ? → y GET /slow no answer
        """),
    "not HTTP": ([call("notifications mailbox", "SMTP send"), call("bookings queue", "KAFKA bookings", 500)], (), """\
        notifications → mailbox SMTP send ok 5 ms
        bookings → queue KAFKA bookings failed 5 ms
        """),
    "a long error text with control characters": ([replace(REFUSED, error_text="\x1b[2J" + "x" * 1000)], (), f"""\
        bookings → gds POST /pnrs 400 12 ms   [2J{"x" * 296}
        """),
}


@pytest.mark.parametrize(("calls", "hop", "tree"), TREES.values(), ids=TREES.keys())
def test_tree(calls: list[Call], hop: tuple[Call, ...], tree: str) -> None:
    """Each call is a line below its caller's line. The last call of the hop is marked as the error's origin."""
    assert render_calls(calls, hop) == dedent(tree)


def scenario(*attempts: Attempt) -> Scenario:
    return Scenario(BOOKS, "Ana books", "Booking", 3, attempts=attempts)


def test_call_tree_is_written_beside_the_exchanges_and_attached(tmp_path: Path) -> None:
    """The calls are those of the last attempt; earlier attempts are unchanged."""
    first = Attempt(Status.FAILED, attachments=("behaviour/a-3/exchanges.har",))
    last = Attempt(Status.FAILED, attachments=("behaviour/a-3-try2/trace.zip", "behaviour/a-3-try2/exchanges.har"))
    wire = WireEvidence(calls={BOOKS.key: (ROOT,)}, hops={BOOKS.key: HOP})
    found = with_calls(ScenarioEvidence((scenario(first, last),), finished=True), wire, tmp_path, masker())
    assert found is not None
    assert found.finished
    path = "behaviour/a-3-try2/calls.txt"
    assert found.scenarios[0].attempts == (first, replace(last, attachments=(*last.attachments, path)))
    assert "← error origin: NM01" in (tmp_path / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("attempts", [(), (Attempt(Status.FAILED),), (Attempt(Status.PASSED, attachments=("a/b.har",)),)])
def test_scenario_without_calls_has_no_tree(tmp_path: Path, attempts: tuple[Attempt, ...]) -> None:
    """A scenario that was not executed or made no calls is unchanged."""
    evidence = ScenarioEvidence((scenario(*attempts),))
    assert with_calls(evidence, WireEvidence(), tmp_path, masker()) == evidence
    assert list(tmp_path.iterdir()) == []
