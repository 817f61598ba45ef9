"""Who comes to the agency, what they intend, and in which proportion. Their requests are `load._agency`'s."""

# ruff: noqa: S311  variety is wanted here, no secret
from __future__ import annotations

import random

import gevent
from locust import User, between, task

from load._agency import UNDER_WAY, Account, Traveller

# Of ten visitors to an online travel agency six only look, three come back to what they booked, and one buys:
# an assumption, on the busy side of the 1 to 3 % that the trade reports as its look-to-book rate. Replace it by
# the figures of the system's own access log.
WINDOW_SHOPPERS = 6
RETURNING_TRAVELLERS = 3
HURRIED_BUYERS = 1

# Within a visit, a flight is opened after about every other search, and its seats after about every other flight.
SEARCHES = 4
FLIGHTS_OPENED = 2
SEATS_OPENED = 1

# What one visit of an open loop makes of that: two or three searches on the way to a flight, its seats in every other.
SEARCHES_OF_A_VISIT = (1, 3)
THINKS_S = (0.3, 0.9)  # as the closed loop's wait_time
LOOKS_AT_SEATS = 0.5
LOOKS_OF_A_VISIT = 3  # at what is booked, by a traveller who comes back

TRIPS_BOOKED = 3  # by a traveller who comes back: two or three a year are kept in view

POLL_EVERY_S = 0.5  # the front end asks after 0.3 s, and then ever later, up to 1 s
SETTLED_WITHIN_S = 15.0  # the agency gives up a payment after 8 s
MAX_SEATS_TRIED = 4


class Thinking(Traveller):
    """Somebody who looks at a page before the next one."""

    abstract = True

    @staticmethod
    def think() -> None:
        gevent.sleep(random.uniform(*THINKS_S))


class WindowShopper(Thinking):
    """Searches, looks at flights and their seats, and buys nothing."""

    wait_time = between(0.3, 0.9)
    found: list[str]

    def on_start(self) -> None:
        self.found = []
        self.look_up_airports()

    def visit(self) -> None:
        self.on_start()
        for _ in range(random.randint(*SEARCHES_OF_A_VISIT)):
            self.think()
            self.look_for_a_flight()
        self.think()
        self.open_a_flight()
        if random.random() < LOOKS_AT_SEATS:
            self.think()
            self.look_for_a_seat()

    @task(SEARCHES)
    def look_for_a_flight(self) -> None:
        self.found = self.search()

    @task(FLIGHTS_OPENED)
    def open_a_flight(self) -> None:
        if self.found:
            self.look_at_flight(random.choice(self.found))

    @task(SEATS_OPENED)
    def look_for_a_seat(self) -> None:
        if self.found:
            self.free_seats(random.choice(self.found))


class Buyer(Thinking):
    """Somebody who takes the first free seat of the first flight that is found."""

    abstract = True

    def on_start(self) -> None:
        self.look_up_airports()

    def take_some_seat(self, account: Account) -> str | None:
        """The booking's id; None where no seat was left, or a request failed."""
        flights = self.search()
        if not flights:
            return None
        flight_id = random.choice(flights)
        seats = self.free_seats(flight_id)
        for seat in random.sample(seats, min(len(seats), MAX_SEATS_TRIED)):
            booking_id = self.book(account, flight_id, seat)
            if booking_id:
                return booking_id
        return None


class ReturningTraveller(Buyer):
    """Has booked before: signs in and looks at what is booked."""

    wait_time = between(0.3, 0.9)
    account: Account | None

    def on_start(self) -> None:
        super().on_start()
        self.account = account = self.sign_up()
        if account:
            for _ in range(TRIPS_BOOKED):
                self.take_some_seat(account)

    def visit(self) -> None:
        """Books once, comes back, and looks at it now and again."""
        self.account = self.sign_up()
        if self.account:
            self.look_up_airports()
            self.take_some_seat(self.account)
            self.think()
            self.sign_in_again()
            for _ in range(LOOKS_OF_A_VISIT):
                self.think()
                self.look_after_bookings()

    @task(1)
    def sign_in_again(self) -> None:
        if self.account:
            self.sign_in(self.account)

    @task(4)
    def look_after_bookings(self) -> None:
        for booking_id in self.look_at_bookings()[:1]:
            self.status_of(booking_id, must_be_settled=False)


class HurriedBuyer(Buyer):
    """Signs up, takes the first seat that is free, pays, and waits until the booking is confirmed."""

    wait_time = between(0.3, 0.9)

    def visit(self) -> None:
        self.on_start()
        self.think()
        self.buy()

    @task
    def buy(self) -> None:
        account = self.sign_up()
        booking_id = self.take_some_seat(account) if account else None
        if booking_id:
            self._wait_until_confirmed(booking_id)

    def _wait_until_confirmed(self, booking_id: str) -> None:
        polls = int(SETTLED_WITHIN_S / POLL_EVERY_S)
        for poll in range(1, polls + 1):
            gevent.sleep(POLL_EVERY_S)
            if self.status_of(booking_id, must_be_settled=poll == polls) not in UNDER_WAY:
                return


DAY: dict[type[User], int] = {
    WindowShopper: WINDOW_SHOPPERS, ReturningTraveller: RETURNING_TRAVELLERS, HurriedBuyer: HURRIED_BUYERS}
"""A working day's visitors, in the proportion in which they come."""
