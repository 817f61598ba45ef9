"""Flights and airports as the reservation system knows them, in our own words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from travel.chassis import Neighbour, NeighbourRefused, Problem
from travel.flights.cache import Cache
from travel.flights.money import Rates


class Timetable:
    """Airports, searches and flights are cached; seats never are, for they are chosen from."""

    def __init__(self, gds: Neighbour, rates: Rates, *, cache: Cache[Any],
                 airports_cache: Cache[dict[str, dict[str, Any]]]) -> None:
        self._gds = gds
        self._rates = rates
        self._cache = cache
        self._airports_cache = airports_cache

    def airports(self) -> dict[str, dict[str, Any]]:
        """By code, in the reservation system's order."""
        def ask() -> dict[str, dict[str, Any]]:
            return {airport["code"]: airport for airport in self._gds.get("/airports")["airports"]}

        return self._airports_cache.get("airports", ask)

    def search(self, origin: str, destination: str, day: date, passengers: int, currency: str) -> list[dict[str, Any]]:
        """The flights of that local day with a seat for each passenger, by departure."""
        terms = {"origin": origin, "destination": destination, "date": day.isoformat(), "seats": passengers}
        found = self._cache.get(tuple(terms.values()),
                                lambda: self._gds.get("/schedules", params=terms)["flights"])
        return sorted((self._flight(flight, currency) for flight in found),
                      key=lambda flight: datetime.fromisoformat(flight["departure"]))

    def flight(self, flight_id: str, currency: str) -> dict[str, Any]:
        return self._flight(self._cache.get(flight_id, lambda: self._ask(flight_id)), currency)

    def seats(self, flight_id: str) -> list[dict[str, Any]]:
        seats: list[dict[str, Any]] = self._ask(flight_id, "/seatmap")["seats"]
        return seats

    def _ask(self, flight_id: str, part: str = "") -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._gds.get(f"/flights/{quote(flight_id, safe='')}{part}")
        except NeighbourRefused as refusal:
            if refusal.status == 404:
                raise Problem(404, "no-such-flight", "This flight does not exist.") from refusal
            raise
        return answer

    def _flight(self, flight: dict[str, Any], currency: str) -> dict[str, Any]:
        departure, arrival = (datetime.fromisoformat(flight[end]) for end in ("departure", "arrival"))
        return {
            "id": flight["flight_id"],
            "number": flight["number"],
            "from": flight["origin"],
            "to": flight["destination"],
            "departure": flight["departure"],
            "arrival": flight["arrival"],
            "duration_min": int((arrival - departure).total_seconds()) // 60,
            "seats_left": flight["seats_left"],
            "price": self._rates.price(flight["fare"]["amount"], currency),
        }
