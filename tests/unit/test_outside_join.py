"""How often people got a mail or a file and partners a call, over several runs; and what is told not to be known."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gonogo.model.exchange import Exchange
from gonogo.model.identity import ScenarioId
from gonogo.model.outside import Download, Input, Mail, OutsideEvidence, OutsideRecord, PageView, PlaceKind, StepTiming
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.outside import Seen, compare_outside, join, observations
from gonogo.outside.baseline import OutsideBaseline
from gonogo.traffic.http.endpoints import Endpoints

PASSED, FAILED = Attempt(Status.PASSED), Attempt(Status.FAILED)
STARTED_S = datetime(2026, 11, 29, 20, tzinfo=UTC).timestamp()


def scenario(name: str, *attempts: Attempt) -> Scenario:
    return Scenario(ScenarioId("features/a.feature", "", name), name, "Orders", 1, attempts=attempts or (PASSED,))


ANA, BEN, RETRIED = scenario("Ana pays"), scenario("Ben pays"), scenario("Ana pays", FAILED, PASSED)


def call(method: str = "POST", scenario: str = ANA.key) -> Exchange:
    return Exchange(method, "http://bank/charges", 201, STARTED_S, caller="shop", callee="bank", scenario=scenario)


def seen(*, mails: int = 0, calls: Sequence[Exchange] = (), files: int = 0, pages: Sequence[str] = (),
         of: Sequence[Scenario] = (ANA,), **more: object) -> Seen:
    """What a run saw; each of its scenarios names the address to which the mails went."""
    record = OutsideRecord(
        (StepTiming(0, "she pays", 0.0, 1.0),), tuple(PageView("Ana", 0, f"http://shop{path}", "Tea", f"- text: {path}") for path in pages),
        tuple(Download("Ana", 0, "receipt.pdf", "application/pdf") for _ in range(files)),
        (Input("Ana", 0, "Email", "Ana@example.com"),))
    caught = [Mail(f"m{each}", STARTED_S + each, "shop@example.com", ("ana@example.com",), "Order") for each in range(mails)]
    run = Seen(of, {each.key: record for each in of}, {}, (), between=calls, mails=caught, third_parties=frozenset({"bank"}),
               started_s=STARTED_S)
    return replace(run, **more)


def compared(now: Seen, *before: Seen, same_images: bool = False) -> tuple[OutsideEvidence, OutsideBaseline]:
    """The run `now` against what the runs before, all of the same images, have shown."""
    baseline = functools.reduce(lambda known, run: compare_outside(run, Endpoints(), known, same_images=True)[1], before, None)
    return compare_outside(now, Endpoints(), baseline, same_images=same_images)


NOTHING, ONE_MAIL, TWO_MAILS, ONE_CALL, ONE_FILE = seen(), seen(mails=1), seen(mails=2), seen(calls=[call()]), seen(files=1)
TWO_CALLS, READS = seen(calls=[call(), call()]), seen(calls=[call("GET"), call("HEAD")])
BOTH = seen(mails=1, calls=[call()])
Rows = Mapping[str, tuple[Sequence[Seen], Seen, list[tuple[str, str, str, str, bool]]]]
DIFFERENT: Rows = {
    # runs before, run → kind, place, now, was, proven
    "a mail twice": ([ONE_MAIL] * 2, TWO_MAILS, [("count", "mail", "2", "1", True)]),
    "no mail": ([ONE_MAIL] * 2, NOTHING, [("count", "mail", "0", "1", True)]),
    "one mail of two": ([TWO_MAILS] * 2, ONE_MAIL, [("count", "mail", "1", "2", True)]),
    "no mail, with one run before": ([ONE_MAIL], NOTHING, [("count", "mail", "0", "1", False)]),
    "the first mail": ([NOTHING] * 2, ONE_MAIL, [("added", "mail", "1", "0", False)]),
    "the first mail, beside a page that is known": (
        [seen(pages=["/a"])] * 2, seen(pages=["/a"], mails=1), [("added", "mail", "1", "0", True)]),
    "the first mail, with one run before": (
        [seen(pages=["/a"])], seen(pages=["/a"], mails=1), [("added", "mail", "1", "0", False)]),
    "more than there sometimes are": ([ONE_MAIL, TWO_MAILS, ONE_MAIL], seen(mails=3), [("count", "mail", "3", "2", False)]),
    "fewer than there always are": ([ONE_MAIL, TWO_MAILS, TWO_MAILS], NOTHING, [("count", "mail", "0", "1", True)]),
    "no file": ([ONE_FILE] * 2, NOTHING, [("count", "download", "0", "1", True)]),
    "a file twice": ([ONE_FILE] * 2, seen(files=2), [("count", "download", "2", "1", True)]),
    "a call twice": ([ONE_CALL] * 3, TWO_CALLS, [("count", "partner", "2", "1", True)]),
    "no call": ([ONE_CALL] * 3, NOTHING, [("count", "partner", "0", "1", True)]),
    "no call, with two runs before": ([ONE_CALL] * 2, NOTHING, [("count", "partner", "0", "1", False)]),
    "no mail in a retried scenario": ([ONE_MAIL] * 2, seen(of=[RETRIED]), [("count", "mail", "0", "1", True)]),
    "no mail, after a run that was retried": (
        [ONE_MAIL, seen(mails=2, of=[RETRIED]), ONE_MAIL], NOTHING, [("count", "mail", "0", "1", True)]),
    "no mail, where a call is of no scenario": (
        [BOTH] * 3, seen(calls=[call(scenario="")]), [("count", "mail", "0", "1", True)]),
    "no mail, where calls are missing": ([BOTH] * 3, seen(all_between=False), [("count", "mail", "0", "1", True)]),
    "no call, where one of another operation is of no scenario": (
        [ONE_CALL] * 3, seen(calls=[call("DELETE", scenario="")]), [("count", "partner", "0", "1", True)]),
    "more than before, where not all is known": (
        [BOTH] * 3, seen(mails=2, calls=[call(), call()], problems=("cut",), all_between=False),
        [("count", "partner", "2", "1", True), ("count", "mail", "2", "1", True)]),
}
ALIKE: Rows = {name: (before, now, []) for name, (before, now) in {
    "as many": ([BOTH] * 3, BOTH),
    "a mail that is sometimes there": ([ONE_MAIL, NOTHING, ONE_MAIL], NOTHING),
    "a mail that came in a later run": ([seen(pages=["/a"]), seen(pages=["/a"], mails=1)], seen(pages=["/a"])),
    "a mail where nothing was seen at first": ([NOTHING, ONE_MAIL, ONE_MAIL], NOTHING),
    "a call that is sometimes there": ([ONE_CALL, NOTHING, ONE_CALL, ONE_CALL], NOTHING),
    "reads of a partner": ([READS] * 3, NOTHING),
    "more reads of a partner": ([READS] * 3, seen(calls=[call("GET")] * 2)),
    "an address that two scenarios share": ([seen(mails=2, of=[ANA, BEN])] * 2, seen(mails=3, of=[ANA, BEN])),
    "one of them alone": ([seen(mails=2, of=[ANA, BEN])] * 2, ONE_MAIL),
    "an address that a new scenario shares": ([ONE_MAIL] * 2, seen(mails=2, of=[ANA, BEN])),
    "both attempts of a scenario": ([ONE_MAIL] * 2, seen(mails=2, of=[RETRIED])),
    "one mail, after both attempts": ([ONE_MAIL, seen(mails=2, of=[RETRIED])], ONE_MAIL),
    "one mail, after both attempts alone": ([seen(mails=2, of=[RETRIED])], ONE_MAIL),
    "a call of no scenario": ([ONE_CALL] * 3, seen(calls=[call(scenario="")])),
    "calls that are missing": ([ONE_CALL] * 3, seen(all_between=False)),
    "not all is known": ([seen(mails=1, files=1, calls=[call()])] * 3, seen(problems=("cut",))),
    "a call of the suite's own": ([NOTHING] * 2, seen(calls=[call()], third_parties=frozenset())),
    "a scenario that failed": ([ONE_MAIL] * 2, seen(of=[scenario("Ana pays", FAILED)])),
}.items()}


@pytest.mark.parametrize("name", [*DIFFERENT, *ALIKE])
def test_number(name: str) -> None:
    before, now, expected = {**DIFFERENT, **ALIKE}[name]
    changes = compared(now, *before)[0].changes
    assert [(each.kind.value, each.place.kind.value, each.now, each.was, each.proven) for each in changes
            if each.where == "number"] == expected


@pytest.mark.parametrize("same_images", [True, False])
def test_call_that_was_not_seen_since_calls_are_missing_stays_known(same_images: bool) -> None:
    _, learnt = compared(seen(all_between=False), *[ONE_CALL] * 3, same_images=same_images)
    evidence, _ = compare_outside(NOTHING, Endpoints(), learnt, same_images=False)
    assert [(each.now, each.was, each.proven) for each in evidence.changes] == [("0", "1", True)]


def test_mails_are_waited_for_that_each_run_has_sent() -> None:
    _, learnt = compared(TWO_MAILS, ONE_MAIL, same_images=True)
    assert learnt.mails_of([ANA.key]) == 1
    assert learnt.mails_of([BEN.key]) == learnt.mails_of([]) == 0


@pytest.mark.parametrize("same_images", [True, False])
def test_page_that_is_not_shown_is_counted_and_kept_while_images_are_the_same(same_images: bool) -> None:
    """A release may drop a page; a page that was still loading is there in the next run."""
    evidence, learnt = compared(seen(pages=["/a"]), seen(pages=["/a", "/b"]), same_images=same_images)
    assert (evidence.not_shown, evidence.changes) == (1, ())
    assert {place.name for place in learnt.places[ANA.key]} == ({"/a", "/b"} if same_images else {"/a"})


BOUNDS: dict[str, tuple[str, int, Seen]] = {
    "items of a place": ("MAX_ITEMS", 1, seen(pages=["/a"])), "places of a scenario": ("MAX_PLACES", 2, seen(pages=["/a", "/b", "/c"])),
}


@pytest.mark.parametrize(("bound", "value", "run"), BOUNDS.values(), ids=BOUNDS)
def test_more_than_is_compared_is_a_problem(monkeypatch: pytest.MonkeyPatch, bound: str, value: int, run: Seen) -> None:
    assert compared(run)[0].problems == ()
    monkeypatch.setattr(observations, bound, value + 1)
    assert compared(run)[0].problems == ()
    monkeypatch.setattr(observations, bound, value)
    assert compared(run)[0].problems == ("Ana pays: it showed more than is compared",)


def test_more_differences_than_are_judged_are_a_problem_and_none_of_them_stops_the_release(
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "MAX_CHANGES", 1)
    before = seen(mails=1, pages=["/a"])
    evidence, _ = compared(seen(pages=["/a"], records={ANA.key: replace(
        before.records[ANA.key], pages=(PageView("Ana", 0, "http://shop/a", "Coffee", "- text: more"),))}), before, before)
    assert [each.place.kind for each in evidence.changes] == [PlaceKind.MAIL]
    assert evidence.problems == ("there are 3 differences; 1 of them are judged",)


@pytest.mark.parametrize(("before", "of", "problems"), [
    ([ONE_MAIL], ANA, ("Ana pays: nothing of it was recorded",)), ([ONE_MAIL], scenario("Ana pays", FAILED), ()),
    ([ONE_MAIL], BEN, ()), ([NOTHING], ANA, ()), ([], ANA, ())],
    ids=["passed", "failed", "new", "nothing in the baseline either", "no baseline"])
def test_passed_scenario_without_the_record_of_the_baseline_is_a_problem(
        before: Sequence[Seen], of: Scenario, problems: tuple[str, ...]) -> None:
    assert compared(seen(of=[of], records={}), *before)[0].problems == problems


@pytest.mark.parametrize(("before", "lost", "told"), [
    ([ONE_CALL], True, True), ([ONE_CALL], False, False), ([ONE_MAIL], True, False), ([], True, False)],
    ids=["calls that the baseline has", "without a tap", "no call in the baseline", "no baseline"])
def test_tap_that_has_recorded_nothing_is_told(before: list[Seen], lost: bool, told: bool) -> None:
    evidence, _ = compared(seen(all_between=False, between_lost=lost), *before)
    assert any("the tap has not recorded all calls" in problem for problem in evidence.problems) is told
