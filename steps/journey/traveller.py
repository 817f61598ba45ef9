"""A traveller of one scenario: an account, a card and what was booked. Browsers are `context.world`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from steps.parties.cards import APPROVED, Card
from steps.parties.money import Money
from steps.parties.passenger import Passenger
from steps.parties.reservations import Flight
from steps.parties.shop_api import ShopApi

PASSWORD = "correct-horse-battery"
WRONG_PASSWORD = "incorrect-horse-battery"


@dataclass
class Traveller:
    """`full_name` is that of the account, `passenger` that of the passport, `holder` that on the card: what one of them
    types in one place must not turn up in another. `currency` is that of bookings made without a browser, and `booked`
    holds these, oldest first; `party` are those for whom the traveller books.
    """

    name: str
    full_name: str
    email: str
    passenger: Passenger
    holder: str
    currency: str
    shop_api: ShopApi = field(repr=False)
    party: list[Passenger] = field(default_factory=list)
    booked: list[dict[str, Any]] = field(default_factory=list)
    has_account: bool = False

    def open_account(self) -> None:
        self.shop_api.open_account(self.full_name, self.email, PASSWORD)
        self.has_account = True

    def book_each(self, flight: Flight, passengers: Sequence[Passenger], card: Card = APPROVED) -> None:
        """One booking a passenger, without a browser; waits until the bank has answered them all."""
        ids = [self._place(flight, [passenger], card) for passenger in passengers]
        self.booked += [self.shop_api.settled(booking_id) for booking_id in ids]

    def book_together(self, flight: Flight, passengers: Sequence[Passenger]) -> None:
        """One booking of all passengers."""
        self.booked.append(self.shop_api.settled(self._place(flight, passengers, APPROVED)))

    def _place(self, flight: Flight, passengers: Sequence[Passenger], card: Card) -> str:
        return self.shop_api.book(flight.id, passengers, card=card, holder=self.holder, email=self.email,
                                  currency=self.currency)

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
