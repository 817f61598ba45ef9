"""bookings: what becomes of a booking."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from travel.bookings.tests.conftest import GDS, NOTIFICATIONS, PAYMENT_ID, PAYMENTS, Traveller

RELEASE = ("DELETE", f"{GDS}/pnrs/K7PQ2M")
TICKET = ("POST", f"{GDS}/pnrs/K7PQ2M/ticket")
REFUND = ("POST", f"{PAYMENTS}/payments/{PAYMENT_ID}/refund")
VOID = ("POST", f"{PAYMENTS}/payments/{PAYMENT_ID}/void")


def test_a_paid_booking_is_ticketed_and_confirmed(traveller: Traveller) -> None:
    """And a mail is asked for, with the booking as it stands, to the contact of the booking."""
    booking_id = traveller.booked()
    assert traveller.hear(booking_id, "authorised").get_json() == {"received": True}
    traveller.deliver()
    booking = traveller.show(booking_id)
    assert (booking["status"], booking["payment"]["status"]) == ("confirmed", "authorised")
    assert len(traveller.sent(*TICKET)) == 1
    [event] = traveller.sent("POST", f"{NOTIFICATIONS}/events")
    assert event.pop("event_id")
    assert event == {"type": "booking-confirmed", "booking": booking, "to": "ana@example.com"}
    assert not traveller.sent(*RELEASE)


def test_a_declined_payment_declines_the_booking(traveller: Traveller) -> None:
    """The seat is free again, and a mail says so."""
    booking_id = traveller.booked()
    traveller.hear(booking_id, "declined")
    traveller.deliver()
    assert traveller.show(booking_id)["status"] == "declined"
    assert (len(traveller.sent(*RELEASE)), traveller.mails()) == (1, ["payment-declined"])
    assert not traveller.sent(*TICKET)


@pytest.mark.parametrize(("answer", "status"), [("authorised", "confirmed"), ("declined", "declined")])
def test_a_challenge_leads_to_its_answer(traveller: Traveller, answer: str, status: str) -> None:
    """While it lasts the booking tells where; afterwards no more."""
    booking_id = traveller.booked()
    traveller.hear(booking_id, "challenge", challenge_url="http://bank.test/challenge/x")
    booking = traveller.show(booking_id)
    assert (booking["status"], booking["challenge_url"]) == ("challenge", "http://bank.test/challenge/x")
    traveller.hear(booking_id, answer)
    booking = traveller.show(booking_id)
    assert (booking["status"], booking["challenge_url"]) == (status, None)


def test_a_repeated_event_changes_nothing(traveller: Traveller) -> None:
    """payments sends at least once; one ticket, one mail."""
    booking_id = traveller.booked()
    for _ in range(3):
        assert traveller.hear(booking_id, "authorised", event_id="same").status_code == 200
    traveller.deliver()
    assert (len(traveller.sent(*TICKET)), traveller.mails()) == (1, ["booking-confirmed"])


def test_a_late_word_does_not_undo_a_confirmation(traveller: Traveller) -> None:
    """Neither a decline nor a challenge after the ticket."""
    booking_id = traveller.confirmed()
    traveller.hear(booking_id, "declined")
    traveller.hear(booking_id, "challenge", challenge_url="http://bank.test/challenge/x")
    traveller.deliver()
    assert traveller.show(booking_id)["status"] == "confirmed"
    assert not traveller.sent(*RELEASE)


@pytest.mark.parametrize(("failure", "status"), [({"body": requests.ConnectionError("down")}, 503),
                                                 ({"status": 500, "json": {}}, 502)])
def test_while_gds_is_away_nothing_is_confirmed(traveller: Traveller, failure: dict[str, Any], status: int) -> None:
    """payments is told to come again, and then the very same event confirms."""
    booking_id = traveller.booked()
    traveller.neighbours.replace(*TICKET, **failure)
    assert traveller.hear(booking_id, "authorised", event_id="same").status_code == status
    assert traveller.show(booking_id)["status"] == "pending"
    traveller.neighbours.replace(*TICKET, json={"status": "TICKETED"})
    assert traveller.hear(booking_id, "authorised", event_id="same").status_code == 200
    assert traveller.show(booking_id)["status"] == "confirmed"


def test_a_seat_that_cannot_be_ticketed_gives_the_money_back(traveller: Traveller) -> None:
    """gds has cancelled the record in the meantime."""
    booking_id = traveller.booked()
    traveller.neighbours.replace(*TICKET, status=409, json={"error": {"code": "PN02", "message": "RECORD CANCELLED"}})
    traveller.hear(booking_id, "authorised")
    traveller.deliver()
    booking = traveller.show(booking_id)
    assert (booking["status"], booking["refund"]["status"]) == ("cancelled", "pending")
    assert (len(traveller.sent(*REFUND)), traveller.mails()) == (1, ["booking-cancelled"])


@pytest.mark.parametrize("event", [{"status": "paid"}, {"event_id": None}, {"payment_id": 1}, {"status": "challenge"}])
def test_an_unknown_event_is_refused(traveller: Traveller, event: dict[str, Any]) -> None:
    """An unknown status, a missing id, a challenge without its address."""
    known = {"event_id": "e", "booking_id": traveller.booked(), "payment_id": PAYMENT_ID, "status": "authorised"}
    assert traveller.client.post("/payment-events", json=known | event).status_code == 422


def test_an_event_for_an_unknown_booking_is_not_found(traveller: Traveller) -> None:
    """Nothing is made up."""
    assert traveller.hear("nowhere", "authorised").status_code == 404


def test_an_unpaid_booking_expires(hurried: Traveller) -> None:
    """The payment is given up, the seat is free again, a mail says so; once."""
    booking_id = hurried.booked()
    hurried.expire()
    hurried.expire()
    hurried.deliver()
    assert hurried.show(booking_id)["status"] == "expired"
    assert (len(hurried.sent(*VOID)), len(hurried.sent(*RELEASE)), hurried.mails()) == (1, 1, ["booking-expired"])


def test_an_unanswered_challenge_expires(hurried: Traveller) -> None:
    """And its address is shown no more."""
    booking_id = hurried.booked()
    hurried.hear(booking_id, "challenge", challenge_url="http://bank.test/challenge/x")
    hurried.expire()
    booking = hurried.show(booking_id)
    assert (booking["status"], booking["challenge_url"]) == ("expired", None)


def test_a_booking_within_its_time_does_not_expire(traveller: Traveller) -> None:
    """Nor does one that is settled."""
    pending, confirmed = traveller.booked("key-1"), traveller.confirmed("key-2")
    traveller.expire()
    assert [traveller.show(booking_id)["status"] for booking_id in (pending, confirmed)] == ["pending", "confirmed"]


def test_a_challenge_prolongs_the_time(hurried: Traveller, traveller: Traveller) -> None:
    """The cardholder has longer than the bank: here the bank's time is over and the cardholder's is not."""
    booking_id = hurried.booked()
    traveller.hear(booking_id, "challenge", challenge_url="http://bank.test/challenge/x")
    hurried.expire()
    assert hurried.show(booking_id)["status"] == "challenge"


def test_money_that_comes_after_the_expiry_is_paid_back(hurried: Traveller) -> None:
    """The booking stays expired and shows its refund, until it is refunded."""
    booking_id = hurried.booked()
    hurried.expire()
    hurried.hear(booking_id, "authorised")
    hurried.deliver()
    booking = hurried.show(booking_id)
    assert (booking["status"], booking["refund"]["status"]) == ("expired", "pending")
    assert (len(hurried.sent(*REFUND)), len(hurried.sent(*TICKET))) == (1, 0)
    hurried.hear(booking_id, "refunded")
    assert hurried.show(booking_id)["refund"] == {"status": "refunded", "amount": 18900, "currency": "EUR"}


def test_money_for_a_payment_whose_answer_was_lost_is_paid_back(traveller: Traveller) -> None:
    """payments was given up on, but had taken the request."""
    traveller.neighbours.replace("POST", f"{PAYMENTS}/payments", body=requests.Timeout("slow"))
    traveller.book()
    booking_id = traveller.newest()["id"]
    traveller.hear(booking_id, "authorised")
    traveller.deliver()
    assert traveller.show(booking_id)["status"] == "declined"
    assert len(traveller.sent(*REFUND)) == 1


def test_a_confirmed_booking_can_be_cancelled(traveller: Traveller) -> None:
    """Seat free, money back, mail sent; again changes nothing."""
    booking_id = traveller.confirmed()
    answers = [traveller.cancel(booking_id) for _ in range(2)]
    traveller.deliver()
    for answer in answers:
        assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
        assert answer.get_json()["refund"] == {"status": "pending", "amount": 18900, "currency": "EUR"}
    assert (len(traveller.sent(*RELEASE)), len(traveller.sent(*REFUND))) == (1, 1)
    assert traveller.mails() == ["booking-confirmed", "booking-cancelled"]


def test_only_what_is_confirmed_can_be_cancelled(traveller: Traveller) -> None:
    """A pending and a declined booking cannot."""
    booking_id = traveller.booked()
    assert traveller.cancel(booking_id).get_json()["code"] == "not-cancellable"
    traveller.hear(booking_id, "declined")
    assert traveller.cancel(booking_id).status_code == 409


def test_nobody_cancels_another_customer_s_booking(traveller: Traveller) -> None:
    """It is answered as if it did not exist."""
    booking_id = traveller.confirmed()
    assert traveller.cancel(booking_id, customer="bo").status_code == 404
    assert traveller.show(booking_id)["status"] == "confirmed"


def test_mails_of_a_booking_keep_their_order_through_an_outage(traveller: Traveller) -> None:
    """The confirmation that could not be delivered goes before the cancellation."""
    traveller.neighbours.replace("POST", f"{NOTIFICATIONS}/events", status=503)
    booking_id = traveller.confirmed()
    traveller.deliver()
    traveller.cancel(booking_id)
    traveller.neighbours.replace("POST", f"{NOTIFICATIONS}/events", json={}, status=202)
    while len(traveller.mails()) < 3:
        traveller.deliver()  # it is due again after 0.2 s
    assert traveller.mails() == ["booking-confirmed", "booking-confirmed", "booking-cancelled"]
