"""The daily schedule between all airports: computed from the route and the date, never stored.

Who sits on these flights is `reservations`' business.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

import yaml

CRUISE_KM_A_MINUTE = 14
GROUND_MIN = 35
FLIGHTS_A_DAY_AT_MOST = 4
FLIGHT_ID = re.compile(r"GN(?P<number>\d{4})-(?P<date>\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Airport:
    code: str
    city: str
    name: str
    country: str
    time_zone: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Flight:
    """`departure` and `arrival` are local and carry their offset; `fare` is in EUR cents a passenger."""

    id: str
    number: str
    origin: Airport
    destination: Airport
    departure: datetime
    arrival: datetime
    fare: int
    seats: int


@cache
def airports() -> dict[str, Airport]:
    rows = yaml.safe_load((Path(__file__).parent / "airports.yml").read_text(encoding="utf-8"))
    return {row["code"]: Airport(**row) for row in rows}


class Schedule:
    """Two to four flights a day between each two airports, `seats` on each."""

    def __init__(self, seats: int) -> None:
        self._seats = seats
        codes = list(airports())
        self._routes = [(origin, destination) for origin in codes for destination in codes if origin != destination]
        self._rank = {route: rank for rank, route in enumerate(self._routes)}

    def on(self, origin: str, destination: str, day: date) -> Iterator[Flight]:
        rank = self._rank[origin, destination]
        for turn in range(_flights_a_day(rank)):
            yield self._flight(rank, turn, day)

    def find(self, flight_id: str) -> Flight | None:
        """The flight of that id, or None where the schedule has no such flight."""
        match = FLIGHT_ID.fullmatch(flight_id)
        if match is None:
            return None
        rank, turn = divmod(int(match["number"]) - 1, FLIGHTS_A_DAY_AT_MOST)
        if not 0 <= rank < len(self._routes) or turn >= _flights_a_day(rank):
            return None
        try:
            return self._flight(rank, turn, date.fromisoformat(match["date"]))
        except (ValueError, OverflowError):
            return None

    def _flight(self, rank: int, turn: int, day: date) -> Flight:
        origin, destination = self._routes[rank]
        spread = 16 * 60 // _flights_a_day(rank)
        start_min = 6 * 60 + turn * spread + _noise(f"time {rank} {turn}") % (spread // 5) * 5
        number = f"GN{rank * FLIGHTS_A_DAY_AT_MOST + turn + 1:04d}"
        flight = flight_between(airports()[origin], airports()[destination], day, time(*divmod(start_min, 60)),
                                number=number, seats=self._seats)
        weekend = 115 if day.weekday() >= 4 else 100
        swing = 85 + _noise(f"fare {number} {day}") % 40
        return replace(flight, fare=flight.fare * weekend * swing // 1_000_000 * 100)


def flight_between(origin: Airport, destination: Airport, day: date, departs: time, *, number: str, seats: int,
                   duration_min: int | None = None, fare: int | None = None) -> Flight:
    """A flight that leaves at the local time `departs`; duration and fare follow from the distance if not given."""
    km = _distance_km(origin, destination)
    minutes = duration_min or int(GROUND_MIN + km / CRUISE_KM_A_MINUTE) // 5 * 5
    departure = datetime.combine(day, departs, tzinfo=ZoneInfo(origin.time_zone))
    # Added in UTC: local arithmetic would forget a change of the clocks on the way.
    arrival = (departure.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes))
    return Flight(id=f"{number}-{day.isoformat()}", number=number, origin=origin, destination=destination,
                  departure=departure, arrival=arrival.astimezone(ZoneInfo(destination.time_zone)),
                  fare=fare or 4900 + int(km * 5.5), seats=seats)


def _flights_a_day(rank: int) -> int:
    return 2 + _noise(f"route {rank}") % (FLIGHTS_A_DAY_AT_MOST - 1)


def _noise(seed: str) -> int:
    """The same number for the same seed in every process."""
    return crc32(seed.encode())


def _distance_km(a: Airport, b: Airport) -> float:
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_chord = (math.sin((lat_b - lat_a) / 2) ** 2
                  + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2)
    return 2 * 6371 * math.asin(math.sqrt(half_chord))
