"""The reservation system's test gateway: flights that one scenario has to itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gonogo.steps.api import Api

ROOMY = 8  # seats on a flight where the number does not matter
FIRST_SEAT = "1A"


@dataclass(frozen=True, slots=True)
class Airport:
    city: str
    code: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Flight:
    """A flight of the scenario's own; `departure` and `arrival` are on their airports' clocks."""

    id: str
    number: str
    origin: Airport
    destination: Airport
    departure: datetime
    arrival: datetime

    @property
    def date(self) -> str:
        return self.departure.date().isoformat()

    @property
    def route(self) -> str:
        return f"{self.origin.city} to {self.destination.city}"


class Reservations:
    """`airports` are those that the shop lists, by city."""

    def __init__(self, api: Api, airports: dict[str, Airport]) -> None:
        self._api = api
        self._airports = airports

    @property
    def cities(self) -> list[str]:
        return list(self._airports)

    def open_flight(self, origin: str, destination: str, **wishes: int | str) -> Flight:
        """`wishes`: seats, fare (EUR cents), earliest_date or departure_date, departure_time ("HH:MM", local),
        duration_min.

        Without departure_date the gateway takes one on which a search finds the flight alone of all that tests have
        opened, and none before it in a cache: from earliest_date on, so that a scenario gets the same in each run.
        """
        start, end = self._airports[origin], self._airports[destination]
        answer = self._api.post("/sandbox/flights", json={
            "origin": start.code, "destination": end.code, "seats": ROOMY, **wishes,
        })
        return Flight(
            id=answer["flight_id"],
            number=answer["number"],
            origin=start,
            destination=end,
            departure=datetime.fromisoformat(answer["departure"]),
            arrival=datetime.fromisoformat(answer["arrival"]),
        )
