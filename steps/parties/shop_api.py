"""The shop's API as a traveller's own programs would use it: for what a scenario is not about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from gonogo.steps.api import Api
from gonogo.steps.waiting import eventually
from steps.parties.cards import Card

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

    def book(self, flight_id: str, seats: Sequence[str], *, given_name: str, family_name: str, card: Card, holder: str,
             email: str, currency: str = "GBP") -> str:
        """The id of a new booking, of a passenger for each seat, which the bank has not answered yet."""
        booking = self._api.post("/api/bookings", headers={"Idempotency-Key": uuid.uuid4().hex}, json={
            "flight_id": flight_id,
            "passengers": [{"given_name": given_name, "family_name": family_name, "seat": seat} for seat in seats],
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
