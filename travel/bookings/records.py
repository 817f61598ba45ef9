"""The bookings that are kept, and the form in which they are shown."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from travel.chassis import Database, Problem

OPEN = ("pending", "challenge")


class Records:
    """Reads of the table `booking`; each method gives rows or documents, never changes anything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, booking_id: str) -> sqlite3.Row:
        row = self._database.one("SELECT * FROM booking WHERE id = ?", (booking_id,))
        if row is None:
            raise Problem(404, "no-such-booking", "No booking has this id.")
        return row

    def get_of(self, customer_id: str, booking_id: str) -> sqlite3.Row:
        """Another customer's booking is answered like one that does not exist."""
        row = self._database.one("SELECT * FROM booking WHERE id = ? AND customer_id = ?", (booking_id, customer_id))
        if row is None:
            raise Problem(404, "no-such-booking", "No booking of yours has this id.")
        return row

    def by_key(self, customer_id: str, idempotency_key: str) -> sqlite3.Row | None:
        return self._database.one("SELECT * FROM booking WHERE customer_id = ? AND idempotency_key = ?",
                                  (customer_id, idempotency_key))

    def trace_of(self, booking_id: str) -> str | None:
        """The `traceparent` of the request that placed it, where that was traced."""
        found = self._database.one("SELECT traceparent FROM booking_trace WHERE booking_id = ?", (booking_id,))
        return found["traceparent"] if found else None

    def overdue(self, now_s: float) -> sqlite3.Row | None:
        return self._database.one("SELECT * FROM booking WHERE deadline_at <= ? ORDER BY deadline_at LIMIT 1",
                                  (now_s,))

    def page(self, customer_id: str, page: int, size: int) -> dict[str, Any]:
        """Newest first; `pages` is at least 1."""
        counted = self._database.one("SELECT COUNT(*) AS n FROM booking WHERE customer_id = ?", (customer_id,))
        total = counted["n"] if counted else 0
        rows = self._database.all(
            "SELECT * FROM booking WHERE customer_id = ? ORDER BY created_at DESC, rowid DESC LIMIT ? OFFSET ?",
            (customer_id, size, (page - 1) * size))
        return {"bookings": [document(row) for row in rows], "page": page, "pages": max(1, -(-total // size)),
                "total": total}


def document(row: sqlite3.Row) -> dict[str, Any]:
    refund = {"status": row["refund_status"], "amount": row["amount"], "currency": row["currency"]}
    payment = {"id": row["payment_id"], "status": row["payment_status"], "reference": row["payment_reference"]}
    return {
        "id": row["id"],
        "locator": row["locator"],
        "status": row["status"],
        "flight": json.loads(row["flight"]),
        "passengers": json.loads(row["passengers"]),
        "price": {"amount": row["amount"], "currency": row["currency"]},
        "payment": payment,
        "challenge_url": row["challenge_url"],
        "refund": refund if row["refund_status"] else None,
        "contact_email": row["contact_email"],
        "language": row["language"],
        "created_at": row["created_at"],
    }
