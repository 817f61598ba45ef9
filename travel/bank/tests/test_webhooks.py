"""bank: the signed words to the merchant."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from typing import Any

import pytest
import requests
import responses
from jsonschema import Draft202012Validator

from travel.bank.tests.conftest import CONTRACT, WEBHOOK_URL, Merchant
from travel.bank.webhook import WebhookSender, signature
from travel.chassis.contract import Contract


def sent() -> list[dict[str, Any]]:
    return [json.loads(call.request.body or "") for call in responses.calls]


@responses.activate
@pytest.mark.parametrize(("card", "status", "further"), [
    ("4111111111111111", "AUTHORISED", set()), ("4000000000000002", "DECLINED", {"decline_code"}),
    ("4000000000003220", "CHALLENGE", {"challenge_url"})])
def test_each_answer_is_told(merchant: Merchant, card: str, status: str, further: set[str]) -> None:
    """The event names charge, reference, status and amount, and what belongs to its status."""
    responses.post(WEBHOOK_URL, json={})
    charge_id = merchant.charge(card)
    merchant.let_issuers_answer()
    assert merchant.deliver_webhook()
    [event] = sent()
    assert set(event) == {"event_id", "charge_id", "merchant_reference", "status", "amount", "currency"} | further
    assert (event["charge_id"], event["status"], event["amount"]) == (charge_id, status, 18900)
    assert not merchant.deliver_webhook()


@responses.activate
def test_events_are_as_the_contract_says(merchant: Merchant) -> None:
    """Challenge, authorisation and refund match the schema of an event."""
    responses.post(WEBHOOK_URL, json={})
    charge_id = merchant.charge("4000000000003220")
    merchant.let_issuers_answer()
    merchant.client.post(merchant.show(charge_id)["challenge_url"].removeprefix("http://bank.test"),
                         data={"code": "123456"})
    merchant.client.post(f"/v1/charges/{charge_id}/refunds", json={"amount": 18900}, headers={"Idempotency-Key": "r"})
    while merchant.deliver_webhook():
        pass
    document = Contract(CONTRACT).document
    schema = {"$ref": "#/components/schemas/Event", "components": document["components"]}
    assert [event["status"] for event in sent()] == ["CHALLENGE", "AUTHORISED", "REFUNDED"]
    for event in sent():
        Draft202012Validator(schema).validate(event)


@responses.activate
def test_an_event_is_signed(merchant: Merchant) -> None:
    """The signature is the HMAC of the time and the very bytes that were sent."""
    responses.post(WEBHOOK_URL, json={})
    merchant.charge()
    merchant.let_issuers_answer()
    merchant.deliver_webhook()
    request = responses.calls[0].request
    match = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", request.headers["Bank-Signature"])
    assert match is not None
    body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
    assert hmac.new(b"secret", match[1].encode() + b"." + body, hashlib.sha256).hexdigest() == match[2]


@responses.activate
def test_an_event_is_signed_by_the_banks_own_clock() -> None:
    """It is set a minute behind here, as no two clocks are the same."""
    responses.post(WEBHOOK_URL, json={})
    before_s = time.time()
    WebhookSender("secret", 1, clock_offset_s=-60).send({"url": WEBHOOK_URL, "event": {}})
    match = re.match(r"t=(\d+),", responses.calls[0].request.headers["Bank-Signature"])
    assert match is not None and -61 <= int(match[1]) - before_s <= -59


def test_the_signature_of_a_known_body() -> None:
    """A fixed example, computed elsewhere (openssl dgst -sha256 -hmac secret)."""
    assert signature("secret", b"{}", 1700000000) == \
        "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"


@responses.activate
@pytest.mark.parametrize("failure", [{"status": 500}, {"status": 404}, {"status": 302},
                                     {"body": requests.ConnectionError("down")}])
def test_an_event_that_was_not_taken_is_sent_again(merchant: Merchant, failure: dict[str, Any]) -> None:
    """Until a 2xx, with the same id, so that the merchant can tell a repeat."""
    responses.post(WEBHOOK_URL, **failure)
    responses.post(WEBHOOK_URL, json={})
    merchant.charge()
    merchant.let_issuers_answer()
    assert merchant.deliver_webhook()
    assert merchant.deliver_webhook()
    assert not merchant.deliver_webhook()
    first, second = sent()
    assert first == second


@responses.activate
def test_the_bank_gives_up_after_its_retries(merchant: Merchant) -> None:
    """One attempt and two retries, as configured here, and no more."""
    responses.post(WEBHOOK_URL, status=503)
    merchant.charge()
    merchant.let_issuers_answer()
    assert [merchant.deliver_webhook() for _ in range(4)] == [True, True, True, False]


@responses.activate
def test_webhooks_that_were_not_taken_are_counted(merchant: Merchant) -> None:
    """By charge, so that a merchant's tests can see that none was refused."""
    responses.post(WEBHOOK_URL, status=401)
    responses.post(WEBHOOK_URL, body=requests.ConnectionError("down"))
    responses.post(WEBHOOK_URL, json={})
    charge_id = merchant.charge()
    merchant.let_issuers_answer()
    while merchant.deliver_webhook():
        pass
    assert merchant.show(charge_id)["webhook_failures"] == 2
    assert merchant.show(merchant.charge())["webhook_failures"] == 0


@responses.activate
def test_a_noisy_issuer_is_told_twice_and_of_the_past(merchant: Merchant) -> None:
    """The authorisation, the very same again, and then the challenge that came before it."""
    responses.post(WEBHOOK_URL, json={})
    charge_id = merchant.charge("4000000000007007")
    merchant.let_issuers_answer()
    while merchant.deliver_webhook():
        pass
    first, again, late = sent()
    assert first == again
    assert (first["status"], late["status"]) == ("AUTHORISED", "CHALLENGE")
    assert merchant.show(charge_id)["status"] == "AUTHORISED"


@responses.activate
def test_a_given_up_charge_is_told(merchant: Merchant) -> None:
    """VOIDED is an event too."""
    responses.post(WEBHOOK_URL, json={})
    merchant.client.post(f"/v1/charges/{merchant.charge('4000000000009995')}/void")
    merchant.deliver_webhook()
    assert [event["status"] for event in sent()] == ["VOIDED"]
