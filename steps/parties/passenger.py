"""Who flies, and where they sit: as the form, the shop's API and the ticket have it."""

from __future__ import annotations

from dataclasses import dataclass

from steps.parties.reservations import FIRST_SEAT


@dataclass(frozen=True, slots=True)
class Passenger:
    given_names: str
    family_name: str
    seat: str = FIRST_SEAT

    @property
    def full_name(self) -> str:
        return f"{self.given_names} {self.family_name}"
