"""All flights that the gateway knows: those of the schedule and those opened by tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from travel.gds.errors import GdsError
from travel.gds.sandbox import SandboxFlights
from travel.gds.schedule import Flight, Schedule


class Inventory:
    def __init__(self, schedule: Schedule, sandbox: SandboxFlights, open_for_days: int,
                 today: Callable[[], date]) -> None:
        self._schedule = schedule
        self._sandbox = sandbox
        self._open_for_days = open_for_days
        self._today = today

    def on(self, origin: str, destination: str, day: date) -> list[Flight]:
        """The flights on sale that leave on the local date `day`, by departure."""
        if not self._is_open(day):
            return []
        flights = [*self._schedule.on(origin, destination, day), *self._sandbox.on(origin, destination, day)]
        return sorted(flights, key=lambda flight: flight.departure)

    def find(self, flight_id: str) -> Flight:
        flight = self._schedule.find(flight_id) or self._sandbox.find(flight_id)
        if flight is None:
            raise GdsError(404, "FL01", "NO SUCH FLIGHT")
        return flight

    def on_sale(self, flight_id: str) -> Flight:
        flight = self.find(flight_id)
        if not self._is_open(flight.departure.date()):
            raise GdsError(409, "FL02", "FLIGHT NOT ON SALE")
        return flight

    def _is_open(self, day: date) -> bool:
        # A day of grace: where it is still yesterday, yesterday's flights are on sale.
        return -1 <= (day - self._today()).days <= self._open_for_days
