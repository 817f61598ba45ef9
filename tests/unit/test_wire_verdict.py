"""The rules on exchanges: shapes, contracts, edges. Each has its row, those that stop a release first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gonogo.config import Environment
from gonogo.model.calls import BROWSER, STEP, Difference, Edge, Undocumented, Violation, WireEvidence
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Severity
from gonogo.verdict.rules.not_checked import not_checked
from gonogo.verdict.rules.traffic import judge_wire
from gonogo.verdict.rules.undocumented import undocumented_in_short, undocumented_places

FLIGHTS = Edge(BROWSER, "gateway", "GET", "/api/flights")
CHANGED = Difference(FLIGHTS, "response.body.price", "a whole number (37 of 37)", "a text", 37, 3, 3)
BROKEN = Violation(FLIGHTS, "gateway", "response.body.price", "is text", count=2)
UNCROSSED = (("bookings", "gds"),)


def environment(wire: object = None) -> Environment:
    return Environment.model_validate({"url": "http://shop", **({} if wire is None else {"wire": wire})})


def run(wire: WireEvidence | None, *, partial: bool = False) -> RunEvidence:
    return RunEvidence("r", "preprod", ("platform", "behaviour"), partial=partial, wire=wire)


CASES: dict[str, tuple[WireEvidence, object, Sequence[str], list[tuple[str, Severity]]]] = {
    "a changed shape stops where the environment says so": (
        WireEvidence(differences=(CHANGED,)), "block", (), [("shape-changed", Severity.BLOCK)]),
    "a broken contract stops where the environment says so": (
        WireEvidence(violations=(BROKEN,)), {"contract": "block"}, (), [("contract-broken", Severity.BLOCK)]),
    "an edge of what has changed must be crossed": (
        WireEvidence(uncrossed=UNCROSSED), None, ("gds",), [("edge-not-crossed", Severity.INCONCLUSIVE)]),
    "an edge of what calls and has changed must be crossed": (
        WireEvidence(uncrossed=UNCROSSED), None, ("bookings",), [("edge-not-crossed", Severity.INCONCLUSIVE)]),
    "an edge between others is told": (
        WireEvidence(uncrossed=UNCROSSED), None, ("web",), [("edge-not-crossed", Severity.WARN)]),
    "a changed shape is told": (WireEvidence(differences=(CHANGED,)), None, (), [("shape-changed", Severity.WARN)]),
    "a broken contract is told": (WireEvidence(violations=(BROKEN,)), None, (), [("contract-broken", Severity.WARN)]),
    "a contract that the last GO broke too does not stop": (
        WireEvidence(violations=(replace(BROKEN, known=True),)), {"contract": "block"}, (),
        [("contract-broken", Severity.WARN)]),
    "what is to be ignored is": (
        WireEvidence(differences=(CHANGED,), violations=(BROKEN,)), {"shapes": "ignore", "contract": "ignore"}, (), []),
    "nothing": (WireEvidence(), "block", ("web",), []),
}


@pytest.mark.parametrize(("wire", "rules", "changed", "found"), CASES.values(), ids=CASES.keys())
def test_rule(wire: WireEvidence, rules: object, changed: Sequence[str], found: list[tuple[str, Severity]]) -> None:
    """One rule alone, under one policy."""
    reasons = judge_wire(run(wire), environment(rules), changed, scenarios_stop=False)
    assert [(reason.rule, reason.severity) for reason in reasons] == found


@pytest.mark.parametrize(("partial", "stopped"), [(True, False), (False, True)])
def test_edges_are_asked_of_whole_runs_alone(partial: bool, stopped: bool) -> None:
    """What was not asked for, or came to an end before, explains by itself that nobody went there."""
    wire = WireEvidence(uncrossed=UNCROSSED)
    assert not list(judge_wire(run(wire, partial=partial), environment(), ("gds",), scenarios_stop=stopped))


def test_a_change_is_told_once_where_it_began_and_of_whom_it_reached() -> None:
    """The gateway that hands it on is neither the one nor the other; the suite's own steps are no component."""
    inner = replace(CHANGED, edge=Edge("gateway", "flights", "GET", "/flights"))
    wire = WireEvidence(differences=(CHANGED, inner), pages="web")
    [reason] = judge_wire(run(wire), environment(), (), scenarios_stop=False)
    assert (reason.component, reason.peer) == ("flights", "web")
    direct = replace(CHANGED, edge=Edge(STEP, "flights", "GET", "/flights"))
    [reason] = judge_wire(run(WireEvidence(differences=(direct,))), environment(), (), scenarios_stop=False)
    assert (reason.component, reason.peer) == ("flights", None)


def test_one_header_of_all_answers_is_one_change() -> None:
    """A policy that a gateway puts on everything is told once."""
    many = tuple(replace(CHANGED, edge=replace(FLIGHTS, endpoint=f"/api/{number}"), where="response.header.Csp")
                 for number in range(40))
    [reason] = judge_wire(run(WireEvidence(differences=many)), environment(), (), scenarios_stop=False)
    assert reason.title.endswith("(3 of 3, and so on 39 more of its endpoints)")


def test_a_hundred_changes_are_told_as_ten_and_a_count() -> None:
    """The reasons stay legible."""
    many = tuple(replace(CHANGED, where=f"response.body.f{number}") for number in range(100))
    reasons = list(judge_wire(run(WireEvidence(differences=many)), environment("block"), (), scenarios_stop=False))
    assert len(reasons) == 11
    assert reasons[-1].title == "and 90 more of this kind"
    assert reasons[-1].severity is Severity.BLOCK


@pytest.mark.parametrize(("wire", "told"), [
    (WireEvidence(without_contract=("flights",)), "contract: no OpenAPI document for flights"),
    (WireEvidence(undocumented=(Undocumented(FLIGHTS),)),
     "contract: not documented: 1 endpoint, e.g. gateway GET /api/flights (report.html lists all)"),
    (WireEvidence(), "shapes: there is no GO yet whose exchanges could be compared with"),
    (WireEvidence(compared=True), "edges: no traces are configured"),
    (WireEvidence(problems=("a batch could not be read",)), "wire: a batch could not be read"),
])
def test_what_could_not_be_checked_is_told(wire: WireEvidence, told: str) -> None:
    """A system without documents, traces or an earlier GO is gated all the same."""
    assert any(line.startswith(told) for line in not_checked(run(wire), environment()))


def test_traces_that_were_to_come_and_did_not_are_told() -> None:
    """Silence of the components is no evidence."""
    asked = Environment.model_validate({"url": "http://shop", "traces": {"otlp": "http://127.0.0.1:4318"}})
    assert any("no traces came" in line for line in not_checked(run(WireEvidence()), asked))


def test_what_is_not_documented_is_listed_once_whoever_asked() -> None:
    """Component by component, endpoints before fields; one line of it is for the terminal."""
    other, field = Edge(STEP, "bank", "GET", "/x"), "response.body.nearby"
    found = tuple(Undocumented(*each) for each in [
        (FLIGHTS, field), (replace(FLIGHTS, caller=STEP), field), (other,), (replace(other, caller="payments"),),
        (FLIGHTS,), (replace(FLIGHTS, endpoint="/a"), field)])
    assert undocumented_places(WireEvidence(undocumented=found)) == (
        "bank: GET /x", "gateway: GET /api/flights", f"gateway: GET /a {field}", f"gateway: GET /api/flights {field}")
    short = undocumented_in_short(WireEvidence(undocumented=found))
    assert short == "2 endpoints and 2 fields, e.g. bank GET /x"
    assert undocumented_in_short(WireEvidence(undocumented=found[:1])) == f"1 field, e.g. gateway GET /api/flights {field}"


def test_where_everything_is_documented_nothing_is_told() -> None:
    """And where nothing was exchanged, nothing is missing."""
    assert undocumented_places(None) == undocumented_places(WireEvidence()) == ()
    assert not any("not documented" in line for line in not_checked(run(WireEvidence()), environment()))
