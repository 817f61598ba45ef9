"""payments: refunds and voids."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from travel.payments.tests.conftest import BANK, Desk

WRONG_STATE = {"error": {"code": "E3001", "message": "a DECLINED charge cannot be voided"}}


def refund(desk: Desk, payment: dict[str, Any]) -> Any:
    return desk.client.post(f"/payments/{payment['id']}/refund")


def void(desk: Desk, payment: dict[str, Any]) -> Any:
    return desk.client.post(f"/payments/{payment['id']}/void")


@pytest.fixture
def authorised(desk: Desk) -> dict[str, Any]:
    payment = desk.taken()
    desk.hear(desk.event(payment, "AUTHORISED"))
    return payment


def test_a_refund_is_asked_for_and_told_once_the_bank_has_paid(desk: Desk, authorised: dict[str, Any]) -> None:
    """The whole amount, under a key of this payment; `refunded` comes with the bank's word."""
    desk.neighbours.post(f"{BANK}/v1/charges/ch_1/refunds", json={"refund_id": "re_1"}, status=202)
    assert refund(desk, authorised).status_code == 202
    [request] = desk.calls_to_bank("/v1/charges/ch_1/refunds")
    assert json.loads(request.body) == {"amount": 18900}
    assert request.headers["Idempotency-Key"] == f"{authorised['id']}-refund"
    assert desk.status(authorised) == "authorised"
    desk.hear(desk.event(authorised, "REFUNDED"))
    assert desk.status(authorised) == "refunded"
    assert [event["status"] for event in desk.told_bookings()] == ["authorised", "refunded"]


def test_a_repeated_refund_keeps_its_key_and_ends_with_the_first(desk: Desk, authorised: dict[str, Any]) -> None:
    """The bank sees one refund; once it is paid back, it is not asked again."""
    desk.neighbours.post(f"{BANK}/v1/charges/ch_1/refunds", json={"refund_id": "re_1"}, status=202)
    refund(desk, authorised)
    refund(desk, authorised)
    sent = desk.calls_to_bank("/v1/charges/ch_1/refunds")
    assert len({request.headers["Idempotency-Key"] for request in sent}) == 1
    desk.hear(desk.event(authorised, "REFUNDED"))
    assert refund(desk, authorised).get_json()["status"] == "refunded"
    assert len(desk.calls_to_bank("/v1/charges/ch_1/refunds")) == len(sent)


@pytest.mark.parametrize("bank_status", [None, "DECLINED"])
def test_what_was_not_paid_is_not_paid_back(desk: Desk, bank_status: str | None) -> None:
    """A pending or declined payment has nothing to give back."""
    payment = desk.taken()
    if bank_status:
        desk.hear(desk.event(payment, bank_status))
    answer = refund(desk, payment)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not-refundable")


@pytest.mark.parametrize("bank_status", [None, "CHALLENGE", "AUTHORISED"])
def test_a_payment_is_given_up(desk: Desk, bank_status: str | None) -> None:
    """Pending, challenged or authorised: it is voided at the bank, once."""
    payment = desk.taken()
    if bank_status:
        desk.hear(desk.event(payment, bank_status, challenge_url="http://bank.test/x"))
    desk.neighbours.post(f"{BANK}/v1/charges/ch_1/void", json={"status": "VOIDED"})
    assert [void(desk, payment).get_json()["status"] for _ in range(2)] == ["voided", "voided"]
    assert len(desk.calls_to_bank("/v1/charges/ch_1/void")) == 1


def test_a_declined_payment_has_nothing_to_give_up(desk: Desk) -> None:
    """It stays declined, and the bank is not asked."""
    payment = desk.taken()
    desk.hear(desk.event(payment, "DECLINED"))
    assert (void(desk, payment).status_code, desk.status(payment)) == (200, "declined")
    assert not desk.calls_to_bank("/v1/charges/ch_1/void")


def test_a_charge_that_the_bank_has_just_declined_is_left_to_its_webhook(desk: Desk) -> None:
    """The bank refuses the void; its word is on the way."""
    payment = desk.taken()
    desk.neighbours.post(f"{BANK}/v1/charges/ch_1/void", json=WRONG_STATE, status=409)
    assert void(desk, payment).get_json()["status"] == "pending"


def test_while_the_bank_is_away_nothing_is_given_up(desk: Desk) -> None:
    """503: who asked may ask again."""
    payment = desk.taken()
    desk.neighbours.post(f"{BANK}/v1/charges/ch_1/void", body=requests.ConnectionError("down"))
    assert void(desk, payment).status_code == 503
    assert desk.status(payment) == "pending"


def test_money_for_a_payment_that_was_given_up_is_given_back(desk: Desk) -> None:
    """The bank took the charge although its answer was lost: its authorisation is voided, bookings hears nothing."""
    desk.neighbours.post(f"{BANK}/v1/charges", body=requests.Timeout("slow"))
    desk.pay()
    reference = json.loads(desk.calls_to_bank("/v1/charges")[0].body)["merchant_reference"]
    payment = {"id": desk.calls_to_bank("/v1/charges")[0].headers["Idempotency-Key"], "reference": reference}
    assert void(desk, payment).get_json()["status"] == "voided"
    desk.neighbours.post(f"{BANK}/v1/charges/ch_9/void", json={"status": "VOIDED"})
    desk.hear(desk.event(payment, "AUTHORISED", charge_id="ch_9"))
    assert desk.told_bookings() == []
    assert len(desk.calls_to_bank("/v1/charges/ch_9/void")) == 1


def test_a_refusal_of_a_refund_is_passed_on(desk: Desk, authorised: dict[str, Any]) -> None:
    """What the bank does not do is not called done."""
    desk.neighbours.post(f"{BANK}/v1/charges/ch_1/refunds", json=WRONG_STATE, status=409)
    answer = refund(desk, authorised)
    assert (answer.status_code, answer.get_json()["answer"]) == (502, WRONG_STATE)


@pytest.mark.parametrize("action", ["refund", "void"])
def test_an_unknown_payment_is_not_found(desk: Desk, action: str) -> None:
    """Nothing is made up."""
    assert desk.client.post(f"/payments/pay_0/{action}").status_code == 404
