"""A traveller of one scenario: an account, a card and what was booked. Browsers are `context.world`'s."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from steps.pages.booking_form import Passenger
from steps.parties.cards import APPROVED, Card
from steps.parties.money import Money
from steps.parties.reservations import FIRST_SEAT, Flight
from steps.parties.shop_api import ShopApi

PASSWORD = "correct-horse-battery"
WRONG_PASSWORD = "incorrect-horse-battery"
_LETTERS = str.maketrans(string.hexdigits[:16], string.ascii_uppercase[:16])


@dataclass
class Traveller:
    """`booked` holds the bookings made without a browser, oldest first."""

    name: str
    full_name: str
    email: str
    holder: str
    shop_api: ShopApi = field(repr=False)
    booked: list[dict[str, Any]] = field(default_factory=list)
    has_account: bool = False

    @staticmethod
    def holder_of(name: str, token: str) -> str:
        """The name on this scenario's card: letters only, and nobody else's."""
        return f"{name} {token.translate(_LETTERS)}".upper()

    def open_account(self, full_name: str | None = None) -> None:
        self.full_name = full_name or self.full_name
        self.shop_api.open_account(self.full_name, self.email, PASSWORD)
        self.has_account = True

    def lose_email(self) -> None:
        """From now on the address is one that no mail reaches."""
        self.email = f"{self.email.partition('@')[0]}@nowhere.invalid"

    @property
    def passenger(self) -> Passenger:
        given_names, _, family_name = self.full_name.partition(" ")
        return Passenger(given_names, family_name)

    def book(self, flight: Flight, seats: Sequence[str] = (FIRST_SEAT,), card: Card = APPROVED) -> None:
        """One booking a seat, without a browser; waits until the bank has answered them all."""
        ids = [self._place(flight, [seat], card) for seat in seats]
        self.booked += [self.shop_api.settled(booking_id) for booking_id in ids]

    def book_together(self, flight: Flight, seats: Sequence[str]) -> None:
        """One booking of all seats."""
        self.booked.append(self.shop_api.settled(self._place(flight, seats, APPROVED)))

    def _place(self, flight: Flight, seats: Sequence[str], card: Card) -> str:
        return self.shop_api.book(
            flight.id,
            seats,
            given_name=self.passenger.given_names,
            family_name=self.passenger.family_name,
            card=card,
            holder=self.holder,
            email=self.email,
        )

    def references(self) -> list[str]:
        """Of the bookings that were made without a browser, oldest first."""
        return [str(booking["locator"]) for booking in self.booked]

    def last_booked(self) -> str:
        """The id of the last of them."""
        return str(self.booked[-1]["id"])

    def newest_booking(self) -> dict[str, Any]:
        bookings = self.shop_api.bookings()
        assert bookings, f"{self.name} has no booking"
        return bookings[0]

    def price_booked(self) -> Money:
        return Money.of(self.newest_booking()["price"])

    def assert_number_of_bookings(self, number: int) -> None:
        bookings = self.shop_api.bookings()
        assert len(bookings) == number, f"{self.name} has {len(bookings)} bookings instead of {number}: {bookings}"
