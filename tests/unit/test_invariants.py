"""What the rules for every system have in common: policy, baseline, naming, bounds. Each rule has a test of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.config import Environment
from gonogo.invariants import observation
from gonogo.invariants.baseline import MAX_KNOWN, MAX_UNSEEN, RulesBaseline
from gonogo.model.baseline import Baseline
from gonogo.model.calls import Call, Edge, WireEvidence
from gonogo.model.findings import ComponentSubject, Finding, Severity
from gonogo.model.invariants import Fault, InvariantEvidence
from gonogo.model.not_checked import NotChecked, RulesWithoutBaseline, RulesWithoutPages
from gonogo.model.outside import OutsideEvidence, Place, PlaceKind
from gonogo.model.rules import RULES
from gonogo.model.rules.invariants import DataOfAnother
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import ScenarioEvidence
from gonogo.model.stages import ScenarioResults, StageResult
from gonogo.report.wording import line_of
from gonogo.verdict.rules.invariants import MAX_FINDINGS, POLICIES, judge_invariants
from gonogo.verdict.rules.not_checked import not_checked
from tests.recorded import evidence, key, page, record, scenario, seen, typed

RULE = "data-of-another"
PLACE = Place(PlaceKind.ANSWER, "GET /api/orders", "Ben", component="gateway")
FAULT = Fault(RULE, ("answer", "GET /api/orders", "Street"), DataOfAnother(
    place=PLACE, owner="Ana", field="Street", scenario="Ben looks", elsewhere="Ana orders"), key("Ben looks"), "gateway")


def judged(*faults: Fault, policy: str = "block", wire: WireEvidence | None = None) -> list[Finding]:
    environment = Environment.model_validate({
        "url": "http://shop.test", "rules": dict.fromkeys(POLICIES.values(), policy)})
    results = StageResult(1, 1, ScenarioResults(ScenarioEvidence((scenario("Ben looks"),), finished=True)))
    return list(judge_invariants(RunEvidence(
        run="r", environment="preprod", stages=("behaviour",), results={"behaviour": results}, wire=wire,
        invariants=InvariantEvidence(faults, compared=True)), environment))


@pytest.mark.parametrize(("policy", "severities"), [
    ("block", [Severity.BLOCK]), ("warn", [Severity.WARN]), ("ignore", [])])
@pytest.mark.parametrize("rule", POLICIES)
def test_policy_decides_what_a_new_fault_means(rule: str, policy: str, severities: list[Severity]) -> None:
    assert [finding.severity for finding in judged(replace(FAULT, rule=rule), policy=policy)] == severities


@pytest.mark.parametrize("fault", [replace(FAULT, known=True), replace(FAULT, certain=False)], ids=["known", "not certain"])
def test_old_and_uncertain_faults_warn(fault: Fault) -> None:
    assert [finding.severity for finding in judged(fault)] == [Severity.WARN]


@pytest.mark.parametrize("key", POLICIES.values())
def test_each_rule_warns_by_default(key: str) -> None:
    assert getattr(Environment.model_validate({"url": "http://shop.test"}).rules, key) == "warn"


def test_each_rule_has_a_row_in_the_docs() -> None:
    page_ = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert set(POLICIES) <= set(RULES)
    assert [rule for rule, key in POLICIES.items() if f"| `{rule}` | `{key}`, warn |" not in page_] == []


def test_component_behind_a_gateway_that_forwards_is_named() -> None:
    orders = Call(Edge("gateway", "orders", "GET", "/orders"), 200)
    asked = Call(Edge("browser", "gateway", "GET", "/api/orders"), 200, calls=(orders,))
    wire = WireEvidence(calls={key("Ben looks"): (asked,)}, pages="shop")
    [finding] = judged(FAULT, wire=wire)
    assert (finding.stage, finding.component, finding.peer) == ("behaviour", "orders", "shop")
    assert finding.subject == ComponentSubject("orders")
    assert line_of(finding) == (
        "behaviour: data-of-another: answer of gateway to GET /api/orders of Ben shows what was put into 'Street' by Ana "
        "in 'Ana orders' (Ben looks) [orders → shop]")


def test_findings_of_a_rule_are_bounded_and_new_ones_come_first() -> None:
    findings = judged(*([replace(FAULT, known=True)] * MAX_FINDINGS), FAULT)
    assert len(findings) == MAX_FINDINGS
    assert findings[0].severity is Severity.BLOCK


def test_faults_of_a_rule_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observation, "MAX_FAULTS", 2)
    now = seen({"Ana": record(*(typed("Ana", f"Street {n}", f"{n} Elm Street") for n in range(5))),
                "Ben": record(page("Ben", *(f"text: {n} Elm Street" for n in range(5)), step=2))})
    assert len(evidence(now).faults) == 2


@pytest.mark.parametrize("document", [None, {}, {"version": 2, "known": [], "steps": {}}, {"version": 1, "known": [[0]]},
                                      {"version": 1, "known": [["x", ["a"]]], "steps": {}}])
def test_a_damaged_baseline_is_none(document: object) -> None:
    assert RulesBaseline.from_document(document) is None


@pytest.mark.parametrize(("outside", "compared", "said"), [
    (OutsideEvidence(), True, ()),
    (None, True, (RulesWithoutPages,)),
    (OutsideEvidence(), False, (RulesWithoutBaseline,)),
    (None, False, (RulesWithoutPages, RulesWithoutBaseline)),
])
def test_what_the_rules_could_not_see_is_listed(outside: OutsideEvidence | None, compared: bool,
                                                said: tuple[type[NotChecked], ...]) -> None:
    run = RunEvidence("r", "preprod", (), baseline=Baseline("r0"), outside=outside,
                      invariants=InvariantEvidence(compared=compared))
    items = not_checked(run, Environment.model_validate({"url": "http://shop.test"}))
    assert tuple(type(item) for item in items if isinstance(item, RulesWithoutPages | RulesWithoutBaseline)) == said
    off = Environment.model_validate({"url": "http://shop.test", "rules": dict.fromkeys(POLICIES.values(), "ignore")})
    assert not [item for item in not_checked(run, off) if isinstance(item, RulesWithoutPages | RulesWithoutBaseline)]


def test_an_address_that_is_none_is_no_crash() -> None:
    now = seen({"Ana": record(replace(page("Ana", "text: undefined"), url="http://[x"))})
    assert evidence(now).faults


def test_a_fault_is_known_for_some_runs_in_which_it_is_not_seen() -> None:
    """Not every run has each: a page that polls shows something only sometimes."""
    baseline: RulesBaseline | None = RulesBaseline({(FAULT.rule, *FAULT.key): 0})
    for _ in range(MAX_UNSEEN):
        baseline = RulesBaseline().with_earlier(baseline)
        assert baseline.has(FAULT)
    assert not RulesBaseline().with_earlier(baseline).has(FAULT)


def test_known_faults_are_bounded() -> None:
    earlier = RulesBaseline({("rule", str(n)): 3 for n in range(MAX_KNOWN)})
    known = RulesBaseline({(FAULT.rule, *FAULT.key): 0}).with_earlier(earlier)
    assert len(known.known) == MAX_KNOWN
    assert known.has(FAULT)
