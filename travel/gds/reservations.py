"""Passenger name records: who holds which seat on which flight.

Flights come from outside (`Schedule` and `SandboxFlights`); HTTP is `app`'s business.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Iterable
from typing import Any

from travel.chassis import Database
from travel.gds.errors import GdsError
from travel.gds.schedule import Flight

LETTERS = "ABCD"
LOCATOR_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
NAME = re.compile(r"[A-Z]+( [A-Z]+)*/[A-Z]+( [A-Z]+)*")


def seats_of(flight: Flight) -> list[str]:
    """Row by row from the front: 1A, 1B, 1C, 1D, 2A …"""
    return [f"{index // len(LETTERS) + 1}{LETTERS[index % len(LETTERS)]}" for index in range(flight.seats)]


class Reservations:
    def __init__(self, database: Database) -> None:
        self._database = database

    def taken(self, flight_id: str) -> set[str]:
        return {row["seat"] for row in self._database.all(
            "SELECT seat FROM taken_seat WHERE flight_id = ?", (flight_id,))}

    def seats_left(self, flights: Iterable[Flight]) -> dict[str, int]:
        """Free seats by flight id, in one query."""
        seats = {flight.id: flight.seats for flight in flights}
        marks = ", ".join("?" * len(seats))
        rows = self._database.all(
            f"SELECT flight_id, COUNT(*) AS n FROM taken_seat WHERE flight_id IN ({marks})"  # noqa: S608 - only marks
            " GROUP BY flight_id", list(seats))
        return seats | {row["flight_id"]: seats[row["flight_id"]] - row["n"] for row in rows}

    def hold(self, flight: Flight, passengers: object, idempotency_key: str) -> dict[str, Any]:
        """Hold a seat for each passenger, all or none; the same key and request give the same record again."""
        held = _checked(flight, passengers)
        digest = hashlib.sha256(json.dumps([flight.id, held]).encode()).hexdigest()
        with self._database.transaction() as connection:
            known = connection.execute("SELECT * FROM pnr WHERE idempotency_key = ?", (idempotency_key,)).fetchone()
            if known is not None:
                if known["request_digest"] != digest:
                    raise GdsError(409, "IK02", "IDEMPOTENCY KEY USED FOR ANOTHER REQUEST")
                return _record(known) | {"status": "HELD"}
            locator = _new_locator(connection)
            connection.execute("INSERT INTO pnr VALUES (?, ?, ?, ?, ?, 'HELD')",
                               (locator, idempotency_key, digest, flight.id, json.dumps(held)))
            try:
                connection.executemany("INSERT INTO taken_seat VALUES (?, ?, ?)",
                                       [(flight.id, passenger["seat"], locator) for passenger in held])
            except sqlite3.IntegrityError:
                raise GdsError(409, "ST01", "SEAT NOT AVAILABLE") from None
        return {"locator": locator, "status": "HELD", "flight_id": flight.id, "passengers": held}

    def find(self, locator: str) -> dict[str, Any]:
        row = self._database.one("SELECT * FROM pnr WHERE locator = ?", (locator,))
        if row is None:
            raise GdsError(404, "PN01", "NO SUCH RECORD")
        return _record(row)

    def ticket(self, locator: str) -> dict[str, Any]:
        """HELD becomes TICKETED; again is harmless, a cancelled record is refused."""
        with self._database.transaction() as connection:
            record = self.find(locator)
            if record["status"] == "CANCELLED":
                raise GdsError(409, "PN02", "RECORD CANCELLED")
            connection.execute("UPDATE pnr SET status = 'TICKETED' WHERE locator = ?", (locator,))
        return record | {"status": "TICKETED"}

    def cancel(self, locator: str) -> dict[str, Any]:
        """The seats are free again; again is harmless."""
        with self._database.transaction() as connection:
            record = self.find(locator)
            connection.execute("UPDATE pnr SET status = 'CANCELLED' WHERE locator = ?", (locator,))
            connection.execute("DELETE FROM taken_seat WHERE locator = ?", (locator,))
        return record | {"status": "CANCELLED"}


def _checked(flight: Flight, passengers: object) -> list[dict[str, str]]:
    if not isinstance(passengers, list) or not 1 <= len(passengers) <= 9:
        raise GdsError(400, "RQ01", "INVALID REQUEST")
    for passenger in passengers:
        if not isinstance(passenger, dict) or set(passenger) != {"name", "seat"}:
            raise GdsError(400, "RQ01", "INVALID REQUEST")
        if not isinstance(passenger["name"], str) or not NAME.fullmatch(passenger["name"]):
            raise GdsError(400, "NM01", "INVALID NAME FORMAT")
        if passenger["seat"] not in seats_of(flight):
            raise GdsError(400, "ST02", "UNKNOWN SEAT")
    if len({passenger["seat"] for passenger in passengers}) < len(passengers):
        raise GdsError(400, "ST03", "SEAT REQUESTED TWICE")
    return [{"name": passenger["name"], "seat": passenger["seat"]} for passenger in passengers]


def _new_locator(connection: sqlite3.Connection) -> str:
    while True:
        locator = "".join(secrets.choice(LOCATOR_ALPHABET) for _ in range(6))
        if connection.execute("SELECT 1 FROM pnr WHERE locator = ?", (locator,)).fetchone() is None:
            return locator


def _record(row: sqlite3.Row) -> dict[str, Any]:
    return {"locator": row["locator"], "status": row["status"], "flight_id": row["flight_id"],
            "passengers": json.loads(row["passengers"])}
