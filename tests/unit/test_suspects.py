"""Suspects and their peers: each kind of clue has its case, and the changes since the last GO decide between clues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gonogo.model.baseline import Baseline
from gonogo.model.calls import (
    BROWSER,
    LOAD,
    STEP,
    Blocked,
    Call,
    CallChange,
    ContractFault,
    Difference,
    Edge,
    FacetValue,
    LoadEdge,
    ShapeChange,
    Violation,
    WireEvidence,
)
from gonogo.model.exposures import LoggedErrors
from gonogo.model.identity import ScenarioId
from gonogo.model.logs import LogRecord
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.model.stages import ScenarioResults, StageResult
from gonogo.report.wording import no_suspect_line, suspect_why
from gonogo.verdict.blame.clues import recorded_clues
from gonogo.verdict.blame.suspects import rank_suspects, why_no_suspect

NAMES = ("web", "gateway", "flights", "bookings", "payments", "notifications", "bank", "gds", "mailbox")
RELEASE = {name: "sha256:" + "a" * 64 for name in NAMES}
HERE = ScenarioId("a.feature", "", "s").key
MESSAGE = "notifications: dependencies missing in the health document: mailbox"
STEP_TEXT = "Ana's booking is confirmed"


def call(caller: str, callee: str, status: int = 200, *below: Call, operation: str = "POST /api/bookings",
         said: str = "", step: str = "") -> Call:
    method, _, endpoint = operation.partition(" ")
    return Call(Edge(caller, callee, method, endpoint), status, error_text=said, step=step, calls=below)


def way(root: Call) -> tuple[Call, ...]:
    return (root, *way(root.calls[0])) if root.calls else (root,)


CLUES = (recorded_clues,)


def run(wire: WireEvidence, changed: Sequence[str] | None, *, keys: Sequence[str] = (HERE,)) -> RunEvidence:
    baseline = None if changed is None else Baseline("r0", images={
        name: "sha256:" + "b" * 64 if name in changed else digest for name, digest in RELEASE.items()})
    scenarios = tuple(Scenario(ScenarioId.from_key(key), "s", "f", 3, attempts=(Attempt(Status.FAILED, step=STEP_TEXT, message=MESSAGE),))
                      for key in keys)
    return RunEvidence("r", "preprod", ("behaviour",), release=RELEASE, baseline=baseline, wire=wire, results={
        "behaviour": StageResult(len(scenarios), len(scenarios), ScenarioResults(ScenarioEvidence(scenarios, True)))})


def first(wire: WireEvidence, changed: Sequence[str] | None) -> tuple[str, str] | None:
    found = rank_suspects(run(replace(wire, pages="web"), changed), CLUES)
    return (found[0].component, found[0].peer) if found else None


REFUSED = call(BROWSER, "gateway", 502, call("gateway", "bookings", 502, call("bookings", "payments", 502, call(
    "payments", "bank", 422, operation="POST /charges", said="E1007 12 digits"), operation="POST /payments"),
    operation="POST /bookings"))
BROKEN_AT_HOME = call(BROWSER, "gateway", 404, call("gateway", "flights", 404, operation="GET /flights"),
                      operation="GET /api/flights")


@pytest.mark.parametrize(("changed", "named"), [
    pytest.param(("payments",), ("payments", "bank"), id="the changed component on the path"),
    pytest.param(("web",), ("web", "bank"), id="the front end, which sent the request, has changed"),
    pytest.param(("bookings", "payments"), ("payments", "bank"), id="the changed component nearest to the origin"),
    pytest.param(("bank",), ("bank", "payments"), id="the component that refused has changed"),
    pytest.param(("notifications",), ("notifications", "bank"), id="the only changed component is not on the path"),
    pytest.param((), ("payments", "bank"), id="nothing has changed"),
    pytest.param(None, ("payments", "bank"), id="no earlier GO"),
])
def test_path_to_the_origin_of_an_error(changed: Sequence[str] | None, named: tuple[str, str]) -> None:
    """A component that only passed an error on is not a suspect; a component that has changed is."""
    assert first(WireEvidence(hops={HERE: way(REFUSED)}, compared=changed is not None), changed) == named


def test_gateway_that_passes_a_response_on_is_not_the_peer() -> None:
    """flights responds differently and the gateway forwards the response: the peer is the page, which cannot use it."""
    assert first(WireEvidence(hops={HERE: way(BROKEN_AT_HOME)}, compared=True), ("flights",)) == ("flights", "web")


TO_BANK, TO_PAYMENTS = Edge("payments", "bank", "POST", "/charges"), Edge("bookings", "payments", "POST", "/payments")


@pytest.mark.parametrize(("more", "named"), [
    pytest.param((TO_BANK,), ("gateway", "payments"), id="a component that took a repeat for a new request was misled"),
    pytest.param((TO_PAYMENTS, TO_BANK), ("gateway", "bookings"), id="the first such component"),
    pytest.param((Edge("gateway", "bookings", "POST", "/bookings"), TO_BANK), ("gateway", "bank"),
                 id="a component that was itself called more often was not misled"),
])
def test_repeat_that_was_mistaken_for_a_new_request(more: Sequence[Edge], named: tuple[str, str]) -> None:
    """A component that is called as often as in the last GO but makes more calls received different requests."""
    changes = {HERE: tuple(CallChange(edge, "more", (1,), (2,)) for edge in more)}
    assert first(WireEvidence(hops={HERE: way(REFUSED)}, changes=changes, compared=True), ("gateway",)) == named


def test_component_twice_on_the_path_is_paired_with_its_last_callee() -> None:
    """The error began below a webhook: bookings called payments, payments the bank, and its webhook led to bookings."""
    told = call("bank", "payments", 500, call("payments", "bookings", 500, call(
        "bookings", "gds", 404, operation="DELETE /pnrs/[id]"), operation="POST /events"), operation="POST /webhooks/bank")
    hops = {HERE: way(call(BROWSER, "gateway", 201, call("gateway", "bookings", 201, call(
        "bookings", "payments", 202, call("payments", "bank", 202, told)))))}
    retried = {HERE: (CallChange(told.edge, "more", (2,), (5,)),)}
    assert first(WireEvidence(hops=hops, changes=retried, compared=True), ("bookings",)) == ("bookings", "gds")


def difference(caller: str, callee: str, where: str, operation: str = "POST /api/bookings", *,
               now: str = "starts with a space") -> Difference:
    change = ShapeChange("spaces", (FacetValue("no white space around"),), (FacetValue(now),))
    method, _, endpoint = operation.partition(" ")
    return Difference(Edge(caller, callee, method, endpoint), where, (change,), "", 37, 3, 3,
                      scenarios=(HERE,))


NOT_12_DIGITS = ContractFault("pattern", "7", ("^[0-9]{12}$",))
NAME = "request.body.passengers[].name"
FORWARDED = {HERE: (call(BROWSER, "gateway", 201, call("gateway", "bookings", 201, operation="POST /bookings")),)}
SEARCHED = {HERE: (call(BROWSER, "gateway", 200, call("gateway", "flights", 200, operation="GET /flights"),
                        operation="GET /api/flights"),)}
PRICE = "response.body[].price"
CASES: dict[str, tuple[WireEvidence, Sequence[str], tuple[str, str] | None]] = {
    "a changed request, recorded only at the browser, reached the component that the gateway forwarded it to": (
        WireEvidence(calls=FORWARDED, differences=(difference(BROWSER, "gateway", NAME),)),
        ("web",), ("web", "bookings")),
    "a changed request, followed through the tap to its last receiver": (
        WireEvidence(calls=FORWARDED, differences=(
            difference(BROWSER, "gateway", NAME), difference("gateway", "bookings", NAME, "POST /bookings"),
            difference("bookings", "gds", "request.body.names[].name", "POST /records"))),
        ("web",), ("web", "gds")),
    "a changed response, followed from its origin to the page": (
        WireEvidence(calls=SEARCHED, differences=(
            difference(BROWSER, "gateway", PRICE, "GET /api/flights", now="decimal comma"),
            difference("gateway", "flights", PRICE, "GET /flights", now="decimal comma"))),
        ("flights",), ("flights", "web")),
    "a changed response of an unchanged component, to which the changed caller sent a different request": (
        WireEvidence(calls=SEARCHED, differences=(difference(BROWSER, "gateway", PRICE, "GET /api/flights"),)),
        ("web",), ("web", "flights")),
    "a changed response, recorded only at the browser, came from the changed component behind the gateway": (
        WireEvidence(calls=SEARCHED, differences=(difference(BROWSER, "gateway", PRICE, "GET /api/flights"),)),
        ("flights",), ("flights", "web")),
    "a third party's changed data were written by the changed component that calls it": (
        WireEvidence(crossed={("payments", "bank"): 3},
                     differences=(difference(STEP, "bank", "response.body.amount", "GET /charges"),)),
        ("payments",), ("payments", "bank")),
    "a request that its document does not allow": (
        WireEvidence(violations=(Violation(Edge("payments", "bank", "POST", "/charges"), "payments",
                                           "request.body.reference", NOT_12_DIGITS, scenarios=(HERE,)),)),
        ("payments",), ("payments", "bank")),
    "a violation that the last GO also had is not a clue": (
        WireEvidence(violations=(Violation(Edge("payments", "bank", "POST", "/charges"), "payments", "x", NOT_12_DIGITS,
                                           scenarios=(HERE,), known=True),)), ("payments",), None),
    "a call that is no longer made": (
        WireEvidence(changes={HERE: (CallChange(Edge("bookings", "gds", "DELETE", "/records/[id]"), "gone", (1,), (0,)),)}),
        ("bookings",), ("bookings", "gds")),
    "a call that is made twice": (
        WireEvidence(changes={HERE: (CallChange(Edge("payments", "bank", "POST", "/charges"), "more", (1,), (2,)),)}),
        ("payments",), ("payments", "bank")),
    "a 5xx is a weaker clue if a failed call further down caused it": (
        WireEvidence(calls={HERE: (call("bookings", "payments", 504, call("payments", "bank", 0, operation="POST /charges"),
                                        operation="POST /payments"),)},
                     changes={HERE: (
                         CallChange(Edge("bookings", "payments", "POST", "/payments"), "status", (202,), (504,)),
                         CallChange(Edge("payments", "bank", "POST", "/charges"), "more", (1,), (2,)),
                         CallChange(Edge("payments", "bank", "POST", "/charges/void"), "gone", (1,), (0,)))}),
        ("payments",), ("payments", "bank")),
    "an event answered with 5xx until its retry outweighs the calls that changed meanwhile": (
        WireEvidence(changes={HERE: (
            CallChange(Edge("bookings", "gds", "DELETE", "/records/[id]"), "new", (0,), (1,)),
            CallChange(Edge("bookings", "gds", "POST", "/records/[id]/ticket"), "gone", (1,), (0,)),
            CallChange(Edge("payments", "bookings", "POST", "/events"), "status", (200,), (500,)))}),
        ("bookings",), ("bookings", "payments")),
    "a call with another status": (
        WireEvidence(changes={HERE: (CallChange(Edge("bank", "payments", "POST", "/webhook"), "status", (204,), (401,)),)}),
        ("payments",), ("payments", "bank")),
    "the failing step checked a party that the changed component writes to": (
        WireEvidence(crossed={("notifications", "mailbox"): 3},
                     calls={HERE: (call(STEP, "mailbox", 200, operation="GET /messages", step=STEP_TEXT),)}),
        ("notifications",), ("notifications", "mailbox")),
    "the failing step checked a party that the changed component reaches through another": (
        WireEvidence(crossed={("bookings", "notifications"): 3, ("notifications", "mailbox"): 3, ("bookings", "gds"): 1},
                     calls={HERE: (call(STEP, "mailbox", 200, operation="GET /messages", step=STEP_TEXT),)}),
        ("bookings",), ("bookings", "notifications")),
    "a resource that the browser blocked": (
        WireEvidence(blocked={HERE: (Blocked("gateway", "Failed to find a valid digest"),)},
                     changes={HERE: (CallChange(Edge("gateway", "bookings", "GET", "/bookings"), "gone", (1,), (0,)),)}),
        ("gateway",), ("gateway", "web")),
    "the failing step's message names a neighbour of the component that it called": (
        WireEvidence(components=frozenset(NAMES),
                     calls={HERE: (call(STEP, "notifications", 200, operation="GET /health"),)}),
        ("notifications",), ("notifications", "mailbox")),
    "only that its responses reach the page": (
        WireEvidence(calls=SEARCHED), ("flights",), ("flights", "web")),
    "only the last request of the page": (WireEvidence(calls=SEARCHED), ("web",), ("web", "flights")),
    "a step's call to the front counts as a call of the page": (
        WireEvidence(calls={HERE: (call(STEP, "gateway", 200, operation="GET /"),)}, front="gateway"),
        ("gateway",), ("gateway", "web")),
    "the last page was another party's; fewer calls after it are a weaker clue": (
        WireEvidence(calls={HERE: (call(BROWSER, "bank", 200, operation="GET /challenge/[id]"),)}, front="gateway",
                     changes={HERE: (CallChange(Edge("bank", "payments", "POST", "/webhook"), "fewer", (2,), (1,)),)}),
        ("bank",), ("bank", "web")),
    "a health document whose entry for a neighbour has changed": (
        WireEvidence(differences=(difference(STEP, "bookings", "response.body.dependencies.gds", "GET /health"),),
                     components=frozenset(NAMES)), ("bookings",), ("bookings", "gds")),
    "a changed response of the front to a step is one to pages too": (
        WireEvidence(differences=(difference(STEP, "gateway", "response.header.Content-Security-Policy", "GET /"),),
                     front="gateway"), ("gateway",), ("gateway", "web")),
    "a component behind the front that changed its response to a step is not a suspect": (
        WireEvidence(differences=(difference(STEP, "flights", "response.body.status", "GET /health"),)),
        ("flights",), None),
    "nothing at all": (WireEvidence(), ("flights",), None),
    "changed calls between unchanged components": (
        WireEvidence(changes={HERE: (CallChange(Edge("bookings", "gds", "DELETE", "/x"), "gone", (1,), (0,)),)}),
        ("flights",), None),
}


@pytest.mark.parametrize(("wire", "changed", "named"), CASES.values(), ids=CASES.keys())
def test_clue(wire: WireEvidence, changed: Sequence[str], named: tuple[str, str] | None) -> None:
    """One kind of evidence alone leads to this component and peer."""
    assert first(replace(wire, compared=True), changed) == named


def test_reason_names_the_field_its_change_and_the_response_of_the_peer() -> None:
    """A service team can act on the first line alone: it has the field, its change and the response."""
    wire = WireEvidence(hops={HERE: way(REFUSED)}, calls={HERE: (REFUSED,)}, compared=True, pages="web",
                        differences=(difference(BROWSER, "gateway", NAME),))
    suspect = rank_suspects(run(wire, ("web",)), CLUES)[0]
    assert suspect.operation == "POST /api/bookings"
    for part in (f"{NAME}: starts with a space; was without white space at its start or end", "bank answered 422",
                 "E1007 12 digits", "changed since the baseline: web"):
        assert part in suspect_why(suspect)


def test_suspect_of_most_scenarios_comes_first() -> None:
    """Noise in one scenario does not hide the suspect of two others."""
    other = call("flights", "gds", 503)
    one, two, three = (ScenarioId("a.feature", "", "s", number).key for number in (1, 2, 3))
    hops = {one: (other,), two: way(REFUSED), three: way(REFUSED)}
    found = rank_suspects(run(WireEvidence(hops=hops), (), keys=tuple(hops)), CLUES)
    assert [suspect.peer for suspect in found] == ["bank", "gds"]


def test_no_suspect_is_guessed_and_the_reason_is_reported() -> None:
    """If the evidence is not sufficient, the line reports what was missing."""
    evidence = run(WireEvidence(), ("flights", "web"))
    assert rank_suspects(evidence, CLUES) == ()
    said = no_suspect_line(why_no_suspect(evidence))
    assert said.startswith("no suspect: ")
    assert "no traces were recorded" in said
    assert "flights, web" in said or "web, flights" in said


def loaded(caller: str, callee: str, now: tuple[float, float], was: tuple[float, float] | None) -> LoadEdge:
    return LoadEdge(Edge(caller, callee, "GET", "/x"), 100, *now, was_per_request=was and was[0], was_self_ms=was and was[1])


def failing(caller: str, callee: str, failed: int, *, error_origins: int) -> LoadEdge:
    return replace(loaded(caller, callee, (1.0, 5), (1.0, 5)), failed=failed, error_origins=error_origins, was_failed_ratio=0.0)


@pytest.mark.parametrize(("edges", "changed", "named"), [
    pytest.param([loaded("flights", "gds", (9.0, 5), (1.0, 5))], "flights", ("flights", "gds"), id="a call for each item"),
    pytest.param([loaded("flights", "bank", (1.0, 5), None)], "flights", ("flights", "bank"), id="a call that the last GO did not have"),
    pytest.param([loaded("gateway", "bookings", (1.0, 300), (1.0, 20))], "bookings", ("bookings", "gateway"),
                 id="a slow response to a component"),
    pytest.param([loaded(LOAD, "gateway", (1.0, 300), (1.0, 20))], "gateway", ("gateway", "web"), id="a slow response to users"),
    pytest.param([loaded("bookings", "gds", (1.0, 90), (1.0, 3)), failing("flights", "gds", 4, error_origins=4)], "gds",
                 ("gds", "flights"), id="failures outweigh slowness"),
    pytest.param([failing("bookings", "gds", 20, error_origins=6), failing("flights", "gds", 30, error_origins=30)], "gds",
                 ("gds", "flights"), id="the peer with the most failures"),
    pytest.param([failing("gateway", "flights", 30, error_origins=0), failing("flights", "gds", 30, error_origins=30)], "gateway",
                 ("gateway", "flights"), id="only that its own calls failed"),
    pytest.param([failing("gateway", "flights", 30, error_origins=0)], "flights", None, id="an error that it only passed on"),
    pytest.param([replace(failing("flights", "gds", 5, error_origins=5), was_failed_ratio=0.05)], "gds", None,
                 id="it failed as often in the last GO"),
    pytest.param([loaded("gateway", "bookings", (1.0, 500), (1.0, 10)), loaded("payments", "bookings", (1.0, 250), (1.0, 12)),
                  loaded("bookings", "payments", (1.0, 27), (1.0, 11))], "bookings", ("bookings", "gateway"),
                 id="the peer that lost the most time, although calls to another are slower too"),
    pytest.param([loaded("bookings", "gds", (1.0, 24), (1.0, 20))], "bookings", None, id="an increase within noise"),
    pytest.param([loaded("flights", "gds", (9.0, 5), (1.0, 5))], "bookings", None, id="an increase of unchanged components"),
])
def test_load(edges: Sequence[LoadEdge], changed: str, named: tuple[str, str] | None) -> None:
    """Clues are calls of a changed component that are more, slower or failing under load, unlike in the last GO."""
    evidence = run(WireEvidence(under_load=tuple(edges), pages="web", compared=True), (changed,), keys=())
    found = rank_suspects(evidence, CLUES, load_failed=True)
    assert ((found[0].component, found[0].peer) if found else None) == named
    assert rank_suspects(evidence, CLUES) == ()


def test_changed_component_with_a_clue_ranks_before_unchanged_ones() -> None:
    """A component that has not changed worked in the last GO."""
    changes = (CallChange(Edge("payments", "bank", "POST", "/x"), "more", (1,), (2,)),)
    wire = WireEvidence(hops={HERE: way(BROKEN_AT_HOME)}, changes={HERE: changes}, compared=True)
    assert first(wire, ("payments", "notifications")) == ("payments", "bank")


FINE = call(BROWSER, "gateway", 200, call("gateway", "bookings", 200, call("bookings", "payments", operation="POST /payments"),
                                          operation="POST /bookings"))
LOGGED = LogRecord("bookings", "no fare\nTraceback …\nKeyError: 'fare'", "error", exception="KeyError")


def logged(changed: Sequence[str] | None, record: LogRecord, *roots: Call, known: Sequence[Sequence[str]] = ()) -> list[tuple[str, str, str]]:
    """(component, peer, why) of the suspects after a component logged an error in the failing scenario's trace."""
    evidence = replace(run(WireEvidence(calls={HERE: roots or (FINE,)}, pages="web"), changed), errors=LoggedErrors({HERE: (record,)}))
    if evidence.baseline is not None:
        evidence = replace(evidence, baseline=replace(evidence.baseline, documents={"logs": {"version": 1, "errors": [list(pair) for pair in known]}}))
    return [(each.component, each.peer, suspect_why(each)) for each in rank_suspects(evidence, CLUES)]


@pytest.mark.parametrize(("changed", "named"), [
    pytest.param(("bookings",), ("bookings", "gateway"), id="the component has changed: it broke its caller"),
    pytest.param(("web",), ("web", "bookings"), id="the front end, which sent the request, has changed"),
    pytest.param(("gateway", "web"), ("gateway", "bookings"), id="the nearest changed component above it"),
    pytest.param(None, ("gateway", "bookings"), id="no earlier GO"),
])
def test_error_that_a_component_logged_is_a_clue(changed: Sequence[str] | None, named: tuple[str, str]) -> None:
    """No call failed, as the error was hidden from the callers."""
    (component, peer, why), *_ = logged(changed, LOGGED)
    assert (component, peer) == named
    assert "bookings logged KeyError: no fare" in why


def test_logged_error_names_the_callee_that_failed() -> None:
    """The component went on without it, and answered as if nothing had happened."""
    hidden = call(BROWSER, "gateway", 200, call("gateway", "bookings", 200, call("bookings", "payments", 503, operation="POST /payments"),
                                                operation="POST /bookings"))
    assert logged(("bookings",), LOGGED, hidden)[0][:2] == ("bookings", "payments")


def test_logged_error_of_a_component_without_spans_names_who_answered() -> None:
    assert logged(None, replace(LOGGED, component="mailbox"))[0][:2] == ("mailbox", "bookings")


@pytest.mark.parametrize(("record", "known"), [
    pytest.param(LOGGED, [["bookings", "KeyError"]], id="the baseline has it too"),
    pytest.param(replace(LOGGED, exception=""), [], id="no exception"),
])
def test_logged_error_that_says_nothing_is_no_clue(record: LogRecord, known: Sequence[Sequence[str]]) -> None:
    assert logged(("notifications",), record, known=known) == []


def test_logged_error_is_weaker_than_the_failed_call() -> None:
    evidence = replace(run(WireEvidence(hops={HERE: way(REFUSED)}, calls={HERE: (REFUSED,)}, compared=True, pages="web"), ("payments", "bookings")),
                       errors=LoggedErrors({HERE: (LOGGED,)}))
    suspect, *_ = rank_suspects(evidence, CLUES)
    assert (suspect.component, suspect.peer) == ("payments", "bank")
