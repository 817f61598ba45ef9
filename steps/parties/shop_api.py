"""The shop's API as a traveller's own programs would use it: for what a scenario is not about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from gonogo.steps.api import Api
from gonogo.steps.waiting import eventually
from steps.parties.cards import Card
from steps.parties.passenger import Passenger

SETTLED = ("confirmed", "declined", "expired", "cancelled")


class ShopApi:
    """One traveller's session: `api` keeps its cookies."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def cookies(self) -> dict[str, str]:
        return self._api.cookies

    def airports(self) -> list[dict[str, Any]]:
        return list(self._api.get("/api/airports")["airports"])

    def open_account(self, name: str, email: str, password: str) -> None:
        """Signs in at once."""
        self._api.post("/api/customers", json={"name": name, "email": email, "password": password})

    def book(self, flight_id: str, passengers: Sequence[Passenger], *, card: Card, holder: str, email: str,
             currency: str) -> str:
        """The id of a new booking, which the bank has not answered yet."""
        booking = self._api.post("/api/bookings", headers={"Idempotency-Key": uuid.uuid4().hex}, json={
            "flight_id": flight_id,
            "passengers": [{"given_name": each.given_names, "family_name": each.family_name, "seat": each.seat}
                           for each in passengers],
            "currency": currency,
            "card": {"number": card.number, "expiry": card.expiry, "cvc": card.cvc, "holder": holder},
            "contact_email": email,
            "language": "en",
        })
        return str(booking["id"])

    def booking(self, booking_id: str) -> dict[str, Any]:
        return dict(self._api.get(f"/api/bookings/{booking_id}"))

    def settled(self, booking_id: str) -> dict[str, Any]:
        """The booking, once the bank has answered."""
        return eventually(
            lambda: self.booking(booking_id), lambda seen: seen["status"] in SETTLED, what="the booking settled"
        )

    def bookings(self) -> list[dict[str, Any]]:
        """The newest ten."""
        return list(self._api.get("/api/bookings", params={"page": "1", "size": "10"})["bookings"])

    def free_seats(self, flight_id: str) -> list[str]:
        seats = self._api.get(f"/api/flights/{flight_id}/seats")["seats"]
        return [seat["seat"] for seat in seats if seat["free"]]
