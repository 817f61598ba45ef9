"""What becomes of a booking that was placed: confirmed, declined, challenged, expired, cancelled, refunded.

Every change puts what others must do or know of it into the outbox, in the same transaction.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from typing import Any

from travel.bookings.records import OPEN, Records, document
from travel.bookings.seats import Seats
from travel.chassis import Database, NeighbourRefused, Problem
from travel.chassis.outbox import Outbox
from travel.chassis.trace_context import resumed


class Outcomes:
    def __init__(self, database: Database, outbox: Outbox, seats: Seats, *, challenge_deadline_s: float) -> None:
        self._database = database
        self._records = Records(database)
        self._outbox = outbox
        self._seats = seats
        self._challenge_deadline_s = challenge_deadline_s

    def hear(self, event: dict[str, Any]) -> None:
        """Apply an event of payments, once. A seat that cannot be ticketed gives the money back."""
        booking = self._records.get(event["booking_id"])
        if self._is_known(event):
            return
        # The ticket is asked for outside of the transaction: it is another party's answer, and repeatable.
        ticketed = event["status"] == "authorised" and booking["status"] in OPEN and self._ticket(booking)
        with self._database.transaction() as connection:
            if not connection.execute("INSERT OR IGNORE INTO payment_event VALUES (?)", (event["event_id"],)).rowcount:
                return
            booking = self._records.get(event["booking_id"])
            connection.execute("UPDATE booking SET payment_id = ?, payment_status = ? WHERE id = ?",
                               (event["payment_id"], event["status"], booking["id"]))
            if event["status"] == "authorised":
                self._authorised(connection, booking, ticketed)
            elif event["status"] == "refunded":
                _change(connection, booking, refund_status="refunded")
            elif booking["status"] in OPEN and event["status"] == "declined":
                self._close(connection, booking, "declined", "payment-declined")
            elif booking["status"] in OPEN:
                _change(connection, booking, status="challenge", challenge_url=event["challenge_url"],
                        deadline_at=time.time() + self._challenge_deadline_s)

    def expire_next(self) -> bool:
        """Let the booking expire whose payment is overdue the longest; False where none is."""
        overdue = self._records.overdue(time.time())
        if overdue is None:
            return False
        with resumed(self._records.trace_of(overdue["id"])), self._database.transaction() as connection:
            booking = self._records.get(overdue["id"])
            if booking["deadline_at"] is not None and booking["deadline_at"] <= time.time():
                if booking["payment_id"]:
                    self._outbox.put(connection, "payment-void", booking["id"], {"payment_id": booking["payment_id"]})
                self._close(connection, booking, "expired", "booking-expired")
        return True

    def cancel(self, customer_id: str, booking_id: str) -> sqlite3.Row:
        """A confirmed booking is cancelled and paid back; again is harmless."""
        with self._database.transaction() as connection:
            booking = self._records.get_of(customer_id, booking_id)
            if booking["status"] not in ("confirmed", "cancelled"):
                raise Problem(409, "not-cancellable", f"A booking that is {booking['status']} cannot be cancelled.")
            if booking["status"] == "confirmed":
                self._pay_back(connection, booking)
                self._close(connection, booking, "cancelled", "booking-cancelled")
            return self._records.get(booking_id)

    def _is_known(self, event: dict[str, Any]) -> bool:
        return self._database.one("SELECT 1 FROM payment_event WHERE event_id = ?", (event["event_id"],)) is not None

    def _ticket(self, booking: sqlite3.Row) -> bool:
        try:
            self._seats.ticket(booking["locator"])
        except NeighbourRefused as refusal:
            if refusal.status >= 500:
                raise
            return False
        return True

    def _authorised(self, connection: sqlite3.Connection, booking: sqlite3.Row, ticketed: bool) -> None:
        if booking["status"] in OPEN and ticketed:
            _change(connection, booking, status="confirmed", challenge_url=None, deadline_at=None)
            self._notify(connection, booking["id"], "booking-confirmed")
        elif booking["status"] in OPEN:
            self._pay_back(connection, booking)
            self._close(connection, booking, "cancelled", "booking-cancelled")
        elif booking["status"] in ("declined", "expired"):
            self._pay_back(connection, booking)

    def _close(self, connection: sqlite3.Connection, booking: sqlite3.Row, status: str, event_type: str) -> None:
        _change(connection, booking, status=status, challenge_url=None, deadline_at=None)
        if booking["locator"]:
            self._outbox.put(connection, "seat-release", booking["id"], {"locator": booking["locator"]})
        self._notify(connection, booking["id"], event_type)

    def _pay_back(self, connection: sqlite3.Connection, booking: sqlite3.Row) -> None:
        _change(connection, booking, refund_status="pending")
        payment_id = self._records.get(booking["id"])["payment_id"]
        self._outbox.put(connection, "payment-refund", booking["id"], {"payment_id": payment_id})

    def _notify(self, connection: sqlite3.Connection, booking_id: str, event_type: str) -> None:
        booking = self._records.get(booking_id)
        self._outbox.put(connection, "notification", booking_id, {
            "event_id": str(uuid.uuid4()), "type": event_type, "booking": document(booking),
            "to": booking["contact_email"]})


def _change(connection: sqlite3.Connection, booking: sqlite3.Row, **columns: str | float | None) -> None:
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE booking SET {assignments} WHERE id = ?",  # noqa: S608 - column names of this module
                       (*columns.values(), booking["id"]))
