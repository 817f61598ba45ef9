"""Exchanges and spans are joined: call trees, changes since the last GO, and edges that were not crossed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.config import Environment
from gonogo.model.calls import BROWSER, LOAD, STEP, CallChange, Edge, GapCause, WireEvidence
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.model.span import Span
from gonogo.model.trace_ids import LOAD_SPAN_ID
from gonogo.traffic.analysis import AnalysisContext, Recorded, TrafficBaseline, join
from gonogo.traffic.contract import Contracts
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.parties import Parties

SHOP, BOOKINGS, BANK = "http://127.0.0.1:8000", "http://127.0.0.1:8004", "http://127.0.0.1:8009"
ENVIRONMENT = Environment.model_validate({
    "url": SHOP, "services": {"gateway": {"url": SHOP}, "bookings": {"url": BOOKINGS}},
    "third_parties": {"bank": {"url": BANK}}})
CONTEXT = AnalysisContext(Parties.of(ENVIRONMENT), Endpoints(), Contracts.of({}), declared={"gateway": ("bookings",),
                                                                                  "bookings": ("bank",)})
PAYS = ScenarioId("a.feature", "", "Ana pays")
HERE = PAYS.key
JSON = "application/json"
TRACE = "0" * 31 + "1"
BROWSERS, CLIENT, SERVER, INNER, INNER_SERVER = "b" * 16, "c1" * 8, "51" * 8, "c2" * 8, "52" * 8


def scenario(status: Status = Status.FAILED, line: int = 3) -> Scenario:
    return Scenario(PAYS, "Ana pays", "Paying", line, attempts=(Attempt(status),))


def asked(status: int = 202, *, method: str = "POST", path: str = "/api/bookings", caller: str = BROWSER,
          answer: object = None, at: float = 1.0) -> Exchange:
    body = None if answer is None else Body("application/json", 10, json.dumps(answer))
    return Exchange(method, SHOP + path, status, at, 50.0, response=Message(body=body), caller=caller, callee="gateway",
                    scenario=HERE, trace_id=TRACE, span_id=BROWSERS)


def span(component: str, kind: str, span_id: str, parent: str, status: int, *, url: str, method: str = "POST",
         at: float = 1.0, trace: str = TRACE) -> Span:
    return Span(trace, span_id, parent, component, "x", kind, at, 10.0, status=status, method=method, url=url,  # type: ignore[arg-type]
                system="http", failed=status >= 500)


def spans(bank: int = 201, bookings: int = 202) -> tuple[Span, ...]:
    """The spans of gateway and bookings for the browser's request, down to the call of the bank."""
    return (span("gateway", "server", "9" * 16, BROWSERS, bookings, url=f"{SHOP}/api/bookings"),
            span("gateway", "client", CLIENT, "9" * 16, bookings, url=f"{BOOKINGS}/bookings"),
            span("bookings", "server", SERVER, CLIENT, bookings, url=f"{BOOKINGS}/bookings"),
            span("bookings", "client", INNER, SERVER, bank, url=f"{BANK}/v1/charges"))


def joined(exchanges: Sequence[Exchange], found: Sequence[Span] = (), *, status: Status = Status.FAILED,
           baseline: TrafficBaseline | None = None, context: AnalysisContext = CONTEXT) -> tuple[WireEvidence, TrafficBaseline]:
    return join(Recorded([scenario(status)], exchanges, spans=found), context, baseline)


def edges(evidence: WireEvidence) -> list[tuple[str, str, str]]:
    return [(call.edge.caller, call.edge.callee, call.edge.operation)
            for root in evidence.calls[HERE] for call in root.walk()]


def test_browser_request_leads_to_the_calls_between_components() -> None:
    """The spans of a callee are below the span that the request names."""
    evidence, _ = joined([asked()], spans())
    assert edges(evidence) == [(BROWSER, "gateway", "POST /api/bookings"), ("gateway", "bookings", "POST /bookings"),
                               ("bookings", "bank", "POST /v1/charges")]
    assert evidence.traced
    assert evidence.crossed == {(BROWSER, "gateway"): 1, ("gateway", "bookings"): 1, ("bookings", "bank"): 1}


def test_without_traces_a_problem_document_shows_the_hop() -> None:
    """It shows only the parties and the error text of the deepest one."""
    told = {"component": "bookings", "neighbour": "payments", "detail": "payments answered 502.", "answer": {
        "component": "payments", "neighbour": "bank", "answer": {"error": {"code": "E1007", "message": "12 digits"}}}}
    evidence, _ = joined([asked(502, answer=told)])
    assert [call.edge.callee for call in evidence.hops[HERE]] == ["gateway", "bookings", "payments", "bank"]
    assert evidence.hops[HERE][-1].error_text == "E1007 12 digits"
    assert not evidence.traced


NO_ANSWER = {"component": "gateway", "neighbour": "bookings", "detail": "bookings did not answer."}
ITSELF = span("gateway", "server", "9" * 16, BROWSERS, 503, url=f"{SHOP}/api/bookings")


@pytest.mark.parametrize(("found", "way"), [
    ([ITSELF, *(replace(each, trace_id="0" * 31 + "2", parent_id="" if each.kind == "server" else each.parent_id)
                for each in spans())], ["gateway"]),
    ([ITSELF], ["gateway", "bookings"]),
    ([], ["gateway", "bookings"]),
], ids=["its calls are in another trace", "its calls are not traced", "without traces"])
def test_component_that_blames_a_neighbour_it_never_called_is_the_origin(found: list[Span], way: list[str]) -> None:
    """If its calls are traced, but not this one, its client library failed before sending, say on an invalid header."""
    evidence, _ = joined([asked(503, answer=NO_ANSWER)], found)
    assert [call.edge.callee for call in evidence.hops[HERE]] == way
    assert evidence.hops[HERE][-1].error_text == "bookings did not answer."


def test_failed_exchange_alone_is_the_hop() -> None:
    """Without traces, declared calls and a problem document, the hop is the failed exchange."""
    evidence, _ = joined([asked(500, answer={"message": "sorry"})], context=replace(CONTEXT, declared={}))
    assert [call.edge.operation for call in evidence.hops[HERE]] == ["POST /api/bookings"]


@pytest.mark.parametrize("kind", ["script", "stylesheet", "image", "font"])
def test_page_resource_is_a_call_only_if_it_fails(kind: str) -> None:
    """A missing script may cause a failure; scripts that loaded do not."""
    evidence, _ = joined([replace(asked(200, method="GET", path="/app.js"), resource_type=kind)])
    assert HERE not in evidence.calls
    evidence, _ = joined([replace(asked(404, method="GET", path="/app.js"), resource_type=kind)])
    assert edges(evidence) == [(BROWSER, "gateway", "GET /app.js")]


def test_request_that_the_browser_aborted_is_not_a_call() -> None:
    """The page was left, so the missing response is not a failure."""
    evidence, _ = joined([replace(asked(0), failure="net::ERR_ABORTED")])
    assert HERE not in evidence.calls


def test_direct_call_of_a_step_is_not_an_edge_of_the_system() -> None:
    """A step's own request to the bank does not show that the system pays there."""
    direct = replace(asked(200, method="GET", caller=STEP), callee="bank", url=f"{BANK}/sandbox/charges")
    evidence, _ = joined([direct], spans())
    assert (STEP, "bank") not in evidence.crossed


def test_error_that_the_last_go_had_too_is_expected() -> None:
    """Only a new error has a hop, and a known error of another kind does not hide it."""
    _, account = joined([asked(401), asked(202, at=2.0)], status=Status.PASSED)
    evidence, _ = joined([asked(401)], baseline=account)
    assert evidence.hops == {}
    evidence, _ = joined([asked(401), asked(500, at=2.0)], baseline=account)
    assert evidence.hops[HERE][-1].status == 500


CHANGES: dict[str, tuple[list[Exchange], list[Exchange], list[tuple[str, tuple[int, ...], tuple[int, ...]]]]] = {
    "nothing": ([asked()], [asked()], []),
    "called twice instead of once": ([asked()], [asked(), asked(at=2.0)], [("more", (1,), (2,))]),
    "called once instead of twice": ([asked(), asked(at=2.0)], [asked()], [("fewer", (2,), (1,))]),
    "no longer called": ([asked(), asked(path="/api/other")], [asked(path="/api/other")], [("gone", (1,), (0,))]),
    "called for the first time": ([asked()], [asked(), asked(path="/api/other")], [("new", (0,), (1,))]),
    "another status": ([asked()], [asked(409)], [("status", (202,), (409,))]),
    "no response": ([asked()], [asked(0)], [("status", (202,), (0,))]),
    "more GET requests, as of a page that polls": (
        [asked(method="GET")], [asked(method="GET"), asked(method="GET", at=2.0)], []),
}


@pytest.mark.parametrize(("then", "now", "changes"), CHANGES.values(), ids=CHANGES.keys())
def test_changes_of_calls(then: list[Exchange], now: list[Exchange], changes: list[tuple[str, tuple[int, ...], tuple[int, ...]]]) -> None:
    """The calls of a failing scenario are compared with its calls in the last GO."""
    _, account = joined(then, status=Status.PASSED)
    evidence, _ = joined(now, baseline=account)
    assert [(change.kind, change.was, change.now) for change in evidence.changes[HERE]] == changes


def test_scenario_is_identified_by_its_name_not_its_line() -> None:
    """A scenario stays the same if lines are added to the feature file."""
    _, account = joined([asked()], status=Status.PASSED)
    moved = asked(409)
    evidence, _ = join(Recorded([scenario(line=7)], [moved]), CONTEXT, account)
    assert evidence.changes[HERE] == (
        CallChange(Edge(BROWSER, "gateway", "POST", "/api/bookings"), "status", (202,), (409,)),)


DECLARED: dict[str, tuple[Sequence[Span], Mapping[str, Sequence[str]], list[tuple[str, str]]]] = {
    "each declared edge was crossed": (spans(), {"gateway": ("bookings",), "bookings": ("bank",)}, []),
    "declared but not crossed": (spans(), {"bookings": ("bank", "gds")}, [("bookings", "gds")]),
    "unknown without traces": ((), {"bookings": ("gds",)}, []),
}


@pytest.mark.parametrize(("found", "declared", "uncrossed"), DECLARED.values(), ids=DECLARED.keys())
def test_edges_that_were_not_crossed(found: Sequence[Span], declared: Mapping[str, Sequence[str]],
                                     uncrossed: list[tuple[str, str]]) -> None:
    """Each call that the environment declares for a service must have been made."""
    evidence, _ = joined([asked()], found, context=replace(CONTEXT, declared=declared))
    assert list(evidence.uncrossed) == uncrossed


FOREIGN = tuple(replace(each, trace_id="f" * 32, parent_id="" if each.parent_id == BROWSERS else each.parent_id) for each in spans())


def test_spans_of_other_traces_show_no_edge_as_crossed() -> None:
    """Any local process can send them; how often they crossed the edge is kept, so that the reason is known."""
    recorded = Recorded([scenario(Status.PASSED)], [asked()], spans=spans()[:3], foreign_spans=FOREIGN)
    evidence, account = join(recorded, CONTEXT, None)
    assert evidence.uncrossed == (("bookings", "bank"),)
    assert evidence.crossed_elsewhere["bookings", "bank"] == 1
    assert ("bookings", "bank") not in account.crossed


def test_without_a_trace_of_the_run_nothing_is_traced() -> None:
    """Spans of others alone do not make edges known."""
    _, traced = joined([asked()], spans(), status=Status.PASSED)
    evidence, account = join(Recorded([scenario(Status.PASSED)], [asked()], foreign_spans=FOREIGN), CONTEXT, traced)
    assert evidence.was_traced
    assert (evidence.traced, account.traced, evidence.uncrossed, evidence.foreign_spans) == (False, False, (), 4)


def test_load_has_the_calls_that_it_traced_and_those_of_unknown_callers() -> None:
    """Only the former show an edge as crossed."""
    traced = [replace(each, started_s=100.0, parent_id=LOAD_SPAN_ID if each.parent_id == BROWSERS else each.parent_id)
              for each in spans()[:3]]
    others = [replace(each, started_s=100.0) for each in FOREIGN]
    evidence, _ = join(Recorded([], [], spans=traced, foreign_spans=others, load_s=(99.0, 120.0)), CONTEXT, None)
    _, account = join(Recorded([], [], spans=traced, foreign_spans=others, load_s=(99.0, 120.0)), CONTEXT, None)
    assert {(each.edge.caller, each.edge.callee): each.calls for each in account.under_load} == {
        (LOAD, "gateway"): 2, ("gateway", "bookings"): 2, ("bookings", "bank"): 1}
    assert evidence.uncrossed == (("bookings", "bank"),)


def test_calls_of_a_waived_scenario_are_not_kept_for_later_runs() -> None:
    """Otherwise a later run would treat its error as expected."""
    _, account = joined([asked(500)])
    assert HERE in account.call_stats
    assert account.without([HERE]).call_stats == {}
    assert account.without(["another"]).call_stats == account.call_stats
    assert account.without([HERE]).shapes == account.shapes


def test_edge_of_the_last_go_is_required_unless_its_service_declares_calls() -> None:
    """The baseline's edges apply to bookings as long as it declares no calls; declared calls replace them."""
    _, account = joined([asked()], spans(), status=Status.PASSED)
    shorter = spans()[:3]
    evidence, _ = joined([asked()], shorter, baseline=account, context=replace(CONTEXT, declared={}))
    assert evidence.uncrossed == (("bookings", "bank"),)
    evidence, _ = joined([asked()], shorter, baseline=account, context=replace(CONTEXT, declared={"bookings": ("gateway",)}))
    assert ("bookings", "bank") not in evidence.uncrossed


def test_calls_under_load_are_identified_by_their_time_and_compared() -> None:
    """Traces without a known caller, while the generator was sending, are load: calls per request are compared."""
    root = span("gateway", "server", "9" * 16, "", 200, url=f"{SHOP}/api/bookings", at=100.0, trace="f" * 32)
    inner = [span("gateway", "client", f"{number:016x}", "9" * 16, 200, url=f"{BOOKINGS}/bookings/{number}",
                  method="GET", at=100.0, trace="f" * 32) for number in (1, 2, 3)]
    before = replace(root, span_id="8" * 16, trace_id="e" * 32, started_s=50.0)
    recorded = Recorded([], [], spans=[root, *inner, before], load_s=(99.0, 120.0))
    _, account = join(replace(recorded, spans=[root, *inner[:1], before]), CONTEXT, None)
    evidence, _ = join(recorded, CONTEXT, account)
    found = {(each.edge.caller, each.edge.callee): each for each in evidence.under_load}
    assert found[LOAD, "gateway"].per_request == 1
    per_item = found["gateway", "bookings"]
    assert (per_item.per_request, per_item.was_per_request) == (3, 1)


def test_error_origins_under_load_are_separate_from_passed_on_errors() -> None:
    root = span("gateway", "server", "9" * 16, "", 502, url=f"{SHOP}/api/bookings", at=100.0)
    asked_bookings = span("gateway", "client", CLIENT, "9" * 16, 502, url=f"{BOOKINGS}/bookings", at=100.0)
    recorded = Recorded([], [], spans=[root, asked_bookings], load_s=(99.0, 120.0))
    _, account = join(recorded, CONTEXT, None)
    evidence, _ = join(recorded, CONTEXT, account)
    assert [(each.edge.callee, each.failed, each.error_origins, each.was_failed_ratio) for each in evidence.under_load] == [
        ("bookings", 1, 1, 1.0), ("gateway", 1, 0, 1.0)]


def test_traffic_baseline_is_restored_from_its_document() -> None:
    """The history stores the baseline of a GO as JSON."""
    _, account = joined([asked()], spans(), status=Status.PASSED)
    document = json.loads(json.dumps(account.as_document()))
    again = TrafficBaseline.from_document(document)
    assert again is not None
    assert (again.call_stats, again.crossed, again.traced) == (account.call_stats, account.crossed, True)
    assert again.as_document() == document


@pytest.mark.parametrize("document", [None, {}, {"version": 99}, [], {"version": 1, "traced": True}])
def test_traffic_baseline_of_an_unknown_format_is_ignored(document: object) -> None:
    """A run is compared with nothing rather than with a document of an unknown format."""
    assert TrafficBaseline.from_document(document) is None


DOCUMENT = {"openapi": "3.1.0", "info": {"title": "gateway", "version": "1"}, "paths": {
    "/api/bookings": {"post": {"responses": {"202": {"description": ""}}}},
    "/api/session": {"post": {"responses": {"200": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Gone"}}}}}}}}}
TOLD = {"url": SHOP, "services": {"gateway": {
    "url": SHOP, "health": "/ops/health?deep=1", "version": "/ops/version", "openapi": "gateway.json", "pages": True,
    "calls": ["bank"]}}, "third_parties": {"bank": {"url": BANK, "openapi": "gone.json"}}, "wire": {"ignore": ["GET /x *"]}}


def test_analysis_context_is_read_from_the_environment(tmp_path: Path) -> None:
    """It has addresses, contracts, the component with the pages, and the front. A missing document is a problem."""
    (tmp_path / "gateway.json").write_text(json.dumps({**DOCUMENT, "paths": {}}))
    context = AnalysisContext.of(Environment.model_validate(TOLD), tmp_path)
    assert (context.parties.name_of(BANK), context.pages, context.front) == ("bank", "gateway", "gateway")
    assert context.probed_endpoints == {"gateway": {"/ops/health", "/ops/version"}, "bank": {"/health"}}
    assert (context.components, context.declared, context.ignored) == ({"gateway", "bank"}, {"gateway": ("bank",)}, ("GET /x *",))
    assert context.contracts.missing(["gateway", "bank"]) == ("bank",)
    [problem] = context.problems
    assert problem.startswith("contract of bank: ")
    assert "\n" not in problem


def test_undocumented_and_uncheckable_operations_are_listed() -> None:
    """Paths of probes need no documentation. An operation with a dangling schema reference does not pass silently."""
    context = replace(CONTEXT, contracts=Contracts.of({"gateway": DOCUMENT}), probed_endpoints={"gateway": frozenset({"/health"})})
    evidence, _ = joined([asked(), asked(path="/api/other"), asked(path="/health", method="GET"),
                          *[replace(asked(200, path="/api/session"), response=Message((), Body(JSON, 2, "{}")))] * 2], context=context)
    assert [each.edge.endpoint for each in evidence.undocumented] == ["/api/other"]
    assert [(each.edge.endpoint, each.where, each.cause, each.why, each.count) for each in evidence.unchecked] == [
        ("/api/session", "response.body", GapCause.PART, "it refers to #/components/schemas/Gone, which does not exist", 2)]
