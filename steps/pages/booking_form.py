"""The form that books a flight: passengers, seats and payment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, Route, expect

from gonogo.steps.people import press_together
from steps.pages.shop_page import ShopPage
from steps.parties.cards import Card
from steps.parties.passenger import Passenger
from steps.parties.reservations import Flight

SEAT_TAKEN = "That seat has just been taken. Choose another seat."


class BookingForm(ShopPage):
    def open(self, flight: Flight, passengers: int = 1) -> None:
        self.visit(f"/book/{flight.id}?passengers={passengers}")
        self.assert_open(flight)

    def assert_open(self, flight: Flight) -> None:
        self.assert_heading(f"Book {flight.number}")

    def fill(self, passengers: Sequence[Passenger], card: Card, holder: str) -> None:
        for number, passenger in enumerate(passengers, 1):
            fields = self._passenger(number)
            fields.get_by_label("Given names").fill(passenger.given_names)
            fields.get_by_label("Family name").fill(passenger.family_name)
            fields.get_by_label("Seat").select_option(passenger.seat)
        self.page.get_by_label("Card number").fill(card.number)
        self.page.get_by_label("Expiry").fill(card.expiry)
        self.page.get_by_label("Security code").fill(card.cvc)
        self.page.get_by_label("Name on card").fill(holder)

    def choose_seat(self, seat: str) -> None:
        self._passenger(1).get_by_label("Seat").select_option(seat)

    def pay(self) -> None:
        self._pay.click()

    def pay_twice(self) -> None:
        self._pay.dblclick()

    @staticmethod
    def pay_together(*forms: BookingForm) -> None:
        press_together(*(form._pay for form in forms))

    def send_bookings_twice(self) -> None:
        """From now on the traveller's connection repeats what the page sends, as flaky networks do."""
        self.page.route("**/api/bookings", _send_twice)

    def assert_offers_seats(self, seats: Sequence[str]) -> None:
        offered = self._passenger(1).get_by_label("Seat").get_by_role("option")
        self.expect_shown(offered).to_have_text(["Choose a seat", *seats])

    def has_lost_the_seat(self) -> bool:
        """Waits until either the booking is confirmed or the traveller is told that the seat is gone."""
        taken = self.page.get_by_role("alert").filter(has_text=SEAT_TAKEN)
        expect(self.heading("Booking confirmed").or_(taken)).to_be_visible()
        return taken.is_visible()

    def _passenger(self, number: int) -> Locator:
        return self.page.get_by_role("group", name=f"Passenger {number}")

    @property
    def _pay(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Pay "))


def _send_twice(route: Route) -> None:
    if route.request.method == "POST":
        route.fetch()
    route.continue_()
