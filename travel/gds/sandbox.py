"""Flights of tests: each on a date of its own, so that a scenario finds it alone in a search."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from travel.chassis import Database
from travel.gds.errors import GdsError
from travel.gds.schedule import Flight, airports, flight_between

FIRST_DAY, LAST_DAY = 90, 330      # days ahead
DEFAULT_FARE = 18900               # EUR cents
FLIGHT_ID = re.compile(r"GS(?P<number>\d{4})-(?P<date>\d{4}-\d{2}-\d{2})")
_KEYS = {"origin", "destination", "seats", "fare", "earliest_date", "departure_date", "departure_time", "duration_min"}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class SandboxFlights:
    def __init__(self, database: Database, seats_at_most: int, today: Callable[[], date]) -> None:
        self._database = database
        self._seats_at_most = seats_at_most
        self._today = today

    def open(self, wish: object) -> Flight:
        """A new flight as `wish` says (see openapi.yml), by itself on the next date least used by its route."""
        if not isinstance(wish, dict) or set(wish) - _KEYS:
            raise GdsError(400, "RQ01", "INVALID REQUEST")
        origin, destination = wish.get("origin"), wish.get("destination")
        if origin not in airports() or destination not in airports() or origin == destination:
            raise GdsError(400, "AP01", "INVALID CITY PAIR")
        seats = _whole(wish.get("seats", 1), 1, self._seats_at_most)
        fare = _whole(wish.get("fare", DEFAULT_FARE), 1, 10_000_000)
        departs = wish.get("departure_time")
        if departs is not None and not (isinstance(departs, str) and _TIME.fullmatch(departs)):
            raise GdsError(400, "RQ01", "INVALID REQUEST")
        wished, earliest = _date(wish.get("departure_date")), _date(wish.get("earliest_date"))
        a, b = airports()[origin], airports()[destination]
        by_distance = flight_between(a, b, self._today(), time(12), number="GS0000", seats=1)
        usual_min = int((by_distance.arrival - by_distance.departure).total_seconds()) // 60
        duration_min = _whole(wish.get("duration_min", usual_min), 10, 24 * 60)
        with self._database.transaction() as connection:
            day, lap = self._least_used_day(connection, origin, destination, earliest)
            day = wished or day
            departs = departs or f"{(12 + lap) % 24:02d}:00"
            cursor = connection.execute(
                "INSERT INTO sandbox_flight (origin, destination, departure_date, departure_time, duration_min, fare,"
                " seats) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (origin, destination, day.isoformat(), departs, duration_min, fare, seats))
        return flight_between(a, b, day, time.fromisoformat(departs), number=_number(cursor.lastrowid or 0),
                              seats=seats, duration_min=duration_min, fare=fare)

    def on(self, origin: str, destination: str, day: date) -> list[Flight]:
        return [_flight(row) for row in self._database.all(
            "SELECT * FROM sandbox_flight WHERE origin = ? AND destination = ? AND departure_date = ?",
            (origin, destination, day.isoformat()))]

    def find(self, flight_id: str) -> Flight | None:
        match = FLIGHT_ID.fullmatch(flight_id)
        if match is None:
            return None
        row = self._database.one("SELECT * FROM sandbox_flight WHERE departure_date = ? AND id % 10000 = ?"
                                 " ORDER BY id DESC LIMIT 1", (match["date"], int(match["number"])))
        return _flight(row) if row is not None else None

    def _least_used_day(self, connection: sqlite3.Connection, origin: str, destination: str,
                        earliest: date | None) -> tuple[date, int]:
        """From `earliest` on, and round to the first day; with how often it is used."""
        days = [self._today() + timedelta(days=ahead) for ahead in range(FIRST_DAY, LAST_DAY + 1)]
        days.sort(key=lambda day: earliest is not None and day < earliest)
        used: dict[str, int] = dict(connection.execute(
            "SELECT departure_date, COUNT(*) FROM sandbox_flight WHERE origin = ? AND destination = ?"
            " GROUP BY departure_date", (origin, destination)).fetchall())
        day = min(days, key=lambda day: used.get(day.isoformat(), 0))
        return day, used.get(day.isoformat(), 0)


def _flight(row: sqlite3.Row) -> Flight:
    return flight_between(airports()[row["origin"]], airports()[row["destination"]],
                          date.fromisoformat(row["departure_date"]), time.fromisoformat(row["departure_time"]),
                          number=_number(row["id"]), seats=row["seats"], duration_min=row["duration_min"],
                          fare=row["fare"])


def _number(rank: int) -> str:
    return f"GS{rank % 10000:04d}"


def _date(value: object) -> date | None:
    try:
        return None if value is None else datetime.strptime(str(value), "%Y-%m-%d").date()
    except ValueError:
        raise GdsError(400, "DT01", "INVALID DATE") from None


def _whole(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise GdsError(400, "RQ01", "INVALID REQUEST")
    return value
