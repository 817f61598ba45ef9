"""Who is signed in: sessions in the database, known to the browser by a random token. No HTTP here."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Any

from travel.chassis import Database


class Sessions:
    """`ttl_s` is how long a session lasts from sign-in; `clock` gives seconds since the epoch."""

    def __init__(self, database: Database, ttl_s: float, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._ttl_s = ttl_s
        self._clock = clock

    def open(self, customer: dict[str, Any]) -> str:
        """Begin a session of `customer` and return its token; what has expired is cleared away."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)",
                               (_hash(token), json.dumps(customer), now + self._ttl_s))
        return token

    def customer_of(self, token: str | None) -> dict[str, Any] | None:
        if not token:
            return None
        row = self._database.one("SELECT customer FROM sessions WHERE token_hash = ? AND expires_at > ?",
                                 (_hash(token), self._clock()))
        customer: dict[str, Any] | None = json.loads(row["customer"]) if row else None
        return customer

    def lasts_until_s(self, token: str | None) -> float:
        """When the session ends, or one that begins now would, in seconds since the epoch."""
        row = self._database.one("SELECT expires_at FROM sessions WHERE token_hash = ?", (_hash(token or ""),))
        return float(row["expires_at"]) if row else self._clock() + self._ttl_s

    def close(self, token: str | None) -> None:
        if token:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM sessions WHERE token_hash = ?", (_hash(token),))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
