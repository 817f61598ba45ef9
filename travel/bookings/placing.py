"""Placing a booking: check the fare, hold the seats, ask for the payment.

What becomes of it afterwards (paid, declined, expired, cancelled) is `outcomes`' business.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from travel.bookings.booking_request import BookingRequest
from travel.bookings.records import Records
from travel.bookings.seats import Seats
from travel.chassis import Database, Neighbour, NeighbourRefused, NeighbourUnreachable, Problem
from travel.chassis.outbox import Outbox
from travel.chassis.trace_context import current_traceparent

_SNAPSHOT = ("id", "number", "from", "to", "departure", "arrival", "duration_min")
_LANES = 64


class Placing:
    def __init__(self, database: Database, outbox: Outbox, *, flights: Neighbour, seats: Seats, payments: Neighbour,
                 public_url: str, payment_deadline_s: float) -> None:
        self._database = database
        self._records = Records(database)
        self._outbox = outbox
        self._flights = flights
        self._seats = seats
        self._payments = payments
        self._public_url = public_url.rstrip("/")
        self._payment_deadline_s = payment_deadline_s
        self._lanes = [threading.Lock() for _ in range(_LANES)]

    def place(self, customer_id: str, request: BookingRequest, idempotency_key: str) -> sqlite3.Row:
        """The booking as it stands once its payment is asked for; the same key gives the same answer again."""
        # Two submits of one form wait for each other, so that the second sees what became of the first.
        with self._lanes[hash((customer_id, idempotency_key)) % _LANES]:
            known = self._records.by_key(customer_id, idempotency_key)
            if known is not None:
                if known["request_digest"] != request.digest():
                    raise Problem(409, "idempotency-key-reused", "This key was used for another booking.")
                if known["payment_problem"]:
                    raise _problem_from(known["payment_problem"])
                return known
            flight = self._flight(request)
            _check_total(request, flight)
            booking_id = self._register(customer_id, request, idempotency_key, flight)
            if self._hold(booking_id, request):
                self._ask_payment(booking_id, request)
            return self._records.get(booking_id)

    def _flight(self, request: BookingRequest) -> dict[str, Any]:
        try:
            flight: dict[str, Any] = self._flights.get(f"/flights/{request.flight_id}",
                                                       params={"currency": request.currency})
        except NeighbourRefused as refusal:
            if refusal.status == 404:
                raise Problem(422, "invalid-booking", "The booking is not valid.",
                              errors={"flight_id": "This flight does not exist."}) from refusal
            if refusal.status == 503:
                raise Problem(503, "fare-unavailable", "The flight could not be looked up. Nothing was booked.",
                              neighbour=refusal.neighbour, answer=refusal.body) from refusal
            raise
        return flight

    def _register(self, customer_id: str, request: BookingRequest, idempotency_key: str,
                  flight: dict[str, Any]) -> str:
        booking_id = str(uuid.uuid4())
        snapshot = {name: flight[name] for name in _SNAPSHOT}
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO booking (id, customer_id, idempotency_key, request_digest, status, flight, passengers,"
                " amount, currency, contact_email, language, created_at, deadline_at)"
                " VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?)",
                (booking_id, customer_id, idempotency_key, request.digest(), json.dumps(snapshot, ensure_ascii=False),
                 json.dumps(request.passengers, ensure_ascii=False),
                 flight["price"]["amount"] * len(request.passengers), flight["price"]["currency"],
                 request.contact_email, request.language, datetime.now(UTC).isoformat(),
                 time.time() + self._payment_deadline_s))
            if traceparent := current_traceparent():
                connection.execute("INSERT INTO booking_trace VALUES (?, ?)", (booking_id, traceparent))
        return booking_id

    def _hold(self, booking_id: str, request: BookingRequest) -> bool:
        """False where the booking expired while the reservation system took its time."""
        try:
            locator = self._seats.hold(booking_id, request.flight_id, request.passengers)
        except (Problem, NeighbourUnreachable) as failure:
            self._forget(booking_id, request, unanswered=isinstance(failure, NeighbourUnreachable))
            raise
        with self._database.transaction() as connection:
            connection.execute("UPDATE booking SET locator = ? WHERE id = ?", (locator, booking_id))
            if self._records.get(booking_id)["status"] == "pending":
                return True
            self._outbox.put(connection, "seat-release", booking_id, {"locator": locator})
            return False

    def _forget(self, booking_id: str, request: BookingRequest, *, unanswered: bool) -> None:
        """Without a seat there is no booking; its key may be used again, say for another seat."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM booking WHERE id = ?", (booking_id,))
            if unanswered:
                self._outbox.put(connection, "seat-abandon", booking_id, {
                    "booking_id": booking_id, "flight_id": request.flight_id, "passengers": request.passengers})

    def _ask_payment(self, booking_id: str, request: BookingRequest) -> None:
        booking = self._records.get(booking_id)
        try:
            payment = self._payments.post("/payments", idempotency_key=booking_id, json={
                "booking_id": booking_id, "amount": booking["amount"], "currency": booking["currency"],
                "card": request.card, "return_url": f"{self._public_url}/bookings/{booking_id}"})
        except (NeighbourRefused, NeighbourUnreachable) as failure:
            problem = _problem_of(failure)
            self._give_up(booking_id, problem)
            raise problem from failure
        with self._database.transaction() as connection:
            # An event may have been quicker than this answer: its status stands.
            connection.execute(
                "UPDATE booking SET payment_id = ?, payment_reference = ?,"
                " payment_status = COALESCE(payment_status, ?) WHERE id = ?",
                (payment["id"], payment["reference"], payment["status"], booking_id))
            if self._records.get(booking_id)["status"] == "expired":
                self._outbox.put(connection, "payment-void", booking_id, {"payment_id": payment["id"]})

    def _give_up(self, booking_id: str, problem: Problem) -> None:
        with self._database.transaction() as connection:
            booking = self._records.get(booking_id)
            connection.execute("UPDATE booking SET status = 'declined', payment_status = 'declined',"
                               " deadline_at = NULL WHERE id = ? AND status = 'pending'", (booking_id,))
            # A caller that tries again with the same key, as it may, must not take this for a bank's decline.
            connection.execute("UPDATE booking SET payment_problem = ? WHERE id = ?",
                               (json.dumps([problem.status, problem.code, problem.detail, problem.extra]), booking_id))
            self._outbox.put(connection, "seat-release", booking_id, {"locator": booking["locator"]})


def _check_total(request: BookingRequest, flight: dict[str, Any]) -> None:
    """Nobody is charged another price than the one that they agreed to."""
    total = flight["price"]["amount"] * len(request.passengers)
    if request.total not in (None, total):
        raise Problem(409, "price-changed", "The price has changed. Look at the flight again before you book it.")


def _problem_of(failure: NeighbourRefused | NeighbourUnreachable) -> Problem:
    if isinstance(failure, NeighbourUnreachable):
        return Problem(503, "neighbour-unreachable", "The payment could not be asked for. No money was taken.",
                       neighbour=failure.neighbour)
    if failure.status == 503:
        return Problem(503, "payment-unavailable", "The payment could not be asked for. No money was taken.",
                       neighbour=failure.neighbour, answer=failure.body)
    return Problem(502, "payment-refused", "The payment was refused before it was tried. No money was taken.",
                   neighbour=failure.neighbour, answer=failure.body)


def _problem_from(stored: str) -> Problem:
    status, code, detail, extra = json.loads(stored)
    return Problem(status, code, detail, **extra)
