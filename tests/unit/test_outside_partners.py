"""What partners get and answer: lists of records have no order for them, and their references are values with a name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gonogo.model.exchange import Exchange
from gonogo.model.outside import ChangeKind, OutsideChange
from gonogo.outside import compare_outside
from gonogo.traffic.http.endpoints import Endpoints
from tests.recorded import exchange, record, seen

ANA = "Ana travels"
IDA, BO = {"name": "Ida", "seat": "1A"}, {"name": "Bo", "seat": "1B"}


def asks(sent: object, answer: object = None, path: str = "/records", **more: object) -> Exchange:
    return exchange(path, answer, of=ANA, method="POST", sent=sent, caller="shop", callee="bank", person="", **more)


def found(*runs: Sequence[Exchange]) -> list[OutsideChange]:
    """The differences between the last run and those of the same images before it."""
    baseline = None
    for number, calls in enumerate(runs, 1):
        evidence, baseline = compare_outside(seen({ANA: record()}, between=calls), Endpoints(), baseline,
                                             same_images=number < len(runs))
    return list(evidence.changes)


def kinds(now: Exchange, was: Exchange) -> list[tuple[ChangeKind, str]]:
    return [(change.kind, change.where) for change in found([was], [was], [was], [now])]


def test_records_with_each_others_members_are_another_thing() -> None:
    swapped = asks({"passengers": [{**IDA, "seat": "1B"}, {**BO, "seat": "1A"}]})
    assert ChangeKind.REORDERED in {kind for kind, _ in kinds(swapped, asks({"passengers": [IDA, BO]}))}


def test_record_that_is_missing_is_lost() -> None:
    assert ChangeKind.LOST in {kind for kind, _ in kinds(asks({"passengers": [IDA]}), asks({"passengers": [IDA, BO]}))}


def test_another_amount_is_altered() -> None:
    assert kinds(asks({"amount": 7}), asks({"amount": 9})) == [(ChangeKind.ALTERED, "request.amount")]


def test_records_in_another_order_are_in_another_order() -> None:
    assert kinds(asks({"passengers": [BO, IDA]}), asks({"passengers": [IDA, BO]})) == [
        (ChangeKind.ORDER, "request.passengers[].name")]


def test_records_that_tell_more_keep_their_order() -> None:
    """A new member of each is new, and nothing else has changed."""
    more = asks({"passengers": [{**IDA, "aisle": True}, {**BO, "aisle": False}]})
    assert {kind for kind, _ in kinds(more, asks({"passengers": [IDA, BO]}))} == {ChangeKind.ADDED}


@pytest.mark.parametrize(("now", "was"), [
    (asks({"card": "***card:2049"}), asks({"card": "***card:6091"})),
    (asks({}, sent_headers=[("Authorization", "Bearer ***token:2049")]),
     asks({}, sent_headers=[("Authorization", "Bearer ***token:6091")])),
    (asks({}, sent_headers=[("Idempotency-Key", "pay-AB12CD")]), asks({}, sent_headers=[("Idempotency-Key", "2-again")]))],
    ids=["a mask of the tap in a body", "in a header", "a key of idempotency"])
def test_what_tells_nothing_is_no_difference(now: Exchange, was: Exchange) -> None:
    assert kinds(now, was) == []


def journey(locator: str) -> list[Exchange]:
    return [asks({"flight": "one"}, {"locator": locator, "state": "HELD"}),
            asks({"record": locator}, path=f"/records/{locator}/ticket", step=2)]


def test_reference_of_a_partner_keeps_its_name() -> None:
    """A locator of letters looks like a word: that it varies is learnt from the first two runs."""
    assert found(journey("RFRNPP"), journey("LLYWTV"), journey("QXBZKD"), journey("VWURSE")) == []


def test_reference_that_the_partner_did_not_give_is_no_substitute() -> None:
    wrong = [journey("VWURSE")[0], asks({"record": "RFRNPP"}, path="/records/VWURSE/ticket", step=2)]
    assert [(change.kind, change.where, change.was) for change in found(
        journey("RFRNPP"), journey("LLYWTV"), journey("QXBZKD"), wrong)] == [
        (ChangeKind.LOST, "request.record", "‹POST /records: locator›")]
