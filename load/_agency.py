"""The travel agency's API as a traveller's browser calls it: each request named, and its answer checked.

Who asks for what, how often and in which order is the personas' (`load._personas`).
"""

# ruff: noqa: S311  variety is wanted here, no secret
from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from gonogo.load.suite import Persona

PASSWORD = "correct horse battery"  # noqa: S105  of accounts that live in a test environment only
APPROVED_CARD = {"number": "4111111111111111", "expiry": "12/30", "cvc": "123"}  # the bank's test card
DAYS_AHEAD = 60  # who books ahead mostly looks at the next two months
UNDER_WAY = ("pending", "challenge")


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    email: str


class Traveller(Persona):
    """Somebody at the agency's front end. Each method is one request, and None (or empty) says that it failed."""

    abstract = True
    airports: list[str]

    def look_up_airports(self) -> None:
        with self.client.get("/api/airports", name="/api/airports", catch_response=True) as answer:
            self.airports = [airport["code"] for airport in _checked(answer, 200, "airports").get("airports", [])]

    def search(self) -> list[str]:
        """The flights of some route on some day, by their ids."""
        if len(self.airports) < 2:
            return []
        origin, destination = random.sample(self.airports, 2)
        date = datetime.now(UTC).date() + timedelta(days=random.randint(1, DAYS_AHEAD))
        with self.client.get(
                f"/api/flights?from={origin}&to={destination}&date={date}&passengers=1&currency=EUR",
                name="/api/flights", catch_response=True) as answer:
            flights = _checked(answer, 200, "flights").get("flights", [])
            if any((flight["from"], flight["to"]) != (origin, destination) for flight in flights):
                answer.failure("a flight of another route was found")
        return [flight["id"] for flight in flights]

    def look_at_flight(self, flight_id: str) -> None:
        with self.client.get(f"/api/flights/{flight_id}?currency=EUR", name="/api/flights/[id]",
                             catch_response=True) as answer:
            if _checked(answer, 200, "id", "price").get("id", flight_id) != flight_id:
                answer.failure("another flight was shown")

    def free_seats(self, flight_id: str) -> list[str]:
        with self.client.get(f"/api/flights/{flight_id}/seats", name="/api/flights/[id]/seats",
                             catch_response=True) as answer:
            seats = _checked(answer, 200, "seats").get("seats", [])
        return [seat["seat"] for seat in seats if seat["free"]]

    def sign_up(self) -> Account | None:
        """A new customer, signed in at once; whoever was signed in before is not any more."""
        self.client.cookiejar.clear()
        wanted = Account(f"Ada {random.choice(('Byron', 'King', 'Noel', 'Gordon'))}", f"{uuid4().hex}@load.example")
        with self.client.post("/api/customers", name="/api/customers", catch_response=True,
                              json={"name": wanted.name, "email": wanted.email, "password": PASSWORD}) as answer:
            body = _checked(answer, 201, "id", "email")
            if body and body["email"] != wanted.email:
                answer.failure("the account has another address")
        return wanted if body else None

    def sign_in(self, account: Account) -> None:
        self.client.cookiejar.clear()
        with self.client.post("/api/session", name="/api/session", catch_response=True,
                              json={"email": account.email, "password": PASSWORD}) as answer:
            customer = _checked(answer, 200, "customer").get("customer", {})
            if customer and customer["email"] != account.email:
                answer.failure("somebody else was signed in")

    def look_at_bookings(self) -> list[str]:
        with self.client.get("/api/bookings?page=1&size=10", name="/api/bookings?page=[n]",
                             catch_response=True) as answer:
            bookings = _checked(answer, 200, "bookings", "total").get("bookings", [])
        return [booking["id"] for booking in bookings]

    def book(self, account: Account, flight_id: str, seat: str) -> str | None:
        """The new booking's id; None where another traveller was faster (which is no failure), or on a failure."""
        given_name, family_name = account.name.split()
        order = {"flight_id": flight_id, "currency": "EUR", "contact_email": account.email,
                 "passengers": [{"given_name": given_name, "family_name": family_name, "seat": seat}],
                 "card": {**APPROVED_CARD, "holder": account.name}}
        with self.client.post("/api/bookings", name="/api/bookings", catch_response=True, json=order,
                              headers={"Idempotency-Key": uuid4().hex}) as answer:
            if answer.status_code == 409 and _body_of(answer).get("code") == "seat-taken":
                answer.success()
                return None
            booking = _checked(answer, 202, "id", "status", "locator")
        return str(booking["id"]) if booking else None

    def status_of(self, booking_id: str, *, must_be_settled: bool) -> str | None:
        """What has become of a booking; anything but confirmed, once it must be settled, is a failure."""
        with self.client.get(f"/api/bookings/{booking_id}", name="/api/bookings/[id]",
                             catch_response=True) as answer:
            status = _checked(answer, 200, "id", "status").get("status")
            if status and status != "confirmed" and (must_be_settled or status not in UNDER_WAY):
                answer.failure(f"the booking is {status}")
        return status


def _checked(answer: Any, status: int, *members: str) -> Mapping[str, Any]:  # noqa: ANN401  Locust has no types
    """The answer's body, where it has the status and the members; else empty, and the request is a failure."""
    if answer.status_code != status:
        if answer.status_code and answer.status_code < 400:  # Locust itself takes any of these for success
            answer.failure(f"status {answer.status_code}, not {status}")
        return {}
    body = _body_of(answer)
    missing = [member for member in members if member not in body]
    if missing:
        answer.failure(f"the body has no {', '.join(missing)}")
        return {}
    return body


def _body_of(answer: Any) -> Mapping[str, Any]:  # noqa: ANN401
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
