"""notifications: which events are accepted, what is written, and that it arrives once."""

from __future__ import annotations

import copy
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from travel.chassis import NeighbourUnreachable, Settings
from travel.chassis.contract import Contract
from travel.notifications.app import create_app
from travel.notifications.events import InvalidEvent, parse_event
from travel.notifications.mail import compose, format_local_time, format_money
from travel.notifications.post import PostOffice

EVENT: dict[str, Any] = {
    "event_id": "e1",
    "type": "booking-confirmed",
    "to": "ana@example.com",
    "booking": {
        "id": "0b6a5a3c-0f0f-4a3e-9a51-2f5a3f6c1d11",
        "locator": "K7PQ2M",
        "flight": {"number": "GN0123", "from": "LHR", "to": "NRT", "departure": "2027-01-15T21:40:00+00:00",
                   "arrival": "2027-01-16T18:25:00+09:00"},
        "passengers": [{"given_name": "Ana María", "family_name": "O'Brien", "seat": "1A"},
                       {"given_name": "Łukasz", "family_name": "<Müller>", "seat": "1B"}],
        "price": {"amount": 118905, "currency": "EUR"},
        "refund": None,
    },
}


class Outgoing:
    """Stands for the mail server: keeps what is sent, or fails as it is told to."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.failures: list[Exception] = []

    def send(self, message: EmailMessage) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)


@pytest.fixture
def outgoing(monkeypatch: pytest.MonkeyPatch) -> Outgoing:
    outgoing = Outgoing()
    monkeypatch.setattr(PostOffice, "send", outgoing.send)
    return outgoing


@pytest.fixture
def app(tmp_path: Path, outgoing: Outgoing) -> Flask:
    values = {"database": str(tmp_path / "notifications.sqlite"), "public_url": "http://travel.test",
              "mailbox_url": "http://mailbox.test", "smtp_host": "mailbox.test", "smtp_port": 25,
              "smtp_timeout_s": 1, "sender": "Travel <bookings@travel.example>", "workers": False}
    app = create_app(Settings("notifications", values))
    Contract(Path(__file__).parents[1] / "openapi.yml").watch(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def deliver(app: Flask) -> None:
    while app.extensions["travel"]["outbox"].deliver_next():
        pass


def event(path: str = "", value: Any = None, **changed: Any) -> dict[str, Any]:
    """EVENT with some members changed; `path` reaches into it, and None takes the member away."""
    document = copy.deepcopy({**EVENT, **changed})
    *parents, last = path.split(".")
    target = document
    for parent in parents:
        target = target[int(parent)] if isinstance(target, list) else target[parent]
    if path:
        target[last] = value
    return document


def bodies_of(message: EmailMessage) -> list[str]:
    parts = [message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")]
    return [part.get_content() for part in parts if part is not None]


def test_an_event_becomes_a_mail(client: FlaskClient, app: Flask, outgoing: Outgoing) -> None:
    """An accepted event is answered at once; its mail goes to the address that it names."""
    answer = client.post("/events", json=EVENT)
    deliver(app)

    assert (answer.status_code, answer.json) == (202, {"event_id": "e1", "accepted": True})
    assert [(mail["To"], mail["Subject"]) for mail in outgoing.sent] == [
        ("ana@example.com", "Booking confirmed: K7PQ2M")]


def test_an_event_that_comes_twice_is_written_of_once(client: FlaskClient, app: Flask, outgoing: Outgoing) -> None:
    """Events come at least once; the customer gets one mail."""
    client.post("/events", json=EVENT)
    deliver(app)
    answer = client.post("/events", json=EVENT)
    deliver(app)

    assert (answer.status_code, answer.json) == (200, {"event_id": "e1", "accepted": False})
    assert len(outgoing.sent) == 1


def test_events_of_a_booking_are_written_of_in_order(client: FlaskClient, app: Flask, outgoing: Outgoing) -> None:
    """A confirmation is not overtaken by the cancellation that followed it."""
    client.post("/events", json=EVENT)
    client.post("/events", json=event(event_id="e2", type="booking-cancelled"))
    deliver(app)

    assert [mail["Subject"] for mail in outgoing.sent] == ["Booking confirmed: K7PQ2M", "Booking cancelled: K7PQ2M"]


def test_a_mail_waits_for_the_mail_server(client: FlaskClient, app: Flask, outgoing: Outgoing) -> None:
    """While the mail server is away the mail is kept, and others are still accepted."""
    outgoing.failures = [NeighbourUnreachable("mailbox", "refused")]
    client.post("/events", json=EVENT)
    deliver(app)

    assert outgoing.sent == []
    assert client.post("/events", json=event(event_id="e2")).status_code == 202


def test_a_refused_mail_does_not_block_others(client: FlaskClient, app: Flask, outgoing: Outgoing) -> None:
    """A mail that the server refuses waits for its next try, while those of other bookings go out."""
    outgoing.failures = [smtplib.SMTPDataError(554, b"no")]
    client.post("/events", json=EVENT)
    client.post("/events", json=event("booking.id", "another", event_id="e2", to="zoe@example.com"))
    deliver(app)

    assert [mail["To"] for mail in outgoing.sent] == ["zoe@example.com"]


@pytest.mark.parametrize(("kind", "subject"), [
    ("booking-confirmed", "Booking confirmed: K7PQ2M"), ("payment-declined", "Payment declined: K7PQ2M"),
    ("booking-expired", "Booking expired: K7PQ2M"), ("booking-cancelled", "Booking cancelled: K7PQ2M")])
def test_every_kind_of_event_has_its_subject(kind: str, subject: str) -> None:
    """The subject tells what happened, and to which booking."""
    assert compose(event(type=kind), "a@x.example", "http://travel.test")["Subject"] == subject


def test_a_booking_without_a_locator_is_named_by_its_flight() -> None:
    """A booking that never got a locator still has a subject that tells it from others."""
    mail = compose(event("booking.locator", None, type="payment-declined"), "a@x.example", "http://travel.test")

    assert mail["Subject"] == "Payment declined: GN0123"


def test_a_mail_tells_all_that_a_traveller_needs() -> None:
    """Both bodies have names with their accents, seats, the clocks of both airports, the price and the link."""
    mail = compose(EVENT, "Travel <bookings@travel.example>", "http://travel.test")

    text, html = bodies_of(mail)
    for body in (text, html):
        for fact in ("Ana María", "Łukasz", "seat 1A", "seat 1B", "LHR", "Friday 15 January 2027, 21:40 (UTC)",
                     "NRT", "Saturday 16 January 2027, 18:25 (UTC+09:00)", "EUR 1,189.05",
                     "http://travel.test/bookings/0b6a5a3c-0f0f-4a3e-9a51-2f5a3f6c1d11"):
            assert fact in body
    assert "<Müller>" in text and "O'Brien" in text
    assert "&lt;Müller&gt;" in html


def test_a_refund_is_told() -> None:
    """Who is paid back learns how much."""
    refunded = event("booking.refund", {"status": "pending", "amount": 29500, "currency": "JPY"},
                     type="booking-cancelled")

    for body in bodies_of(compose(refunded, "a@x.example", "http://travel.test")):
        assert "Refund: JPY 29,500" in body


def test_a_mail_sent_again_has_the_same_identity() -> None:
    """The Message-ID comes from the event, so that a repeated mail can be told from a second one."""
    first, again = (compose(EVENT, "a@x.example", "http://travel.test") for _ in range(2))

    assert first["Message-ID"] == again["Message-ID"] == "<e1@travel.example>"


@pytest.mark.parametrize(("amount", "currency", "text"), [
    (18900, "EUR", "EUR 189.00"), (5, "GBP", "GBP 0.05"), (100, "USD", "USD 1.00"), (1234567, "JPY", "JPY 1,234,567"),
    (0, "EUR", "EUR 0.00")])
def test_money_is_written_by_its_currency(amount: int, currency: str, text: str) -> None:
    """Minor units become major ones; the yen has none."""
    assert format_money({"amount": amount, "currency": currency}) == text


@pytest.mark.parametrize(("time", "text"), [
    ("2027-03-05T09:05:00+05:30", "Friday 5 March 2027, 09:05 (UTC+05:30)"),
    ("2027-12-31T23:59:00-08:00", "Friday 31 December 2027, 23:59 (UTC-08:00)")])
def test_times_stay_local(time: str, text: str) -> None:
    """A time is shown as the clock at the airport has it, with its offset."""
    assert format_local_time(time) == text


@pytest.mark.parametrize(("path", "value"), [
    ("event_id", ""), ("event_id", 7), ("type", "booking-lost"), ("type", ["booking-confirmed"]), ("to", "ana"), ("to", "ana@shop.invalid"),
    ("to", "a@x.example\nBcc: b@x.example"), ("booking", None), ("booking.locator", "k7pq2m"),
    ("booking.locator", "K7PQ2MX"), ("booking.flight", None), ("booking.flight.departure", "2027-01-15T21:40:00"),
    ("booking.flight.arrival", "soon"), ("booking.flight.number", None), ("booking.price.amount", 189.5),
    ("booking.price.amount", True), ("booking.price.amount", "18900"), ("booking.price.currency", "XXX"),
    ("booking.price.currency", "eur"), ("booking.passengers", []), ("booking.passengers", None)])
def test_an_event_that_no_mail_can_be_written_from_is_refused(path: str, value: Any) -> None:
    """What is missing or malformed is named by its path."""
    with pytest.raises(InvalidEvent) as caught:
        parse_event(event(path, value))

    assert any(name.startswith(path) for name in caught.value.errors)


def test_a_passenger_without_a_seat_is_refused() -> None:
    """Every passenger is checked."""
    with pytest.raises(InvalidEvent) as caught:
        parse_event(event("booking.passengers.1.seat", None))

    assert caught.value.errors == {"booking.passengers[1].seat": "Must be text."}


@pytest.mark.parametrize("document", [None, [], "e1", {}])
def test_a_refusal_is_a_problem_document(client: FlaskClient, app: Flask, outgoing: Outgoing, document: Any) -> None:
    """A bad event is 422, and nothing is written of it."""
    answer = client.post("/events", data=app.json.dumps(document), content_type="application/json")
    deliver(app)

    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert outgoing.sent == []


def test_members_that_it_does_not_know_do_no_harm() -> None:
    """bookings may tell more than a mail needs."""
    assert parse_event(event("booking.language", "en"))["booking"]["language"] == "en"
