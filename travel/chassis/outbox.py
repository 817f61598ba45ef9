"""Messages to other parties, kept in the component's own database until they are delivered.

A message is put in the transaction of the change that it tells of, and delivered by a worker:
at least once, in order for each kind and subject. What a message says is the component's business.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Any

from travel.chassis.database import Database
from travel.chassis.neighbour import NeighbourRefused, NeighbourUnreachable
from travel.chassis.trace_context import current_traceparent, resumed

_TABLE = """
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  traceparent TEXT,
  due_at REAL NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  faults INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  parked INTEGER NOT NULL DEFAULT 0
)"""
_INDEX = "CREATE INDEX IF NOT EXISTS outbox_order ON outbox (parked, kind, subject, id)"
_NEXT = """
SELECT * FROM outbox AS message WHERE parked = 0 AND due_at <= ? AND NOT EXISTS (
  SELECT 1 FROM outbox AS earlier
  WHERE earlier.parked = 0 AND earlier.kind = message.kind AND earlier.subject = message.subject
    AND earlier.id < message.id)
ORDER BY due_at, id LIMIT 1"""
_AWAY = (502, 503, 504)

log = logging.getLogger(__name__)


class Outbox:
    """`senders` maps a kind of message to what sends its body, and raises where that fails.

    A failed message is tried again after `first_retry_s`, then twice as long each time up to
    `longest_retry_s`. After `park_after` faults it is parked: it stays in the table, and those
    behind it go on. While `patient`, a neighbour that is away (no answer, 502, 503, 504) is not
    the message's fault, so an outage of any length loses nothing.
    """

    def __init__(self, database: Database, senders: Mapping[str, Callable[[Any], object]], *, park_after: int = 10,
                 first_retry_s: float = 0.2, longest_retry_s: float = 5.0, patient: bool = True) -> None:
        self._database = database
        self._senders = senders
        self._park_after = park_after
        self._first_retry_s = first_retry_s
        self._longest_retry_s = longest_retry_s
        self._patient = patient
        with database.transaction() as connection:
            connection.execute(_TABLE)
            connection.execute(_INDEX)

    def put(self, connection: sqlite3.Connection, kind: str, subject: str, body: object) -> None:
        """Add a message within the caller's transaction."""
        connection.execute(
            "INSERT INTO outbox (kind, subject, body, traceparent, due_at) VALUES (?, ?, ?, ?, ?)",
            (kind, subject, json.dumps(body, ensure_ascii=False), current_traceparent(), time.time()))

    def deliver_next(self) -> bool:
        """Try the message that is due first; False where none is."""
        message = self._database.one(_NEXT, (time.time(),))
        if message is None:
            return False
        try:
            with resumed(message["traceparent"]):
                self._senders[message["kind"]](json.loads(message["body"]))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must go on
            self._postpone(message, error)
        else:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM outbox WHERE id = ?", (message["id"],))
        return True

    def _postpone(self, message: sqlite3.Row, error: Exception) -> None:
        tries = message["tries"] + 1
        faults = message["faults"] + (0 if self._patient and _is_away(error) else 1)
        parked = faults >= self._park_after
        wait_s = min(self._first_retry_s * 2 ** min(tries - 1, 20), self._longest_retry_s)
        log.warning("%s for %s %s: %s", message["kind"], message["subject"],
                    f"parked after {faults} faults" if parked else f"tried again in {wait_s} s", error)
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE outbox SET tries = ?, faults = ?, last_error = ?, parked = ?, due_at = ? WHERE id = ?",
                (tries, faults, str(error), parked, time.time() + wait_s, message["id"]))


def _is_away(error: Exception) -> bool:
    return isinstance(error, NeighbourUnreachable) or (isinstance(error, NeighbourRefused) and error.status in _AWAY)
