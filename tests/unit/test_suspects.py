"""Who broke whom: read from the calls that failed, and from the images that changed since the last GO."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonogo.evidence.model import FailedCall, RunEvidence
from gonogo.verdict.suspects import rank_suspects
from gonogo.wire.failed_calls import failed_calls
from gonogo.wire.har import Exchange, read_har

RELEASE = {name: "sha256:" + "a" * 64 for name in ("web", "gateway", "bookings", "payments", "bank", "gds")}
REFUSED = {"component": "bookings", "code": "payment-refused", "neighbour": "payments", "answer": {
    "component": "payments", "neighbour": "bank", "answer": {"error": {"code": "E1007", "message": "12 digits"}}}}


def run(calls: dict[str, tuple[FailedCall, ...]], *, changed: tuple[str, ...] | None) -> RunEvidence:
    last_go = None if changed is None else {
        name: "sha256:" + "b" * 64 if name in changed else digest for name, digest in RELEASE.items()}
    return RunEvidence("r", "preprod", ("behaviour",), release=RELEASE, last_go=last_go, failed_calls=calls)


def test_an_error_that_was_passed_on_is_followed_to_where_it_began() -> None:
    """The chain leads from who answered to who was asked last, and tells what that one said."""
    assert failed_calls([Exchange("POST", "/api/bookings", 502, REFUSED)]) == (
        FailedCall("POST /api/bookings", 502, ("bookings", "payments", "bank"), "E1007 12 digits"),)


def test_calls_that_went_well_or_were_rightly_refused_are_no_failed_calls() -> None:
    """A 409 or 404 may be what the scenario is about."""
    assert failed_calls([Exchange("GET", "/a", 200), Exchange("GET", "/a", 404), Exchange("POST", "/a", 409)]) == ()


@pytest.mark.parametrize(("path", "edge"), [
    ("/api/bookings/0b6dfa5e-8d29-4b45-9f0e-2d8f3c6a1c11", "GET /api/bookings/[id]"),
    ("/api/flights/GN0123-2027-01-15/seats", "GET /api/flights/[id]/seats"),
    ("/api/bookings", "GET /api/bookings"),
])
def test_ids_in_a_path_are_no_part_of_the_edge(path: str, edge: str) -> None:
    """One endpoint has one name, whatever it was asked for."""
    assert failed_calls([Exchange("GET", path, 500)])[0].edge == edge


CALL = FailedCall("POST /api/bookings", 502, ("bookings", "payments", "bank"), "E1007")

CASES = {
    "the changed component on the way": (("payments",), ("payments", "bank")),
    "the changed component that began it": (("web",), ("web", "bank")),
    "the changed one nearest to where it began": (("bookings", "payments"), ("payments", "bank")),
    "the one that refuses has changed": (("bank",), ("bank", "payments")),
    "nothing has changed": ((), ("payments", "bank")),
    "no earlier GO": (None, ("payments", "bank")),
}


@pytest.mark.parametrize(("changed", "named"), CASES.values(), ids=CASES.keys())
def test_suspect(changed: tuple[str, ...] | None, named: tuple[str, str]) -> None:
    """Component and peer, from the chain and from what changed."""
    suspect = rank_suspects(run({"a.feature:3": (CALL,)}, changed=changed))[0]
    assert (suspect.component, suspect.peer) == named
    assert "E1007" in suspect.why


def test_no_guess_without_a_peer() -> None:
    """A call that does not tell whom it had asked names nobody."""
    assert rank_suspects(run({"a.feature:3": (FailedCall("GET /", 500),)}, changed=("web",))) == ()


def test_the_suspect_of_most_scenarios_stands_first() -> None:
    """Noise of one scenario does not hide what broke five."""
    other = FailedCall("GET /api/flights", 503, ("flights", "gds"), "slow")
    calls = {"a:1": (other,), "a:2": (CALL,), "a:3": (CALL,)}
    assert [suspect.peer for suspect in rank_suspects(run(calls, changed=()))] == ["bank", "gds"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"log": []}', '{"log": {"entries": [3, {"request": {}}]}}', "{"])
def test_a_har_that_is_none_is_empty(tmp_path: Path, text: str) -> None:
    """A broken recording takes nothing down and invents nothing."""
    (tmp_path / "x.har").write_text(text)
    assert read_har(tmp_path / "x.har") == ()


def test_another_tool_s_har_is_read(tmp_path: Path) -> None:
    """A status of -1 is an answer that never came; a body that is no JSON is none."""
    entries = [{"request": {"method": "GET", "url": "http://shop/api/a?b=c"}, "response": {"status": -1, "content": {}}},
               {"request": {"method": "GET", "url": "http://shop/"},
                "response": {"status": 200, "content": {"text": "<html>"}}}]
    (tmp_path / "x.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    assert read_har(tmp_path / "x.har") == (Exchange("GET", "/api/a", 0, None), Exchange("GET", "/", 200, None))
