"""bank: what is taken as a charge, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from travel.bank.charge_request import passes_luhn, read_charge_request
from travel.bank.errors import BankError
from travel.bank.tests.conftest import Merchant


def test_a_right_request_is_taken(merchant: Merchant) -> None:
    """It is pending until the issuer answers."""
    answer = merchant.ask(merchant.request())
    assert (answer.status_code, answer.get_json()["status"]) == (202, "PENDING")
    assert re.fullmatch(r"ch_[0-9a-f]{32}", answer.get_json()["charge_id"])


@pytest.mark.parametrize("reference", ["12345678901", "1234567890123", "12345678901a", "PAY123456789", " 12345678901",
                                       "123456789012\n", "१२३४५६७८९०१२", 123456789012, None, ""])
def test_a_merchant_reference_is_exactly_12_digits(merchant: Merchant, reference: Any) -> None:
    """Any other form is refused in the bank's own words."""
    answer = merchant.ask(merchant.request(merchant_reference=reference))
    assert answer.status_code == 400
    assert answer.get_json() == {"error": {"code": "E1007", "message": "merchant_reference must be exactly 12 digits"}}


@pytest.mark.parametrize(("changed", "code"), [
    ({"amount": 0}, "E1005"), ({"amount": -1}, "E1005"), ({"amount": 189.0}, "E1005"), ({"amount": "18900"}, "E1005"),
    ({"amount": True}, "E1005"), ({"amount": 100_000_000}, "E1005"),
    ({"currency": "eur"}, "E1006"), ({"currency": "CHF"}, "E1006"), ({"currency": None}, "E1006"),
    ({"return_url": "/bookings/1"}, "E1009"), ({"webhook_url": "ftp://x"}, "E1009"), ({"webhook_url": 1}, "E1009"),
    ({"colour": "red"}, "E1000"), ({"card": "4111111111111111"}, "E1000")])
def test_a_wrong_field_is_refused(merchant: Merchant, changed: dict[str, Any], code: str) -> None:
    """Amounts are whole minor units, currencies known, URLs absolute, further fields unknown."""
    answer = merchant.ask(merchant.request(**changed))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("field", ["merchant_reference", "amount", "currency", "card", "return_url", "webhook_url"])
def test_a_missing_field_is_refused(merchant: Merchant, field: str) -> None:
    """Every field is needed, and the message names the one that is not there."""
    body = merchant.request()
    del body[field]
    answer = merchant.ask(body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "E1000")
    assert field in answer.get_json()["error"]["message"]


@pytest.mark.parametrize(("changed", "code"), [
    ({"number": "4111111111111112"}, "E1001"), ({"number": "4111 1111 1111 1111"}, "E1001"), ({"number": ""}, "E1001"),
    ({"number": 4111111111111111}, "E1001"),
    ({"expiry": "13/30"}, "E1002"), ({"expiry": "1/30"}, "E1002"), ({"expiry": "2030-12"}, "E1002"),
    ({"expiry": "01/20"}, "E1002"),
    ({"cvc": "12"}, "E1003"), ({"cvc": "12345"}, "E1003"), ({"cvc": 123}, "E1003"),
    ({"holder": " Ana"}, "E1004"), ({"holder": "Ana "}, "E1004"), ({"holder": "A"}, "E1004"),
    ({"holder": "A" * 61}, "E1004"), ({"holder": "Ana\tSilva"}, "E1004"), ({"holder": None}, "E1004"),
    ({"brand": "visa"}, "E1000")])
def test_a_wrong_card_is_refused(merchant: Merchant, changed: dict[str, Any], code: str) -> None:
    """The card is checked for its form before its issuer is asked."""
    body = merchant.request()
    body["card"] |= changed
    answer = merchant.ask(body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(("today", "taken"), [(date(2030, 12, 31), True), (date(2031, 1, 1), False)])
def test_a_card_is_good_to_the_end_of_its_month(merchant: Merchant, today: date, taken: bool) -> None:
    """12/30 is good on the last day of December 2030 and not on the next."""
    body = merchant.request()
    body["card"]["expiry"] = "12/30"
    if taken:
        assert read_charge_request(body, today).card.expiry == "12/30"
    else:
        with pytest.raises(BankError, match="in the past"):
            read_charge_request(body, today)


@pytest.mark.parametrize(("number", "passes"), [("4111111111111111", True), ("4000000000000341", True),
                                                ("79927398713", True), ("79927398710", False)])
def test_the_check_digit(number: str, passes: bool) -> None:
    """Known examples of the Luhn rule."""
    assert passes_luhn(number) is passes


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_a_charge_needs_an_idempotency_key(merchant: Merchant, key: str) -> None:
    """Without one a repeat could charge twice (E1010)."""
    answer = merchant.ask(merchant.request(), key=key)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "E1010")


def test_a_repeated_request_makes_no_second_charge(merchant: Merchant) -> None:
    """The same key and request give the same charge, even after the issuer has answered."""
    body = merchant.request()
    first = merchant.ask(body)
    merchant.let_issuers_answer()
    assert merchant.ask(body).get_json() == first.get_json()
    assert len(merchant.client.get("/sandbox/charges?holder=Ana+Silva").get_json()["charges"]) == 1


@pytest.mark.parametrize("changed", [{"amount": 1}, {"card": {"number": "4111111111111111", "expiry": "12/99",
                                                              "cvc": "999", "holder": "Ana Silva"}}])
def test_a_key_belongs_to_one_request(merchant: Merchant, changed: dict[str, Any]) -> None:
    """Another amount or another card under the same key is refused (E2001)."""
    body = merchant.request()
    merchant.ask(body)
    answer = merchant.ask({**body, **changed})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "E2001")


def test_a_merchant_reference_is_used_once(merchant: Merchant) -> None:
    """Another charge under the same reference is refused (E1008)."""
    merchant.ask(merchant.request(merchant_reference="000000000042"))
    answer = merchant.ask(merchant.request(merchant_reference="000000000042"))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "E1008")


def test_a_body_that_is_not_json_is_refused(client: FlaskClient) -> None:
    """Text is no charge request."""
    answer = client.post("/v1/charges", data="amount=1", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "E1000")


@pytest.mark.parametrize("header", ["", "Bearer wrong", "key", "Basic key"])
def test_a_wrong_key_is_refused(merchant: Merchant, header: str) -> None:
    """Charges are taken from known merchants alone (E4001)."""
    answer = merchant.client.post("/v1/charges", json=merchant.request(),
                                  headers={"Idempotency-Key": "k", "Authorization": header})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "E4001")


def test_no_card_number_is_kept(merchant: Merchant, tmp_path: Path) -> None:
    """Neither the database nor its log holds the number."""
    merchant.charge("4000000000000341")
    files = list(tmp_path.iterdir())
    assert files
    assert not any(b"4000000000000341" in file.read_bytes() for file in files)
