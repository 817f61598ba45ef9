"""bank: what becomes of a charge."""

from __future__ import annotations

import time

import pytest

from travel.bank.tests.conftest import Merchant


@pytest.mark.parametrize(("card", "status", "decline_code"), [
    ("4111111111111111", "AUTHORISED", None), ("4000000000000002", "DECLINED", "05"),
    ("4000000000003220", "CHALLENGE", None), ("4242424242424242", "DECLINED", "14"),
    ("4000000000002008", "AUTHORISED", None), ("4000000000007007", "AUTHORISED", None),
    ("4000000000009995", "PENDING", None), ("4000000000000341", "PENDING", None)])
def test_each_test_card_has_its_answer(merchant: Merchant, card: str, status: str, decline_code: str | None) -> None:
    """Approved, declined, challenged, unknown, never answered, and late (not yet answered)."""
    charge_id = merchant.charge(card)
    assert merchant.show(charge_id)["status"] == "PENDING"
    merchant.let_issuers_answer()
    charge = merchant.show(charge_id)
    assert (charge["status"], charge["decline_code"]) == (status, decline_code)


def test_a_charge_shows_no_more_of_the_card_than_its_end(merchant: Merchant) -> None:
    """The last four digits are all."""
    charge = merchant.show(merchant.charge("4000000000003220"))
    assert charge["card_last4"] == "3220"
    assert "4000000000003220" not in str(charge)


def test_a_refund_pays_back_once(merchant: Merchant) -> None:
    """The same key gives the same refund; all paid back means REFUNDED."""
    charge_id = merchant.charge()
    merchant.let_issuers_answer()
    answers = [merchant.client.post(f"/v1/charges/{charge_id}/refunds", json={"amount": 18900},
                                    headers={"Idempotency-Key": "r"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].get_json() == answers[1].get_json()
    charge = merchant.show(charge_id)
    assert (charge["status"], charge["refunded_amount"]) == ("REFUNDED", 18900)


def test_a_part_can_be_paid_back(merchant: Merchant) -> None:
    """The charge stays authorised until all is paid back, and no more than all."""
    charge_id = merchant.charge()
    merchant.let_issuers_answer()

    def refund(amount: int, key: str) -> int:
        return merchant.client.post(f"/v1/charges/{charge_id}/refunds", json={"amount": amount},
                                    headers={"Idempotency-Key": key}).status_code

    assert refund(900, "a") == 202
    assert merchant.show(charge_id)["status"] == "AUTHORISED"
    assert refund(18001, "b") == 409
    assert refund(18000, "c") == 202
    assert merchant.show(charge_id)["status"] == "REFUNDED"


@pytest.mark.parametrize(("body", "key", "status", "code"), [
    ({"amount": 1}, "", 400, "E1010"), ({"amount": 0}, "k", 400, "E1005"), ({}, "k", 400, "E1000"),
    ({"amount": 1, "why": "x"}, "k", 400, "E1000"), ({"amount": 1}, "k", 409, "E3001")])
def test_a_wrong_refund_is_refused(merchant: Merchant, body: dict[str, int], key: str, status: int, code: str) -> None:
    """A key, a whole amount, nothing else; and a charge that is not authorised has nothing to pay back."""
    answer = merchant.client.post(f"/v1/charges/{merchant.charge()}/refunds", json=body,
                                  headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_a_refund_key_belongs_to_one_refund(merchant: Merchant) -> None:
    """Another amount under the same key is refused (E2001)."""
    charge_id = merchant.charge()
    merchant.let_issuers_answer()
    path, headers = f"/v1/charges/{charge_id}/refunds", {"Idempotency-Key": "r"}
    merchant.client.post(path, json={"amount": 1}, headers=headers)
    answer = merchant.client.post(path, json={"amount": 2}, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "E2001")


@pytest.mark.parametrize("card", ["4111111111111111", "4000000000003220", "4000000000009995"])
def test_a_charge_can_be_given_up(merchant: Merchant, card: str) -> None:
    """Whether authorised, challenged or never answered; again is harmless."""
    charge_id = merchant.charge(card)
    merchant.let_issuers_answer()
    answers = [merchant.client.post(f"/v1/charges/{charge_id}/void") for _ in range(2)]
    assert [(answer.status_code, answer.get_json()["status"]) for answer in answers] == [(200, "VOIDED")] * 2


def test_the_issuer_does_not_answer_a_charge_that_was_given_up(merchant: Merchant) -> None:
    """A void before the answer stands."""
    charge_id = merchant.charge()
    merchant.client.post(f"/v1/charges/{charge_id}/void")
    merchant.let_issuers_answer()
    assert merchant.show(charge_id)["status"] == "VOIDED"


def test_a_declined_charge_cannot_be_given_up(merchant: Merchant) -> None:
    """There is nothing to give up (E3001)."""
    charge_id = merchant.charge("4000000000000002")
    merchant.let_issuers_answer()
    answer = merchant.client.post(f"/v1/charges/{charge_id}/void")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "E3001")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/charges/ch_0"), ("POST", "/v1/charges/ch_0/void")])
def test_an_unknown_charge_is_not_found(merchant: Merchant, method: str, path: str) -> None:
    """Nothing is made up (E4004)."""
    answer = merchant.client.open(path, method=method)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "E4004")


def test_tests_can_count_the_charges_of_a_holder(merchant: Merchant) -> None:
    """The sandbox lists a holder's charges, oldest first, and nobody else's, without a key."""
    ids = [merchant.charge(), merchant.charge("4000000000000002")]
    card = {"number": "4111111111111111", "expiry": "12/99", "cvc": "123", "holder": "Bo Li"}
    merchant.charge(card=card)
    answer = merchant.client.get("/sandbox/charges?holder=Ana+Silva", headers={"Authorization": ""})
    assert [charge["charge_id"] for charge in answer.get_json()["charges"]] == ids


def test_a_charge_may_be_taken_slowly(merchant: Merchant) -> None:
    """Who asks again meanwhile is answered at once, with the same charge."""
    body = merchant.request("4000000000002008")
    answers, took_s = [], []
    for _ in range(2):
        start = time.monotonic()
        answers.append(merchant.ask(body).get_json())
        took_s.append(time.monotonic() - start)
    assert answers[0] == answers[1]
    assert took_s[0] > 0.2 > took_s[1]
