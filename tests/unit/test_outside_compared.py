"""What is compared of each place: a change in any part of it is a difference, and a change in nothing is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.model.calls import STEP
from gonogo.model.exchange import Body, Exchange
from gonogo.model.outside import ChangeKind, Download, Mail, OutsideChange, PageView
from gonogo.outside import Seen, compare_outside
from gonogo.traffic.http.endpoints import Endpoints
from tests.recorded import exchange, mail, page, record, seen, typed

ANA, TO = "Ana orders", "ana@shop.test"


def found(now: Seen, was: Seen) -> list[OutsideChange]:
    """The differences that are proven, between a run and three before it."""
    baseline = None
    for each in (was, was, was, now):
        evidence, baseline = compare_outside(each, Endpoints(), baseline, same_images=each is was)
    return [change for change in evidence.changes if change.proven]


def mailed(text: str = "", html: str = "", sender: str = "shop@shop.test", headers: tuple[tuple[str, str], ...] = (),
           to: str = TO, **more: str) -> Seen:
    sent = replace(mail(to, text, html, **more), sender=sender, headers=headers)
    return seen({ANA: record(typed("Ana", "Email", TO))}, mails=[sent])


def booked(answer: object = None, path: str = "/charges", **more: object) -> Seen:
    return seen({ANA: record()}, between=[exchange(path, answer, of=ANA, caller="shop", callee="bank", person="",
                                                   **{"method": "POST", **more})])


def answered(*answers: Exchange) -> Seen:
    return seen({ANA: record()}, answers)


def answer(document: object = None, path: str = "/api/cart", **more: object) -> Exchange:
    return exchange(path, document, of=ANA, **more)


def paged(*views: PageView) -> Seen:
    return seen({ANA: record(*views)})


def file(text: str) -> Seen:
    return seen({ANA: replace(record(), downloads=(Download("Ana", 1, "list.csv", "text/csv", text),))})


DIFFERENT: dict[str, tuple[Seen, Seen]] = {
    "a mail's text": (mailed("Total 7"), mailed("Total 9")), "its HTML": (mailed(html="<p>Total 7"), mailed(html="<p>Total 9")),
    "its sender": (mailed(sender="no1@shop.test"), mailed(sender="no2@shop.test")),
    "a header of its own": (mailed(headers=(("Reply-To", "a1"),)), mailed(headers=(("Reply-To", "a2"),))),
    "its address in capitals, and its text": (mailed("Total 7", to="Ana@Shop.test"), mailed("Total 9", to="Ana@Shop.test")),
    "a partner's status": (booked({}, status=202), booked({}, status=201)),
    "a partner's answer": (booked({"a": 7}), booked({"a": 9})),
    "a query to a partner": (booked(path="/charges?amount=7"), booked(path="/charges?amount=9")),
    "a partner's text": (replace(booked(), between=[replace(booked().between[0], request=replace(
        booked().between[0].request, body=Body("text/plain", 7, text)))]) for text in ("Total 7", "Total 9")),  # type: ignore[dict-item]
    "an answer's status": (answered(answer({}, status=201)), answered(answer({}, status=200))),
    "a boolean": (answered(answer({"paid": False})), answered(answer({"paid": True}))),
    "an empty list": (answered(answer({"rows": []})), answered(answer({"rows": [7]}))),
    "an empty object": (answered(answer({"rows": {}})), answered(answer({"rows": {"a": 7}}))),
    "the first of two writes": (
        answered(*(answer({"n": n}, method="POST", caller=STEP, person="") for n in (7, 2))),
        answered(*(answer({"n": n}, method="POST", caller=STEP, person="") for n in (1, 2)))),
    "a second window": (paged(page("Ana", "text: 1"), replace(page("Ana", "text: 7"), window=2)),
                        paged(page("Ana", "text: 1"), replace(page("Ana", "text: 9"), window=2))),
    "a file's line": (file("a,7"), file("a,9")),
    "a read of a step, a step later": (answered(answer({"n": 7}, caller=STEP, person=""), answer({"n": 8}, caller=STEP, person="", step=2)),
                                       answered(answer({"n": 8}, caller=STEP, person=""), answer({"n": 8}, caller=STEP, person="", step=2))),
    "a name in a container": (paged(page("Ana", 'region "Total 7":', "  - text: a")), paged(page("Ana", 'region "Total 9":', "  - text: a"))),
}
ALIKE: dict[str, tuple[Seen, Seen]] = {
    "headers of every mail": (mailed(headers=(("Message-ID", "a1"),)), mailed(headers=(("Message-ID", "a2"),))),
    "all but the last of equal reads": (answered(answer({"n": 7}), answer({"n": 2})), answered(answer({"n": 1}), answer({"n": 2}))),
    "a page that was loading": (paged(replace(page("Ana", "text: 7"), settled=False)), paged(replace(page("Ana", "text: 9"), settled=False))),
    "no answer": (answered(answer({"n": 7}, status=0)), answered(answer({"n": 9}, status=0))),
}


WELCOME, ORDER = (replace(mail(TO, text, subject=text.split()[0]), received_s=1.0) for text in ("Welcome to 7", "Order of 9"))
ORDER_OF_8 = replace(ORDER, text="Order of 8")
CALLS = [booked({"a": n}, sent={"n": n}).between[0] for n in (1, 2, 3)]


def posted(*mails: Mail) -> Seen:
    return replace(mailed(), mails=mails)


def called(*numbers: int) -> Seen:
    return replace(booked(), between=[CALLS[number - 1] for number in numbers])


def test_mails_and_calls_come_in_any_order() -> None:
    assert found(posted(WELCOME, ORDER), posted(ORDER, WELCOME)) == []
    assert found(called(3, 1, 2), called(1, 2, 3)) == found(called(2, 1, 1), called(1, 1, 2)) == []


def test_one_that_is_another_is_compared_with_the_one_that_is_missing() -> None:
    for now, was, expected in (
            (posted(WELCOME, ORDER_OF_8), posted(ORDER, WELCOME), [("Order of 8", "Order of 9")]),
            (called(3, 1), called(1, 2), [("3", "2")] * 2), (called(2, 2), called(1, 2), [("2", "1")] * 2),
            (called(2), called(1, 2), [("1", "2"), ("2", "1"), ("2", "1")]),
            (called(2, 1, 2), called(1, 2), [("3", "2")])):
        assert sorted((change.now, change.was) for change in found(now, was)) == expected


def by_id(*numbers: int, prices: tuple[int, int] = (12, 20)) -> Seen:
    ids = [f"5f0c1d2e-1111-4222-8333-44445555666{number}" for number in numbers]
    return answered(answer({"items": {id_: {"id": id_, "name": name, "price": price} for id_, name, price
                                      in zip(ids, ("Tea", "Mug"), prices, strict=True)}}))


def test_map_by_generated_ids_is_compared_by_what_it_holds() -> None:
    assert found(by_id(3, 4), by_id(1, 2)) == found(by_id(4, 3), by_id(1, 2)) == []
    assert [(change.kind, change.now, change.was) for change in found(by_id(3, 4, prices=(7, 20)), by_id(1, 2))] == [
        (ChangeKind.ALTERED, "7", "12")]


@pytest.mark.parametrize("name", DIFFERENT)
def test_change_is_a_difference(name: str) -> None:
    now, was = DIFFERENT[name]
    assert found(now, was)


@pytest.mark.parametrize("name", ALIKE)
def test_change_is_none(name: str) -> None:
    assert found(*ALIKE[name]) == []


def test_data_of_the_reader_that_come_back_are_no_others() -> None:
    """A page that shows its own person again is altered, not another's."""
    inputs = [typed("Ana", "Name", "Ana Lopez"), typed("Ben", "Name", "Ben Adams")]
    runs = [seen({ANA: record(*inputs, page("Ana", f"text: {name} pays"))}) for name in ("Ana Lopez", "Ben Adams", "Ben Adams")]
    assert [change.kind for change in found(runs[0], runs[1])] == [ChangeKind.ALTERED]
    assert [change.kind for change in found(runs[1], runs[0])] == [ChangeKind.OTHERS]
