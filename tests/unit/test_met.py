"""The coverage of a scenario, which determines the order of scenarios in the next run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gonogo.model.calls import BROWSER, STEP, Call, CallKind, Edge
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.model.identity import ScenarioId
from gonogo.traffic.analysis.coverage import coverage_of_scenarios
from gonogo.traffic.http.endpoints import Endpoints

HERE = ScenarioId("a.feature", "", "s").key


def call(caller: str = BROWSER, callee: str = "gateway", status: int = 200, *calls: Call, ms: float = 5.0,
         at_s: float = 0.0) -> Call:
    return Call(Edge(caller, callee, "GET", "/x"), status, started_s=at_s, duration_ms=ms, calls=calls)


def exchange(sent: object = None, answered: object = None, *, caller: str = BROWSER, language: str = "",
             scenario: str = HERE) -> Exchange:
    headers = (("Accept-Language", language),) if language else ()
    def body(document: object) -> Body | None:
        return None if document is None else Body("application/json", 9, json.dumps(document, ensure_ascii=False))
    return Exchange("POST", "http://shop/x", 200, caller=caller, callee="gateway", scenario=scenario,
                    request=Message(headers, body(sent)), response=Message(body=body(answered)))


def coverage(*calls: Call, exchanges: tuple[Exchange, ...] = (), pages: str | None = None) -> set[str]:
    """Each kind of call or data as text."""
    found = coverage_of_scenarios({HERE: calls}, exchanges, Endpoints(), pages)
    assert set(found) == {HERE}
    return {" ".join(kind).strip() for kind in found[HERE]}


PLAIN = "browser gateway GET /x 200"
CALLS = [
    ("nothing, where nobody is asked", (), set()),
    ("who asks whom for what, and the answer's status", (call(),), {PLAIN}),
    ("what components ask to answer it", (call("step", "gateway", 502, call("gateway", "gds", 500)),),
     {"step gateway GET /x 502", "gateway gds GET /x 500"}),
    ("a call that is made again", (call(), call()), {PLAIN, f"{PLAIN} again"}),
    ("not again, where it is answered otherwise", (call(), call(status=409)), {PLAIN, "browser gateway GET /x 409"}),
    ("a call that is made often", (call(),) * 4, {PLAIN, f"{PLAIN} again", f"{PLAIN} often"}),
    ("how often does not matter beyond that", (call(),) * 40, {PLAIN, f"{PLAIN} again", f"{PLAIN} often"}),
    ("a call that takes half a second", (call(ms=500.0),), {PLAIN, f"{PLAIN} for 0.5 s"}),
    ("calls that come half a second after the first that led to them",
     (call("step", "gateway", 200, call("bank", "gateway", 200, call("gateway", "gds", at_s=100.7), at_s=100.6),
           at_s=100.0),),
     {"step gateway GET /x 200", "bank gateway GET /x 200", "bank gateway GET /x 200 after 0.5 s",
      "gateway gds GET /x 200", "gateway gds GET /x 200 after 0.5 s"}),
    ("one that takes two", (call(ms=2000.0),), {PLAIN, *(f"{PLAIN} for {seconds} s" for seconds in ("0.5", "1", "2"))}),
]


@pytest.mark.parametrize(("calls", "kinds"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_kinds_of_calls(calls: tuple[Call, ...], kinds: set[str]) -> None:
    assert coverage(*calls) == kinds


def test_browser_calls_count_as_calls_of_the_component_with_the_pages() -> None:
    assert coverage(call(), call(STEP), pages="web") == {"web gateway GET /x 200", "step gateway GET /x 200"}


PUT_IN = [
    ("plain letters, digits and spaces", exchange({"name": "Ana Lima 2"}), set()),
    ("the language in which a browser asks for what", exchange(language="ja-JP,ja;q=0.9"), {"POST /x ja-JP"}),
    ("not the language of a step, which is nobody's", exchange(caller=STEP, language="en"), set()),
    ("each character that is neither letter nor digit", exchange({"name": "O'Brien-O'Neill"}),
     {"POST /x request.body.name '", "POST /x request.body.name -"}),
    ("each script, wherever it stands", exchange({"of": {"name": "Dana \u05d3\u05e0\u05d4"}}),
     {"POST /x request.body.of.name HEBREW"}),
    ("letters that ISO 8859-1 has, and those that it has not", exchange({"name": "Zo\u00eb \u017di\u017ek\u00e1"}),
     {"POST /x request.body.name LATIN-1", "POST /x request.body.name LATIN"}),
    ("white space that is no plain one", exchange({"name": "a\tb"}), {"POST /x request.body.name \t"}),
    ("nothing of what only programs write, but for half the year",
     exchange({"email": "ana@shop.example", "at": "2027-01-15", "of": "12/30", "flight": "GN0123-2027-01-15",
               "page": "/book"}), {"POST /x in October to March"}),
    ("nothing of what is masked", exchange({"name": "***password:4f2a"}), set()),
    ("nothing of what is answered", exchange(None, {"name": "O'Brien"}), set()),
    ("nothing where no body was recorded", exchange(), set()),
]


@pytest.mark.parametrize(("sent", "kinds"), [row[1:] for row in PUT_IN], ids=[row[0] for row in PUT_IN])
def test_kinds_of_input_have_neither_caller_nor_callee(sent: Exchange, kinds: set[str]) -> None:
    assert coverage_of_scenarios({}, [sent], Endpoints(), "web") == {HERE: {CallKind("", "", kind) for kind in kinds}}


def test_input_before_a_call_of_a_step_is_an_additional_kind() -> None:
    """A booking under such a name does not cover what its mail contains unless a step reads the mail."""
    put_in = exchange({"name": "O'Brien"})
    looks = replace(exchange(caller=STEP), callee="mailbox", method="GET")
    found = {kind.call for kind in coverage_of_scenarios({}, [looks, put_in, looks], Endpoints(), "web")[HERE]}
    assert found == {"POST /x request.body.name '", "POST /x request.body.name ', then mailbox"}
    assert "then" not in str(coverage_of_scenarios({}, [looks, put_in], Endpoints(), "web"))


NUMBERS = [
    ("no list at all", exchange({"name": "Ana"}, {"id": 7}), set()),
    ("an answer that is a list of nothing", exchange(None, []), {"200 with none"}),
    ("a list with one", exchange({"passengers": [1]}), {"request.passengers with one"}),
    ("a list with two, and one with three, is one with many", exchange({"a": [1, 2], "b": [1, 2, 3]}),
     {"request.a with many", "request.b with many"}),
    ("lists in a list", exchange(None, {"flights": [{"seats": []}, {"seats": [4]}]}),
     {"200.flights with many", "200.flights[].seats with none", "200.flights[].seats with one"}),
    ("no JSON", exchange(None, "text"), set()),
]


@pytest.mark.parametrize(("seen", "kinds"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_kinds_of_list_lengths(seen: Exchange, kinds: set[str]) -> None:
    assert coverage_of_scenarios({}, [seen], Endpoints(), "web") == {
        HERE: {CallKind("", "", f"POST /x {kind}") for kind in kinds}}


def _got(answer: object, url: str = "http://shop/seats?of=7", **changed: Any) -> Exchange:
    return replace(exchange(None, answer), method="GET", url=url, **changed)


ASKED_AGAIN = [
    ("answered as before", (_got({"free": 1}), _got({"free": 1})), False),
    ("answered otherwise", (_got({"free": 1}), _got({"free": 0})), True),
    ("answered otherwise in between", (_got({"free": 1}), _got({"free": 0}), _got({"free": 1})), True),
    ("of something else", (_got({"free": 1}), _got({"free": 0}, "http://shop/seats?of=8")), False),
    ("by somebody else, who has no cache in common with the first",
     (_got({"free": 1}), _got({"free": 0}, caller=STEP)), False),
    ("by another scenario", (_got({"free": 1}), _got({"free": 0}, scenario="b.feature:9")), False),
    ("for a change, not for what is there", (exchange(None, {"id": 1}), exchange(None, {"id": 2})), False),
    ("not answered at all", (_got({"free": 1}), _got(None, status=0)), False),
]


@pytest.mark.parametrize(("asked", "otherwise"), [row[1:] for row in ASKED_AGAIN], ids=[row[0] for row in ASKED_AGAIN])
def test_repeated_get_that_is_answered_differently(asked: tuple[Exchange, ...], otherwise: bool) -> None:
    found = coverage_of_scenarios({}, asked, Endpoints(), "web")[HERE]
    assert (CallKind("", "", f"{asked[0].method} {asked[0].path} answered otherwise") in found) is otherwise


DAYS = [
    ("in the half with summer time", "http://shop/x?day=2027-07-05", None, {"in April to September"}),
    ("in the other half", "http://shop/x", {"day": "2027-01-05"}, {"in October to March"}),
    ("as part of a name", "http://shop/x/GS0001-2027-03-31/seats", None, {"in October to March"}),
    ("as part of a time", "http://shop/x?from=2027-07-05T09:00Z", None, {"in April to September"}),
    ("in no month that there is", "http://shop/x?day=2027-13-05", None, set()),
    ("in both", "http://shop/x?from=2027-03-31&to=2027-04-01", None, {"in April to September", "in October to March"}),
    ("none", "http://shop/x?id=12345-07-055", {"phone": "0207-07-0512"}, set()),
]


@pytest.mark.parametrize(("url", "sent", "halves"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_half_of_the_year_of_requested_dates(url: str, sent: object, halves: set[str]) -> None:
    found = coverage_of_scenarios({}, [replace(exchange(sent), url=url)], Endpoints(), "web")[HERE]
    assert {half for half in ("in April to September", "in October to March")
            for kind in found if kind.call.endswith(half)} == halves


def test_exchange_without_a_scenario_is_ignored() -> None:
    assert coverage_of_scenarios({}, [exchange({"name": "O'Brien"}, scenario="")], Endpoints(), None) == {}
