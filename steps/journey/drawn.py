"""What the agency's parties can take, and the values that a scenario draws within that.

Drawn is whatever is not the point of a scenario's rule; `context.world.data` keeps it the same in each run.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta

from gonogo.steps.data import Draw, DrawnPerson
from steps.parties.money import CURRENCIES
from steps.parties.passenger import Passenger

ACCOUNT_NAME = 39  # characters of each name: the shop takes 80 for both
PASSENGER_NAME = 60
HOLDER_NAME = 23  # the bank takes 60 for both and what makes the holder unique; capitals may take one more
NO_TRANSCRIPTION = "ĦħŊŋ"  # the airline's alphabet has A to Z, and these are not among what the shop transcribes
FARE_EUR = (20, 9_000)
DAYS_AHEAD = (90, 330)  # those for which the airline's test gateway opens flights
DEPARTURES = ("00:05", "04:59", "06:00", "09:50", "11:59", "12:00", "12:30", "19:05", "21:00", "23:55")


class Drawn:
    """Of one scenario."""

    def __init__(self, data: Draw) -> None:
        self._data = data

    def account_name(self, name: str) -> str:
        """In whichever script people write themselves."""
        return self._data.person(name, max_length=ACCOUNT_NAME).full_name

    def email(self, name: str) -> str:
        return self._data.email(name)

    def unreachable_email(self, name: str) -> str:
        local = self._data.email(name).partition("@")[0]
        return self._data.note(f"the e-mail of {name}", f"{local}@nowhere.invalid", unique=self._data.unique_part)

    def passenger(self, name: str) -> Passenger:
        """With the names of the passport."""
        person = self._latin(f"{name} in the passport", PASSENGER_NAME)
        return Passenger(person.given_names, person.family_name)

    def passengers(self, name: str, seats: Sequence[str]) -> list[Passenger]:
        """Different people in these seats, for whom the traveller books."""
        return [replace(self.passenger(f"passenger {number} of {name}"), seat=seat)
                for number, seat in enumerate(seats, 1)]

    def seats(self, name: str, free: Collection[str], at_least: int, at_most: int) -> list[str]:
        return self._data.some(free, at_least=at_least, at_most=at_most, name=f"the seats of {name}")

    def holder(self, name: str) -> str:
        """As on the card, in capitals; nobody else's in a kept environment."""
        person, unique = self._latin(f"{name} on the card", HOLDER_NAME), self._data.unique_part.upper()
        return self._data.note(f"the name on the card of {name}", f"{person.full_name} {unique}".upper(), unique=unique)

    def currency(self, name: str) -> str:
        return self._data.one(CURRENCIES, name=f"the currency of {name}")

    def route(self, cities: Collection[str]) -> tuple[str, str]:
        origin, destination = self._data.some(sorted(cities), at_least=2, at_most=2, name="the route")
        return origin, destination

    def fare(self) -> int:
        """EUR cents."""
        return self._data.money("EUR", at_least=FARE_EUR[0], at_most=FARE_EUR[1], name="the fare").minor

    def day(self) -> date:
        first, last = (date.today() + timedelta(days=ahead) for ahead in DAYS_AHEAD)
        return self._data.date(first, last, name="the day of the flight")

    def departure_time(self) -> str:
        return self._data.one(DEPARTURES, name="the departure")

    def _latin(self, name: str, max_length: int) -> DrawnPerson:
        return self._data.person(name, scripts=("Latin",), max_length=max_length, without=NO_TRANSCRIPTION)
