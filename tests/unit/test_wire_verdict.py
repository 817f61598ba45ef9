"""The rules on exchanges: shapes, contracts, edges. Each has its case, those that stop a release first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gonogo.config import Environment
from gonogo.model.baseline import Baseline
from gonogo.model.calls import (
    BROWSER,
    STEP,
    ContractFault,
    Difference,
    Edge,
    FacetValue,
    GapCause,
    ShapeChange,
    Unchecked,
    Undocumented,
    Unrecorded,
    UnrecordedCause,
    Violation,
    WireEvidence,
)
from gonogo.model.findings import Severity
from gonogo.model.not_checked import NotDocumented, NoTraces
from gonogo.model.rules.traffic import EdgeNotCrossed
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import ScenarioEvidence
from gonogo.model.stages import ScenarioResults, StageResult
from gonogo.report.lines import finding_lines
from gonogo.report.wording import not_checked_words, title_of
from gonogo.verdict.rules.not_checked import not_checked
from gonogo.verdict.rules.traffic import judge_traffic
from gonogo.verdict.rules.undocumented import not_documented, undocumented_places

FLIGHTS = Edge(BROWSER, "gateway", "GET", "/api/flights")
TEXT_NOW = ShapeChange("type", (FacetValue("integer"),), (FacetValue("string"),))
CHANGED = Difference(FLIGHTS, "response.body.price", (TEXT_NOW,), "", 37, 3, 3)
BROKEN = Violation(FLIGHTS, "gateway", "response.body.price", ContractFault("type", "a text", ("number",)), count=2)
UNCHECKED = Unchecked(FLIGHTS, "response.body", GapCause.BODY, "of 90000 bytes, up to 65536 are recorded", 2)
UNRECORDED = Unrecorded(UnrecordedCause.PASSED, 3, "Ana pays")
UNCROSSED = (("bookings", "gds"),)


def environment(wire: object = None) -> Environment:
    return Environment.model_validate({"url": "http://shop", **({} if wire is None else {"wire": wire}),
                                       "services": {"gateway": {"url": "http://shop", "openapi": "gateway.yml"}}})


def run(wire: WireEvidence | None, *, partial: bool = False) -> RunEvidence:
    scenarios = ScenarioResults(ScenarioEvidence((), finished=True), exercises_system=True)
    return RunEvidence("r", "preprod", ("platform", "behaviour"), partial=partial, wire=wire,
                       results={"behaviour": StageResult(0, 0, scenarios)}, baseline=Baseline("r0"))


CASES: dict[str, tuple[WireEvidence, object, Sequence[str], list[tuple[str, Severity]]]] = {
    "a changed shape stops the release if the environment blocks it": (
        WireEvidence(differences=(CHANGED,)), "block", (), [("shape-changed", Severity.BLOCK)]),
    "a broken contract stops the release if the environment blocks it": (
        WireEvidence(violations=(BROKEN,)), {"contract": "block"}, (), [("contract-broken", Severity.BLOCK)]),
    "an edge to a changed component must be crossed": (
        WireEvidence(uncrossed=UNCROSSED), None, ("gds",), [("edge-not-crossed", Severity.INCONCLUSIVE)]),
    "an edge from a changed component must be crossed": (
        WireEvidence(uncrossed=UNCROSSED), None, ("bookings",), [("edge-not-crossed", Severity.INCONCLUSIVE)]),
    "an edge between unchanged components is a warning": (
        WireEvidence(uncrossed=UNCROSSED), None, ("web",), [("edge-not-crossed", Severity.WARN)]),
    "a changed shape is a warning by default": (WireEvidence(differences=(CHANGED,)), None, (), [("shape-changed", Severity.WARN)]),
    "a broken contract is a warning by default": (WireEvidence(violations=(BROKEN,)), None, (), [("contract-broken", Severity.WARN)]),
    "a contract that the last GO also broke does not stop the release": (
        WireEvidence(violations=(replace(BROKEN, known=True),)), {"contract": "block"}, (),
        [("contract-broken", Severity.WARN)]),
    "ignored shapes and contracts": (
        WireEvidence(differences=(CHANGED,), violations=(BROKEN,)), {"shapes": "ignore", "contract": "ignore"}, (), []),
    "an exchange that could not be checked is INCONCLUSIVE if the environment blocks violations": (
        WireEvidence(unchecked=(UNCHECKED,)), {"contract": "block"}, (), [("contract-not-checked", Severity.INCONCLUSIVE)]),
    "exchanges that were not recorded are INCONCLUSIVE if the environment blocks violations": (
        WireEvidence(unrecorded=(UNRECORDED,)), {"contract": "block"}, (), [("exchanges-not-recorded", Severity.INCONCLUSIVE)]),
    "what could not be checked is no finding if violations are warnings": (
        WireEvidence(unchecked=(UNCHECKED,), unrecorded=(UNRECORDED,)), {"contract": "warn"}, (), []),
    "what could not be checked is no finding if violations are ignored": (
        WireEvidence(unchecked=(UNCHECKED,), unrecorded=(UNRECORDED,)), {"contract": "ignore"}, (), []),
    "nothing": (WireEvidence(), "block", ("web",), []),
}


@pytest.mark.parametrize(("wire", "rules", "changed", "found"), CASES.values(), ids=CASES.keys())
def test_rule(wire: WireEvidence, rules: object, changed: Sequence[str], found: list[tuple[str, Severity]]) -> None:
    """One rule alone, under one policy, has this severity."""
    findings = judge_traffic(run(wire), environment(rules), changed, scenarios_stop=False)
    assert [(finding.rule, finding.severity) for finding in findings] == found


@pytest.mark.parametrize(("partial", "stopped"), [(True, False), (False, True)])
def test_edges_are_judged_only_in_complete_runs(partial: bool, stopped: bool) -> None:
    """A partial run, or scenarios that stop the release, explain why an edge was not crossed."""
    wire = WireEvidence(uncrossed=UNCROSSED)
    assert not list(judge_traffic(run(wire, partial=partial), environment(), ("gds",), scenarios_stop=stopped))


@pytest.mark.parametrize(("wire", "changed", "severities"), [
    (WireEvidence(was_traced=True), ("gds",), [Severity.INCONCLUSIVE]),
    (WireEvidence(was_traced=True, foreign_spans=7), (), [Severity.WARN]),
    (WireEvidence(was_traced=True, traced=True), ("gds",), []),
    (WireEvidence(), ("gds",), []),
], ids=["a component changed", "nothing changed", "there are traces", "there never were"])
def test_traces_that_the_baseline_had_must_come(wire: WireEvidence, changed: Sequence[str], severities: list[Severity]) -> None:
    """Otherwise a release that exports no spans any more would clear every edge."""
    traced = Environment.model_validate({"url": "http://shop", "traces": {"otlp": "http://127.0.0.1:4318"}})
    findings = list(judge_traffic(run(wire), traced, changed, scenarios_stop=False))
    assert [(each.rule, each.severity) for each in findings] == [("traces-missing", severity) for severity in severities]
    assert not list(judge_traffic(run(wire), environment(), changed, scenarios_stop=False)), "no traces are configured"
    assert all("the baseline's run had traces, this one has none" in title_of(each) for each in findings)


def test_edge_that_only_other_traces_crossed_is_explained() -> None:
    """Any local process can send spans: they do not clear the edge, and the reason says what to change."""
    wire = WireEvidence(uncrossed=UNCROSSED, crossed_elsewhere={UNCROSSED[0]: 3})
    [finding] = judge_traffic(run(wire), environment(), ("gds",), scenarios_stop=False)
    assert (finding.severity, finding.parameters) == (Severity.INCONCLUSIVE, EdgeNotCrossed("gds", elsewhere=3))
    assert title_of(finding).endswith("; 3 calls of it in traces that this run did not begin: let its components continue "
                                      "traceparent, or link their spans")


def test_change_is_one_finding_with_its_origin_and_its_receiver() -> None:
    """The gateway that forwards it is neither component nor peer; the suite's own steps are not a component."""
    inner = replace(CHANGED, edge=Edge("gateway", "flights", "GET", "/flights"))
    wire = WireEvidence(differences=(CHANGED, inner), pages="web")
    [finding] = judge_traffic(run(wire), environment(), (), scenarios_stop=False)
    assert (finding.component, finding.peer) == ("flights", "web")
    direct = replace(CHANGED, edge=Edge(STEP, "flights", "GET", "/flights"))
    [finding] = judge_traffic(run(WireEvidence(differences=(direct,))), environment(), (), scenarios_stop=False)
    assert (finding.component, finding.peer) == ("flights", None)


def test_same_header_of_many_endpoints_is_one_finding() -> None:
    """A header that a gateway adds to all responses is reported once."""
    many = tuple(replace(CHANGED, edge=replace(FLIGHTS, endpoint=f"/api/{number}"), where="response.header.Csp")
                 for number in range(40))
    [finding] = judge_traffic(run(WireEvidence(differences=many)), environment(), (), scenarios_stop=False)
    assert title_of(finding) == ("gateway GET /api/0: response.header.Csp: a string; was an integer "
                                 "(3 of 3, also at 39 more endpoints)")


def test_hundred_changes_are_printed_as_ten_and_a_count() -> None:
    """The terminal stays readable; the verdict has each of them."""
    many = tuple(replace(CHANGED, where=f"response.body.f{number}") for number in range(100))
    findings = list(judge_traffic(run(WireEvidence(differences=many)), environment("block"), (), scenarios_stop=False))
    assert len(findings) == 100
    lines = list(finding_lines(findings))
    assert len(lines) == 11
    assert lines[-1] == (Severity.BLOCK, "behaviour: shape-changed: 90 more in verdict.json", "")


@pytest.mark.parametrize(("wire", "told"), [
    (WireEvidence(without_contract=("flights",)), "contract: no OpenAPI document for flights"),
    (WireEvidence(undocumented=(Undocumented(FLIGHTS),)),
     "contract: not documented: 1 endpoint, e.g. gateway GET /api/flights (all are in report.html)"),
    (WireEvidence(), "shapes: the baseline has no exchanges to compare with"),
    (WireEvidence(compared=True), "edges: no traces are configured"),
    (WireEvidence(unchecked=(UNCHECKED,)), "contract: not checked: 2 places in exchanges, e.g. gateway GET /api/flights "
     "response.body: the body was not recorded whole (of 90000 bytes, up to 65536 are recorded)"),
    (WireEvidence(unrecorded=(UNRECORDED,)), "contract: not checked: the exchanges of 3 scenarios that passed were not kept, e.g. 'Ana pays'"),
    (WireEvidence(problems=("a batch could not be read",)), "wire: a batch could not be read"),
])
def test_what_could_not_be_checked_is_listed(wire: WireEvidence, told: str) -> None:
    """A system without documents, traces or a baseline is judged all the same."""
    assert any(not_checked_words(item).startswith(told) for item in not_checked(run(wire), environment()))


def test_what_could_not_be_checked_is_worded_with_its_place_and_reason() -> None:
    """The reader learns which exchange, and what to change."""
    wire = WireEvidence(unchecked=(UNCHECKED, Unchecked(FLIGHTS, "", GapCause.DOCUMENT, "The document is gone")),
                        unrecorded=(UNRECORDED,))
    findings = judge_traffic(run(wire), environment({"contract": "block"}), (), scenarios_stop=False)
    assert [title_of(finding) for finding in findings] == [
        "gateway GET /api/flights: response.body: not checked: the body was not recorded whole "
        "(of 90000 bytes, up to 65536 are recorded) (2 times)",
        "gateway GET /api/flights: not checked: The document is gone (1 time)",
        "contract not checked: the exchanges of 3 scenarios that passed were not kept, e.g. 'Ana pays': a contract that "
        "blocks needs `evidence: {exchanges: always}`"]


@pytest.mark.parametrize("cause", UnrecordedCause)
def test_every_cause_of_missing_recordings_has_words(cause: UnrecordedCause) -> None:
    """No cause is worded by its name."""
    [finding] = judge_traffic(run(WireEvidence(unrecorded=(Unrecorded(cause, 2, "tap.ndjson"),))),
                              environment({"contract": "block"}), (), scenarios_stop=False)
    assert title_of(finding).startswith("contract not checked: ")


def test_contract_blocks_only_with_a_stage_that_records_exchanges() -> None:
    """An environment without such a stage would never check its contract."""
    without = replace(run(WireEvidence()), stages=("platform",), results={})
    [finding] = judge_traffic(without, environment({"contract": "block"}), (), scenarios_stop=False)
    assert (finding.rule, finding.severity) == ("exchanges-not-recorded", Severity.INCONCLUSIVE)
    for quiet in (judge_traffic(without, environment(), (), scenarios_stop=False),
                  judge_traffic(replace(without, partial=True), environment({"contract": "block"}), (), scenarios_stop=False)):
        assert not list(quiet)


def test_configured_traces_that_are_missing_are_listed() -> None:
    """The absence of spans is not evidence."""
    asked = Environment.model_validate({"url": "http://shop", "traces": {"otlp": "http://127.0.0.1:4318"}})
    assert NoTraces(configured=True) in not_checked(run(WireEvidence()), asked)
    of_others = not_checked(run(WireEvidence(foreign_spans=7)), asked)
    assert ("edges: 7 spans came, none of a trace that this run began (do components continue traceparent?), so calls between "
            "components are unknown") in map(not_checked_words, of_others)


def test_undocumented_places_are_listed_once_for_all_callers() -> None:
    """They are listed by component, endpoints before fields; the terminal has one line."""
    other, field = Edge(STEP, "bank", "GET", "/x"), "response.body.nearby"
    found = tuple(Undocumented(*each) for each in [
        (FLIGHTS, field), (replace(FLIGHTS, caller=STEP), field), (other,), (replace(other, caller="payments"),),
        (FLIGHTS,), (replace(FLIGHTS, endpoint="/a"), field)])
    assert undocumented_places(WireEvidence(undocumented=found)) == (
        "bank: GET /x", "gateway: GET /api/flights", f"gateway: GET /a {field}", f"gateway: GET /api/flights {field}")
    short = not_documented(WireEvidence(undocumented=found))
    assert short == NotDocumented(2, 2, "bank: GET /x")
    assert not_checked_words(short).startswith("contract: not documented: 2 endpoints and 2 fields, e.g. bank GET /x (")
    assert not_documented(WireEvidence(undocumented=found[:1])) == NotDocumented(
        0, 1, f"gateway: GET /api/flights {field}")


def test_nothing_is_listed_if_everything_is_documented() -> None:
    """Without exchanges, nothing is listed either."""
    assert undocumented_places(None) == undocumented_places(WireEvidence()) == ()
    assert not any(isinstance(item, NotDocumented) for item in not_checked(run(WireEvidence()), environment()))
