"""What a difference in what people and partners see means for the release. Cases that stop it come first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from gonogo.config import Environment
from gonogo.model.exceptions import Approval, RuleException, SeenChoice
from gonogo.model.findings import Severity
from gonogo.model.outside import ChangeKind, OutsideChange, OutsideEvidence, Place, PlaceKind
from gonogo.model.rules.outside import OutsideChanged
from gonogo.model.run import PlatformEvidence, Probe, RunEvidence
from gonogo.model.verdict import Answer, Verdict
from gonogo.report.verdict_document import verdict_document
from gonogo.report.wording import line_of, not_checked_words
from gonogo.verdict.rules.outside import MAX_FINDINGS, MAX_PAIRS, RULE
from tests.judging import verdict_on
from tests.unit.test_baseline_verdict import A, B, having
from tests.verdicts import assert_valid

GO, NO_GO, INCONCLUSIVE = Answer.GO, Answer.NO_GO, Answer.INCONCLUSIVE
SYSTEM = Probe("system", "http://127.0.0.1:1", 200, reports_version=False)
PAGE = Place(PlaceKind.PAGE, "/bookings/[id]", "Ana", "she pays")
MAIL = Place(PlaceKind.MAIL, "‹Ana: Email›", component="catcher")
BANK = Place(PlaceKind.PARTNER, "POST /charges", component="bank")
RECEIPT = Place(PlaceKind.DOWNLOAD, "application/pdf", "Ana", "she pays")
CUT = "Ana pays: it showed more than is recorded"


def change(kind: ChangeKind = ChangeKind.ALTERED, was: str = "10:15", now: str = "09:15", *, place: Place = PAGE,
           key: str = "time|Departs|□", proven: bool = True) -> OutsideChange:
    return OutsideChange(A.key, place, kind, "Departs: time", now, was, key, proven)


def number(place: Place, was: str, now: str, *, kind: ChangeKind = ChangeKind.COUNT, proven: bool = True) -> OutsideChange:
    return OutsideChange(A.key, place, kind, "number", now, was, "number", proven)


def run_that_saw(changes: Iterable[OutsideChange] = (), *, problems: tuple[str, ...] = (), places: int = 2,
                 had_baseline: bool = True) -> RunEvidence:
    """A run without any other finding."""
    outside = OutsideEvidence(places, 1, changes=tuple(changes), problems=problems, had_baseline=had_baseline)
    return replace(having(A, B), platform=PlatformEvidence((SYSTEM,), (SYSTEM,)), outside=outside)


def judged(run: RunEvidence, *exceptions: RuleException, **policy: str) -> Verdict:
    environment = Environment.model_validate({"url": SYSTEM.url, "stages": ["behaviour"], "outside": policy})
    verdict = verdict_on(run, environment, exceptions)
    assert_valid(verdict_document(run, verdict, started="s", ended="e").as_json())
    return verdict


BLOCK = {"data": "block"}
TIME = 'a: page /bookings/[id] of Ana, at \'she pays\': Departs: time: "09:15"; was "10:15"'
SELDOM = "(seen too seldom before to tell a change from what varies)"
CASES: dict[str, tuple[RunEvidence, dict[str, str], Answer, str]] = {  # the line of the finding, "" for none
    # what should have been compared and is not known
    "a record that was cut": (
        run_that_saw(problems=(CUT,)), BLOCK, INCONCLUSIVE,
        f"outside-not-compared: what people and partners saw is not known in full: {CUT}"),
    "several of them": (
        run_that_saw(problems=(CUT, "x", "y")), BLOCK, INCONCLUSIVE,
        f"outside-not-compared: what people and partners saw is not known in full: {CUT} (and 2 more reasons)"),
    "no place at all": (
        run_that_saw(problems=(CUT,), places=0), BLOCK, INCONCLUSIVE,
        f"outside-not-compared: what people and partners saw is not known in full: {CUT}"),
    "a record that was cut, where data are a warning": (run_that_saw(problems=(CUT,)), {"data": "warn"}, GO, ""),
    "nor where they are ignored": (run_that_saw(problems=(CUT,)), {"data": "ignore"}, GO, ""),
    "nor without a baseline": (run_that_saw(problems=(CUT,), had_baseline=False), BLOCK, GO, ""),
    # data
    "altered data": (run_that_saw([change()]), BLOCK, NO_GO, f"outside-changed: {TIME}"),
    "data seen too seldom before": (
        run_that_saw([change(proven=False)]), BLOCK, GO, f"outside-changed: {TIME} {SELDOM}"),
    "altered data, by default": (run_that_saw([change()]), {}, GO, f"outside-changed: {TIME}"),
    "altered data that are ignored": (run_that_saw([change()]), {"data": "ignore"}, GO, ""),
    # numbers
    "a mail that is sent twice": (
        run_that_saw([number(MAIL, "1", "2")]), BLOCK, NO_GO, "outside-changed: a: mail to ‹Ana: Email›: number: 2; was 1"),
    "a partner that is not called": (
        run_that_saw([number(BANK, "1", "0")]), BLOCK, NO_GO, "outside-changed: a: POST /charges at bank: number: 0; was 1"),
    "a download that is gone": (
        run_that_saw([number(RECEIPT, "1", "0", proven=False)]), BLOCK, GO,
        f"outside-changed: a: download of Ana, at 'she pays': number: 0; was 1 {SELDOM}"),
    "the first mail of a scenario": (
        run_that_saw([number(MAIL, "0", "1", kind=ChangeKind.ADDED)]), BLOCK, GO,
        'outside-changed: a: mail to ‹Ana: Email›: number: "1"; was "0"'),
    # wording
    "other wording": (
        run_that_saw([change(ChangeKind.WORDING, "Paid", "You paid")]), {"wording": "block"}, NO_GO,
        'outside-changed: a: page /bookings/[id] of Ana, at \'she pays\': Departs: time: "You paid"; was "Paid"'),
    "other wording, by default": (
        run_that_saw([change(ChangeKind.WORDING, "Paid", "")]), BLOCK, GO,
        'outside-changed: a: page /bookings/[id] of Ana, at \'she pays\': Departs: time: "Paid" is gone'),
    "a new element that is ignored": (
        run_that_saw([change(ChangeKind.ADDED, "", "Hi")]), {"data": "block", "wording": "ignore"}, GO, ""),
    "no difference": (run_that_saw(), {"data": "block", "wording": "block"}, GO, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_answer(case: str) -> None:
    run, policy, answer, line = CASES[case]
    verdict = judged(run, **policy)
    assert verdict.answer is answer
    assert [line_of(finding).partition(" [")[0] for finding in verdict.findings] == ([f"behaviour: {line}"] if line else [])


@pytest.mark.parametrize("policy", [{"data": "block"}, {"data": "warn"}])
@pytest.mark.parametrize("places", [0, 2])
@pytest.mark.parametrize("had_baseline", [True, False])
def test_what_is_not_known_is_told_whatever_it_means(policy: dict[str, str], places: int, had_baseline: bool) -> None:
    run = run_that_saw(problems=(CUT,), places=places, had_baseline=had_baseline)
    assert f"outside: {CUT}" in map(not_checked_words, judged(run, **policy).not_checked)


def kinds(count: int, *, proven: bool = False) -> list[OutsideChange]:
    return [change(key=f"text|{each}|□", proven=proven) for each in range(count)]


def test_what_stops_the_release_comes_before_the_limit() -> None:
    last = change(ChangeKind.WORDING, "Paid", "You paid", key="last")  # the least of kinds, the last in the evidence
    verdict = judged(run_that_saw([*kinds(MAX_FINDINGS + 2), last]), data="warn", wording="block")
    assert (verdict.answer, len(verdict.findings)) == (NO_GO, MAX_FINDINGS)
    assert (verdict.findings[0].severity, verdict.findings[0].parameters.key) == (Severity.BLOCK, "last")
    assert "outside: 3 further kinds of differences not listed" in map(not_checked_words, verdict.not_checked)


def test_each_kind_that_stops_the_release_is_listed() -> None:
    """Only what is listed can be approved: the rest must not pass once all of the list is."""
    run = run_that_saw([*kinds(MAX_FINDINGS + 5, proven=True), *kinds(3)])
    first = judged(run, **BLOCK)
    assert [finding.severity for finding in first.findings] == [Severity.BLOCK] * (MAX_FINDINGS + 5)
    assert "outside: 3 further kinds of differences not listed" in map(not_checked_words, first.not_checked)
    listed = [approval(("10:15", "09:15"), key=finding.parameters.key) for finding in first.findings]
    assert judged(run, *listed[:MAX_FINDINGS], **BLOCK).answer is NO_GO
    assert judged(run, *listed, **BLOCK).answer is GO


def approval(*changes: tuple[str, str], key: str = "time|Departs|□", name: str = PAGE.name,
             environments: tuple[str, ...] = ()) -> Approval:
    return Approval(RULE, SeenChoice("page", name, key), "SHOP-12", "shop", date(2026, 12, 31), environments,
                    changes=changes)


TWO = [change(), change(was="11:15", now="10:30")]
PAIRS = (("10:15", "09:15"), ("11:15", "10:30"))
MANY = [change(now=f"{each:04}") for each in range(MAX_PAIRS + 1)]


@pytest.mark.parametrize(("changes", "approvals"), [
    (TWO, [approval(PAIRS[0])]), (TWO, [approval(("10:15", "09:45"), PAIRS[1])]), (TWO, [approval(*PAIRS, key="time|Arrives|□")]),
    (TWO, [approval(*PAIRS, name="/bookings")]), (TWO, [approval(*PAIRS, environments=("test",))]),
    (MANY, [approval(*((each.was, each.now) for each in MANY))]),
], ids=["one pair is missing", "another value", "another part", "another place", "another environment",
        "more pairs than a finding names"])
def test_approval_does_not_cover(changes: list[OutsideChange], approvals: list[Approval]) -> None:
    verdict = judged(run_that_saw(changes), *approvals, **BLOCK)
    assert (verdict.answer, verdict.findings[0].waived) == (NO_GO, None)


@pytest.mark.parametrize(("changes", "approvals"), [
    (TWO, [approval(*PAIRS)]), (TWO, [approval(PAIRS[0]), approval(PAIRS[1])]), (TWO, [approval(*PAIRS, ("a", "b"))]),
    (MANY[1:], [approval(*((each.was, each.now) for each in MANY))]),
], ids=["by one", "by two", "by one that names more", "as many pairs as a finding names"])
def test_approval_of_all_pairs_makes_a_warning(changes: list[OutsideChange], approvals: list[Approval]) -> None:
    verdict = judged(run_that_saw(changes), *approvals, **BLOCK)
    [finding] = verdict.findings
    assert (verdict.answer, finding.severity, finding.waived.owner) == (GO, Severity.WARN, "shop")


def test_equal_differences_are_one_finding() -> None:
    elsewhere = replace(change(), scenario=B.key, count=3)
    [finding] = judged(run_that_saw([replace(change(), count=2), elsewhere]), **BLOCK).findings
    assert isinstance(finding.parameters, OutsideChanged)
    assert (finding.parameters.times, finding.parameters.more, finding.parameters.pairs) == (2, 1, PAIRS[:1])
    assert line_of(finding).endswith("(2 times; also in 1 more scenario)")
