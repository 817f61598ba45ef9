"""The merchant's reference of a payment, as the bank demands it: exactly 12 digits, used once."""

from __future__ import annotations

import sqlite3
from datetime import date

HIGHEST_COUNT = 999_999


def next_reference(connection: sqlite3.Connection, today: date) -> str:
    """YYMMDD and a counter of six digits that is kept in the database, so that a restart repeats none."""
    day = today.strftime("%y%m%d")
    count: int = connection.execute(
        "INSERT INTO reference_counter VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last",
        (day,)).fetchone()[0]
    if count > HIGHEST_COUNT:
        raise RuntimeError(f"more than {HIGHEST_COUNT} payments on {today}")
    return f"{day}{count:06d}"
