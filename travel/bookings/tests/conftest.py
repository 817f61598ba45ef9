"""bookings with a database of its own for each test, its neighbours mocked, its answers held to the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient

from travel.bookings.app import create_app
from travel.chassis import Settings
from travel.chassis.contract import Contract

CONTRACT = Path(__file__).parents[1] / "openapi.yml"
NEIGHBOURS = ("flights", "gds", "payments", "notifications")
FLIGHTS, GDS, PAYMENTS, NOTIFICATIONS = (f"http://{name}.test" for name in NEIGHBOURS)
FLIGHT = {"id": "GN0123-2027-01-15", "number": "GN0123", "from": "LHR", "to": "JFK",
          "departure": "2027-01-15T09:40:00+00:00", "arrival": "2027-01-15T12:40:00-05:00", "duration_min": 480}
CARD = {"number": "4111111111111111", "expiry": "12/99", "cvc": "123", "holder": "Ana Silva"}
REQUEST = {"flight_id": FLIGHT["id"], "currency": "EUR", "card": CARD, "contact_email": "ana@example.com",
           "passengers": [{"given_name": "Ana", "family_name": "Silva", "seat": "1A"}]}
PAYMENT_ID = "pay_" + "0" * 32


@pytest.fixture(autouse=True)
def neighbours() -> Iterator[responses.RequestsMock]:
    """Nothing leaves the machine. By default every neighbour does what it is asked for."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{FLIGHTS}/flights/{FLIGHT['id']}",
                 json={**FLIGHT, "seats_left": 20, "price": {"amount": 18900, "currency": "EUR"}})
        mock.post(f"{GDS}/pnrs", json={"locator": "K7PQ2M", "status": "HELD"}, status=201)
        mock.post(f"{GDS}/pnrs/K7PQ2M/ticket", json={"status": "TICKETED"})
        mock.delete(f"{GDS}/pnrs/K7PQ2M", json={"status": "CANCELLED"})
        mock.post(f"{PAYMENTS}/payments", status=202,
                  json={"id": PAYMENT_ID, "status": "pending", "reference": "270101000001"})
        mock.post(f"{PAYMENTS}/payments/{PAYMENT_ID}/refund", json={}, status=202)
        mock.post(f"{PAYMENTS}/payments/{PAYMENT_ID}/void", json={})
        mock.post(f"{NOTIFICATIONS}/events", json={}, status=202)
        yield mock


def start(tmp_path: Path, **changed: Any) -> FlaskClient:
    urls: dict[str, Any] = {f"{name}_url": f"http://{name}.test" for name in NEIGHBOURS}
    timeouts = {f"{name}_timeout_s": 1 for name in NEIGHBOURS}
    app = create_app(Settings("bookings", {
        **urls, **timeouts, "neighbour_attempts": 1, "database": str(tmp_path / "bookings.sqlite"),
        "public_url": "http://shop.test", "gds_api_key": "key", "payment_deadline_s": 3600,
        "challenge_deadline_s": 3600, "workers": False, **changed}))
    app.testing = True
    Contract(CONTRACT).watch(app)
    return app.test_client()


class Traveller:
    """Books as the gateway would on a customer's behalf, and speaks as payments would."""

    def __init__(self, client: FlaskClient, neighbours: responses.RequestsMock) -> None:
        self.client = client
        self.neighbours = neighbours
        self._events = count(1)

    def book(self, key: str = "key-1", customer: str = "ana", **changed: Any) -> Any:
        return self.client.post("/bookings", json={**REQUEST, **changed},
                                headers={"X-Customer-Id": customer, "Idempotency-Key": key})

    def booked(self, key: str = "key-1") -> str:
        """The id of a booking whose payment has been asked for."""
        booking_id: str = self.book(key).get_json()["id"]
        return booking_id

    def confirmed(self, key: str = "key-1") -> str:
        booking_id = self.booked(key)
        self.hear(booking_id, "authorised")
        return booking_id

    def show(self, booking_id: str) -> dict[str, Any]:
        booking: dict[str, Any] = self.client.get(f"/bookings/{booking_id}",
                                                  headers={"X-Customer-Id": "ana"}).get_json()
        return booking

    def newest(self) -> dict[str, Any]:
        booking: dict[str, Any] = self.client.get("/bookings", headers={"X-Customer-Id": "ana"}).get_json()["bookings"][0]
        return booking

    def cancel(self, booking_id: str, customer: str = "ana") -> Any:
        return self.client.post(f"/bookings/{booking_id}/cancellation", headers={"X-Customer-Id": customer})

    def hear(self, booking_id: str, status: str, **further: Any) -> Any:
        return self.client.post("/payment-events", json={
            "event_id": f"ev-{next(self._events)}", "booking_id": booking_id, "payment_id": PAYMENT_ID,
            "status": status, **further})

    def expire(self) -> None:
        while self.client.application.extensions["travel"]["outcomes"].expire_next():
            pass

    def deliver(self) -> None:
        while self.client.application.extensions["travel"]["outbox"].deliver_next():
            pass

    def sent(self, method: str, url: str) -> list[Any]:
        """The bodies of the calls to a neighbour so far."""
        return [json.loads(call.request.body or "null") for call in self.neighbours.calls
                if (call.request.method, call.request.url) == (method, url)]

    def mails(self) -> list[str]:
        """The types of the events that notifications was sent."""
        return [event["type"] for event in self.sent("POST", f"{NOTIFICATIONS}/events")]


@pytest.fixture
def traveller(tmp_path: Path, neighbours: responses.RequestsMock) -> Traveller:
    return Traveller(start(tmp_path), neighbours)


@pytest.fixture
def hurried(tmp_path: Path, neighbours: responses.RequestsMock) -> Traveller:
    """A traveller whose payments and challenges are overdue at once."""
    return Traveller(start(tmp_path, payment_deadline_s=0, challenge_deadline_s=0), neighbours)


@pytest.fixture
def client(traveller: Traveller) -> FlaskClient:
    return traveller.client
