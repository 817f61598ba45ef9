"""payments: the words of the bank."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from travel.payments.tests.conftest import BANK, BOOKINGS, Desk


@pytest.mark.parametrize(("bank_status", "status"), [("AUTHORISED", "authorised"), ("DECLINED", "declined")])
def test_an_answer_moves_the_payment_and_is_told(desk: Desk, bank_status: str, status: str) -> None:
    """bookings learns which booking and which payment."""
    payment = desk.taken()
    assert desk.hear(desk.event(payment, bank_status)).get_json() == {"received": True}
    assert desk.status(payment) == status
    [told] = desk.told_bookings()
    assert told.pop("event_id")
    assert told == {"booking_id": "b-1", "payment_id": payment["id"], "status": status}


def test_a_challenge_is_told_with_its_address(desk: Desk) -> None:
    """And the authorisation after it, in this order, without the address."""
    payment = desk.taken()
    desk.hear(desk.event(payment, "CHALLENGE", challenge_url="http://bank.test/challenge/x"))
    assert desk.client.get(f"/payments/{payment['id']}").get_json()["challenge_url"] == "http://bank.test/challenge/x"
    desk.hear(desk.event(payment, "AUTHORISED"))
    challenge, authorised = desk.told_bookings()
    assert (challenge["status"], challenge["challenge_url"]) == ("challenge", "http://bank.test/challenge/x")
    assert authorised["status"] == "authorised"
    assert "challenge_url" not in authorised


def test_a_repeated_event_is_told_once(desk: Desk) -> None:
    """The bank sends at least once; bookings hears once."""
    payment = desk.taken()
    event = desk.event(payment, "AUTHORISED")
    assert [desk.hear(event).status_code for _ in range(3)] == [200, 200, 200]
    assert len(desk.told_bookings()) == 1


@pytest.mark.parametrize(("first", "late", "status"), [
    ("AUTHORISED", "CHALLENGE", "authorised"), ("AUTHORISED", "DECLINED", "authorised"),
    ("DECLINED", "CHALLENGE", "declined"), ("DECLINED", "REFUNDED", "declined")])
def test_a_word_out_of_order_changes_nothing(desk: Desk, first: str, late: str, status: str) -> None:
    """It is taken, so that the bank stops sending, and ignored."""
    payment = desk.taken()
    desk.hear(desk.event(payment, first))
    assert desk.hear(desk.event(payment, late, challenge_url="http://bank.test/x")).status_code == 200
    assert desk.status(payment) == status
    assert [event["status"] for event in desk.told_bookings()] == [status]


def test_a_webhook_that_overtakes_the_answer_to_the_charge_is_understood(desk: Desk) -> None:
    """The bank may call before its own answer arrived here."""
    desk.neighbours.post(f"{BANK}/v1/charges", body=requests.Timeout("slow"))
    desk.pay()
    desk.neighbours.post(f"{BANK}/v1/charges", json={"charge_id": "ch_1", "status": "PENDING"}, status=202)
    payment = desk.pay().get_json()
    desk.hear(desk.event(payment, "AUTHORISED", charge_id="ch_1"))
    assert desk.status(payment) == "authorised"


@pytest.mark.parametrize("signed", [{"secret": "wrong"}, {"age_s": 301}, {"age_s": -301}])
def test_a_bad_signature_is_refused(desk: Desk, signed: dict[str, Any]) -> None:
    """A wrong secret, too old, from the future: nothing changes."""
    payment = desk.taken()
    answer = desk.hear(desk.event(payment, "AUTHORISED"), **signed)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "bad-signature")
    assert desk.status(payment) == "pending"


@pytest.mark.parametrize("header", ["", "v1=abc", "t=1,v1=", f"t=x,v1={'0' * 64}", f"t=1,v1={'0' * 63}g"])
def test_a_malformed_signature_is_refused(desk: Desk, header: str) -> None:
    """Whatever stands in the header."""
    answer = desk.client.post("/webhooks/bank", json={}, headers={"Bank-Signature": header})
    assert answer.status_code == 401


def test_a_signature_within_the_tolerance_is_taken(desk: Desk) -> None:
    """Clocks differ, and retries take their time."""
    payment = desk.taken()
    assert desk.hear(desk.event(payment, "AUTHORISED"), age_s=290).status_code == 200


def test_an_unknown_payment_is_404_so_that_the_bank_tries_again(desk: Desk) -> None:
    """It may only be known in a moment."""
    answer = desk.hear(desk.event({"reference": "000000000000"}, "AUTHORISED"))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "no-such-payment")


@pytest.mark.parametrize("changed", [{"amount": 1}, {"currency": "GBP"}])
def test_another_amount_than_asked_for_is_not_believed(desk: Desk, changed: dict[str, Any]) -> None:
    """Nothing is confirmed for a part of its price."""
    payment = desk.taken()
    assert desk.hear(desk.event(payment, "AUTHORISED", **changed)).status_code == 409
    assert desk.status(payment) == "pending"


@pytest.mark.parametrize("changed", [{"status": "PAID"}, {"amount": "18900"}, {"event_id": None}, {"charge_id": 1}])
def test_an_unknown_event_is_refused(desk: Desk, changed: dict[str, Any]) -> None:
    """What the bank is not known to send is not guessed at."""
    payment = desk.taken()
    answer = desk.hear(desk.event(payment, "AUTHORISED") | changed)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-event")


def test_bookings_is_told_again_until_it_listens(desk: Desk) -> None:
    """An outage of bookings loses no event, and the event keeps its id."""
    payment = desk.taken()
    desk.hear(desk.event(payment, "AUTHORISED"))
    desk.neighbours.post(f"{BOOKINGS}/payment-events", status=503)
    outbox = desk.client.application.extensions["travel"]["outbox"]
    assert outbox.deliver_next()
    desk.neighbours.replace("POST", f"{BOOKINGS}/payment-events", json={"received": True})
    while not outbox.deliver_next():
        pass  # it is due again after 0.2 s
    first, second = desk.told_bookings()
    assert first == second
