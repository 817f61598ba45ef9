"""Two people want one thing at the same moment: what chance decides is no difference of the release."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.model.calls import STEP
from gonogo.model.exchange import Exchange
from gonogo.model.outside import OutsideChange
from gonogo.outside import compare_outside
from gonogo.traffic.http.endpoints import Endpoints
from tests.recorded import exchange, mail, page, record, seen

SCENARIO = "One seat is left"
GETS, GONE = (201, {"seat": "1A"}), (409, {"error": "taken"})


def wants(person: str, answer: tuple[int, object], after_ms: float = 0.0, **more: object) -> Exchange:
    """A request that takes 5 ms, so long after the step has begun."""
    sent = exchange("/api/seats", answer[1], of=SCENARIO, status=answer[0], person=person, **{"method": "POST", **more})
    return replace(sent, started_s=sent.started_s + after_ms / 1000)


def run(ana: tuple[int, object], ben: tuple[int, object], after_ms: float = 2.0, seats: str = "2 seats",
        **more: object) -> tuple[list[Exchange], str]:
    return [wants("Ana", ana, **more), wants("Ben", ben, after_ms, **more)], seats


def alive(run: Run, answer: object = None, **more: object) -> Run:
    """With a sign of life that the pages of both send at the same moment."""
    return [*(exchange("/alive", answer, of=SCENARIO, method="POST", person=person, status=204, step=0, **more)
              for person in ("Ana", "Ben")), *run[0]], run[1]


Run = tuple[list[Exchange], str]


def found(now: Run, was: Run | list[Run]) -> list[OutsideChange]:
    """The differences that are proven, between a run and those before it: three that were the same, or a list."""
    baseline = None
    for each in (*(was if isinstance(was, list) else [was] * 3), now):
        exchanges, seats = each
        status = next(each.status for each in exchanges if each.path != "/alive")
        records = {SCENARIO: record(page("Ana", f"text: {seats}", step=0), page("Ana", f"text: {status}", step=2))}
        evidence, baseline = compare_outside(seen(records, exchanges, [mail("ana@shop.test", f"{status}")]),
                                             Endpoints(), baseline, same_images=each is not now)
    return [change for change in evidence.changes if change.proven]


@pytest.mark.parametrize(("now", "was"), [
    (run(GONE, GETS, after_ms=20), run(GETS, GONE, after_ms=20)),
    (run(GONE, GETS, method="GET"), run(GETS, GONE, method="GET")),
    (run(GONE, GETS, caller=STEP), run(GETS, GONE, caller=STEP)),
    (([wants("Ana", GONE), wants("Ana", GETS, 2)], ""), ([wants("Ana", GETS), wants("Ana", GONE, 2)], "")),
    (([wants("Ana", GONE), wants("Ben", GETS, 2, callee="bank")], ""), ([wants("Ana", GETS), wants("Ben", GONE, 2, callee="bank")], "")),
    (run(GONE, GETS, after_ms=20), [run(GETS, GONE), *[run(GETS, GONE, after_ms=20)] * 3]),
    (alive(run(GONE, GETS, after_ms=20)), alive(run(GETS, GONE, after_ms=20))),
    (alive(run(GONE, GETS, after_ms=20), "x", resource_type="ping"), alive(run(GETS, GONE, after_ms=20), "x", resource_type="ping"))],
    ids=["one after the other", "reads", "of steps", "one person's", "of different services",
         "in a run before the last", "signs of life", "pings"])
def test_what_no_race_decides_is_a_difference(now: tuple[list[Exchange], str], was: tuple[list[Exchange], str]) -> None:
    assert found(now, was)


def test_what_no_person_has_sent_is_no_race() -> None:
    """A page of nobody's: whose it is decides nothing."""
    now, was = ([wants("", GONE), wants("Ana", GETS, 2)], ""), ([wants("", GETS), wants("Ana", GONE, 2)], "")
    assert found(now, was)


@pytest.mark.parametrize(("now", "was"), [
    (run(GONE, GETS), run(GETS, GONE)), (run(GETS, GONE, seats="1 seat"), run(GETS, GONE)), (run(GONE, GETS, after_ms=20), run(GETS, GONE)),
    (run(GONE, GETS), run(GETS, GONE, after_ms=20))],
    ids=["in both", "in a step before", "in the baseline", "in the run"])
def test_what_a_race_decides_is_none(now: tuple[list[Exchange], str], was: tuple[list[Exchange], str]) -> None:
    assert found(now, was) == []
