"""The sign-in of the probe stage: a traveller with an account, free seats and a booking of its own.

`probe: {sign_in: steps.probe:sign_in}` in environments.yml names it; no scenario uses it.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import requests

from gonogo.steps.api import Api
from steps.parties.cards import APPROVED
from steps.parties.passenger import Passenger
from steps.parties.shop_api import ShopApi

_CURRENCY = "EUR"
_AHEAD = timedelta(days=40)  # of today: flights so far away are all but empty
_MOST_PASSENGERS = 4


def sign_in(url: str) -> dict[str, Any]:
    """Open an account; return its cookies, and values that make requests valid where they are not the point."""
    api = Api(url, requests.Session())
    shop, email = ShopApi(api), f"probe-{uuid.uuid4().hex}@example.com"
    shop.open_account("Ana Probe", email, uuid.uuid4().hex)
    places = _Places(api, shop)
    flight = places.flight

    @cache
    def booking_id() -> str:
        booking = shop.book(places.flight_id(), [Passenger("Ana", "Probe", places.seat())], card=APPROVED,
                            holder="Ana Probe", email=email, currency=_CURRENCY)
        return str(shop.settled(booking)["id"])

    return {"cookies": api.cookies, "values": {
        "from": flight["from"], "to": flight["to"], "date": flight["departure"][:10], "currency": _CURRENCY,
        "flight_id": places.flight_id, "seat": places.seat, "total": places.total, "booking_id": booking_id,
        "given_name": "Ana", "family_name": "Probe", "holder": "Ana Probe", "language": "en",
        "number": APPROVED.number, "expiry": APPROVED.expiry, "cvc": APPROVED.cvc}}


class _Places:
    """Free seats, each given once: a booking must not fail for want of a seat, however many there were before."""

    def __init__(self, api: Api, shop: ShopApi) -> None:
        self._shop = shop
        self._flights = _flights(api, shop)
        self.flight = next(self._flights)
        self._seats: list[str] | None = None

    def flight_id(self) -> str:
        """That of the flight whose seats are given next."""
        while self._seats is None or len(self._seats) < _MOST_PASSENGERS:
            if self._seats is not None:
                self.flight = next(self._flights)
            self._seats = self._shop.free_seats(self.flight["id"])
        return str(self.flight["id"])

    def seat(self) -> str:
        self.flight_id()
        return self._seats.pop(0) if self._seats else "1A"

    def total(self) -> int:
        """The price for one passenger."""
        return int(self.flight["price"]["amount"])


def _flights(api: Api, shop: ShopApi) -> Iterator[dict[str, Any]]:
    codes = [airport["code"] for airport in shop.airports()]
    for days, (start, end) in itertools.product(range(30), list(itertools.permutations(codes, 2))):
        day = (date.today() + _AHEAD + timedelta(days=days)).isoformat()
        search = {"from": start, "to": end, "date": day, "currency": _CURRENCY}
        yield from api.get("/api/flights", params=search)["flights"]
