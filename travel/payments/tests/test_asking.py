"""payments: asking the bank for a charge."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from travel.payments.payment_request import Card
from travel.payments.tests.conftest import BANK, CARD, Desk, start


def test_a_payment_is_asked_for(desk: Desk) -> None:
    """It is pending, with a reference for the bank and no more of the card than its brand and end."""
    payment = desk.taken()
    assert re.fullmatch(r"pay_[0-9a-f]{32}", payment["id"])
    assert (payment["status"], payment["booking_id"], payment["amount"]) == ("pending", "b-1", 18900)
    assert payment["card"] == {"brand": "visa", "last4": "1111"}


def test_the_bank_is_asked_in_its_own_words(desk: Desk) -> None:
    """Reference, amount, card, where the cardholder returns to, where the webhook goes, and the key."""
    payment = desk.taken()
    [request] = desk.calls_to_bank("/v1/charges")
    assert json.loads(request.body) == {
        "merchant_reference": payment["reference"], "amount": 18900, "currency": "EUR", "card": CARD,
        "return_url": "http://shop.test/bookings/b-1", "webhook_url": "http://payments.test/webhooks/bank"}
    assert request.headers["Authorization"] == "Bearer key"
    assert request.headers["Idempotency-Key"] == payment["id"]


def test_the_statement_of_the_cardholder_may_have_our_text(tmp_path: Path, desk: Desk) -> None:
    """Where the feature is switched on: our name, and the reference by which we find the payment."""
    desk.client = start(tmp_path / "other.sqlite", statement_text=True)
    payment = desk.taken()
    [request] = desk.calls_to_bank("/v1/charges")
    assert json.loads(request.body)["statement_text"] == f"TRAVEL {payment['reference']}"


def test_the_same_key_gives_the_same_payment_and_one_charge(desk: Desk) -> None:
    """A repeated request is not a second payment."""
    assert desk.taken() == desk.pay().get_json()
    assert len(desk.calls_to_bank("/v1/charges")) == 1


@pytest.mark.parametrize("changed", [{"amount": 1}, {"booking_id": "b-2"}, {"currency": "GBP"},
                                     {"card": {**CARD, "number": "4000000000000002"}}])
def test_a_key_belongs_to_one_payment(desk: Desk, changed: dict[str, Any]) -> None:
    """Another amount, booking, currency or card under the same key is refused."""
    desk.taken()
    answer = desk.pay(**changed)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "idempotency-key-reused")


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_a_payment_needs_a_key(desk: Desk, key: str) -> None:
    """Without one a repeat could charge twice."""
    assert desk.pay(key).status_code == 400


@pytest.mark.parametrize(("changed", "field"), [
    ({"amount": 0}, "amount"), ({"amount": 189.0}, "amount"), ({"amount": True}, "amount"), ({"amount": "1"}, "amount"),
    ({"currency": "CHF"}, "currency"), ({"booking_id": ""}, "booking_id"), ({"return_url": "/bookings"}, "return_url"),
    ({"card": None}, "card"), ({"card": {**CARD, "cvc": ""}}, "card"), ({"card": {**CARD, "pin": "1"}}, "card"),
    ({"colour": "red"}, "colour")])
def test_a_wrong_field_is_named(desk: Desk, changed: dict[str, Any], field: str) -> None:
    """The bank is not asked with what cannot be right."""
    answer = desk.pay(**changed)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]
    assert not desk.neighbours.calls


def test_a_body_that_is_no_object_is_refused(desk: Desk) -> None:
    """A list is no payment."""
    assert desk.client.post("/payments", json=[], headers={"Idempotency-Key": "k"}).status_code == 400


def test_a_refusal_of_the_bank_is_passed_on(desk: Desk) -> None:
    """The payment is declined, the answer of the bank is told, now and when asked again."""
    refusal = {"error": {"code": "E1007", "message": "merchant_reference must be exactly 12 digits"}}
    desk.neighbours.post(f"{BANK}/v1/charges", json=refusal, status=400)
    for answer in (desk.pay(), desk.pay()):
        assert (answer.status_code, answer.get_json()["code"]) == (502, "bank-refused")
        assert answer.get_json()["answer"] == refusal
    assert len(desk.calls_to_bank("/v1/charges")) == 1


@pytest.mark.parametrize("failure", [{"body": requests.ConnectionError("down")}, {"body": requests.Timeout("slow")},
                                     {"status": 500}, {"status": 503}])
def test_a_bank_that_is_away_can_be_asked_again(desk: Desk, failure: dict[str, Any]) -> None:
    """503 at first; the same key then asks with the same reference and the same key of the bank."""
    desk.neighbours.post(f"{BANK}/v1/charges", **failure)
    assert (desk.pay().status_code, desk.pay().status_code) == (503, 503)
    payment = desk.taken()
    requests_sent = desk.calls_to_bank("/v1/charges")
    assert {json.loads(request.body)["merchant_reference"] for request in requests_sent} == {payment["reference"]}
    assert {request.headers["Idempotency-Key"] for request in requests_sent} == {payment["id"]}


def test_an_unknown_payment_is_not_found(desk: Desk) -> None:
    """Nothing is made up."""
    assert desk.client.get("/payments/pay_0").status_code == 404


def test_neither_number_nor_code_of_a_card_is_kept_or_logged(desk: Desk, tmp_path: Path,
                                                             caplog: pytest.LogCaptureFixture) -> None:
    """Not in the database, not in a log line, not in a representation."""
    with caplog.at_level(logging.DEBUG):
        desk.taken(card={**CARD, "cvc": "9876"})
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"pay_" in kept
    assert b"4111111111111111" not in kept
    assert b"9876" not in re.sub(rb"pay_[0-9a-f]{32}|[0-9T:.+-]{20,}", b"", kept)  # ids and times may have it by chance
    assert "4111111111111111" not in caplog.text
    assert repr(Card(**CARD)) == "Card(holder='Ana Silva')"


@pytest.mark.parametrize(("number", "brand"), [("4111111111111111", "visa"), ("5500000000000004", "mastercard"),
                                               ("2221000000000009", "mastercard"), ("340000000000009", "amex"),
                                               ("6011000000000004", "other")])
def test_the_brand_of_a_card(number: str, brand: str) -> None:
    """By the first digits of its number."""
    assert Card(**{**CARD, "number": number}).brand == brand
