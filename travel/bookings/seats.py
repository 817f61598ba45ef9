"""Seats at the reservation system: held, ticketed, released."""

from __future__ import annotations

from typing import Any

from travel.bookings.names import gds_name
from travel.chassis import Neighbour, NeighbourRefused, NeighbourUnreachable, Problem

_SEAT_TAKEN = "ST01"


class Seats:
    def __init__(self, gds: Neighbour) -> None:
        self._gds = gds

    def hold(self, booking_id: str, flight_id: str, passengers: list[dict[str, str]]) -> str:
        """The locator of the record that holds the seats; safe to repeat for the same booking."""
        names = [{"name": gds_name(passenger["given_name"], passenger["family_name"]), "seat": passenger["seat"]}
                 for passenger in passengers]
        try:
            record = self._gds.post("/pnrs", json={"flight_id": flight_id, "passengers": names},
                                    idempotency_key=booking_id)
        except NeighbourRefused as refusal:
            raise _problem_of(refusal) from refusal
        return str(record["locator"])

    def ticket(self, locator: str) -> None:
        self._gds.post(f"/pnrs/{locator}/ticket", idempotency_key=f"{locator}-ticket")

    def release(self, locator: str) -> None:
        self._gds.delete(f"/pnrs/{locator}", idempotency_key=f"{locator}-release")

    def abandon(self, hold: dict[str, Any]) -> None:
        """Release what a hold that was never answered may have taken: only asking again tells its locator."""
        try:
            locator = self.hold(hold["booking_id"], hold["flight_id"], hold["passengers"])
        except Problem:
            return  # the gateway refuses it, so it holds nothing
        self.release(locator)


def _problem_of(refusal: NeighbourRefused) -> Exception:
    code = refusal.body.get("error", {}).get("code") if isinstance(refusal.body, dict) else None
    if refusal.status >= 500:
        return NeighbourUnreachable(refusal.neighbour, f"it answered {refusal.status}")
    if code == _SEAT_TAKEN:
        return Problem(409, "seat-taken", "A seat that you chose has just been taken. Choose another one.")
    return Problem(502, "gds-refused", "The reservation system refused the booking.", neighbour=refusal.neighbour,
                   answer=refusal.body)
