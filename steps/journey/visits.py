"""The shop's pages by the names that scenarios give them, each with something on it."""

from __future__ import annotations

from collections.abc import Callable

from steps.journey.journey import Journey
from steps.parties.passenger import Passenger
from steps.parties.reservations import FIRST_SEAT


def visit(journey: Journey, name: str, page: str) -> None:
    """Open the page called `page` in that person's browser; it is there in full when this returns."""
    assert page in VISITS, f"no page is called {page!r}; there are: {', '.join(VISITS)}"
    VISITS[page](journey, name)


def _mistakes_told(journey: Journey, name: str) -> None:
    journey.book(name, [Passenger("", "")])
    journey.shop(name).here.assert_told("Enter the given names of passenger 1.")


def _confirmation(journey: Journey, name: str) -> None:
    journey.book_seat(name, FIRST_SEAT)
    journey.shop(name).booking.open(journey.traveller(name).last_booked())
    journey.shop(name).booking.assert_confirmed()


def _my_bookings(journey: Journey, name: str) -> None:
    journey.make_bookings(name, 6)
    journey.shop(name).bookings.open()
    journey.shop(name).bookings.assert_page(1, 2)


VISITS: dict[str, Callable[[Journey, str], None]] = {
    "sign up": lambda journey, name: journey.shop(name).sign_up.open(),
    "sign in": lambda journey, name: journey.shop(name).sign_in.open(),
    "search": lambda journey, name: journey.shop(name).search.open(),
    "flights found": lambda journey, name: journey.shop(name).results.open(journey.flight),
    "booking form": lambda journey, name: journey.shop(name).booking_form.open(journey.flight),
    "mistakes told": _mistakes_told,
    "confirmation": _confirmation,
    "my bookings": _my_bookings,
}
