"""What a customer asks for: a booking request, read and checked field by field.

Whether the flight has the seat, and whether the card is good for the price, is known to others.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from travel.chassis import Problem

PASSENGERS_AT_MOST = 4
CURRENCIES = ("GBP", "EUR", "USD", "JPY")
Rule = tuple[Callable[[Any], bool], str]


@dataclass(frozen=True, slots=True)
class BookingRequest:
    flight_id: str
    passengers: list[dict[str, str]]
    currency: str
    card: dict[str, str] = field(repr=False)
    contact_email: str
    language: str = "en"
    total: int | None = None    # what the traveller agreed to pay for all, in minor units, where it is told

    def digest(self) -> str:
        """What tells two requests under one key apart; the card is left out, for it is not to be kept."""
        told = [self.flight_id, self.passengers, self.currency, self.contact_email, self.language, self.total]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def read_booking_request(body: object, today: date) -> BookingRequest:
    """The request in `body` (JSON), or a 422 problem whose `errors` has a sentence for each wrong field."""
    if not isinstance(body, dict):
        raise Problem(400, "invalid-json", "The body must be a JSON object.")
    errors = dict(_faults(body, today))
    if errors:
        raise Problem(422, "invalid-booking", "The booking is not valid.", errors=errors)
    return BookingRequest(**body)


def _faults(body: dict[str, Any], today: date) -> Iterator[tuple[str, str]]:
    yield from _broken(_OPTIONAL | body, _BOOKING, "")
    passengers = body.get("passengers")
    if not isinstance(passengers, list) or not 1 <= len(passengers) <= PASSENGERS_AT_MOST:
        yield "passengers", f"Give 1 to {PASSENGERS_AT_MOST} passengers."
        return
    for index, passenger in enumerate(passengers):
        yield from _broken(passenger, _PASSENGER, f"passengers.{index}.")
        if isinstance(passenger, dict) and passenger.get("seat") in [p["seat"] for p in passengers[:index]
                                                                     if isinstance(p, dict) and "seat" in p]:
            yield f"passengers.{index}.seat", "Another passenger has this seat already."
    card = body.get("card")
    wrong = dict(_broken(card, _CARD, "card."))
    if isinstance(card, dict) and "card.expiry" not in wrong and _is_past(card["expiry"], today):
        wrong["card.expiry"] = "The card has expired."
    yield from wrong.items()


def _broken(value: object, rules: dict[str, Rule], prefix: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield prefix.rstrip("."), "This must be an object."
        return
    for name, (holds, sentence) in rules.items():
        if not holds(value.get(name)):
            yield prefix + name, sentence
    for name in set(value) - set(rules):
        yield prefix + name, "This field is not known here."


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_card_number(value: object) -> bool:
    """12 to 19 digits with the check digit of ISO/IEC 7812-1."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{12,19}", value):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(value))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _is_amount(value: object) -> bool:
    return type(value) is int and value > 0


def _is_past(expiry: str, today: date) -> bool:
    return (2000 + int(expiry[3:]), int(expiry[:2])) < (today.year, today.month)


_NAME = _text(r"(?=.*\S).{1,60}")
_OPTIONAL = {"language": "en", "total": 1}    # what stands for a field that is not there, as far as rules go
_BOOKING: dict[str, Rule] = {
    "flight_id": (_text(r"[A-Z0-9-]{1,32}"), "Choose a flight."),
    "passengers": (lambda value: True, ""),
    "currency": (lambda value: value in CURRENCIES, f"Choose one of {', '.join(CURRENCIES)}."),
    "card": (lambda value: True, ""),
    "contact_email": (_text(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}"), "Give an e-mail address."),
    "language": (_text(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"), "Give a language such as en or pt-BR."),
    "total": (_is_amount, "Give the price of all in minor units of the currency."),
}
_PASSENGER: dict[str, Rule] = {
    "given_name": (_NAME, "Give the given name, at most 60 characters."),
    "family_name": (_NAME, "Give the family name, at most 60 characters."),
    "seat": (_text(r"[1-9][0-9]?[A-Z]"), "Choose a seat."),
}
_CARD: dict[str, Rule] = {
    "number": (_is_card_number, "Check the card number."),
    "expiry": (_text(r"(0[1-9]|1[0-2])/[0-9]{2}"), "Give the expiry date as MM/YY."),
    "cvc": (_text(r"[0-9]{3,4}"), "Give the 3 or 4 digits of the security code."),
    "holder": (_text(r"(?=.*\S).{2,60}"), "Give the name on the card."),
}
