"""What bookings asks for: a payment request, read and checked. The card is held in memory alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from travel.chassis import Problem

CURRENCIES = ("GBP", "EUR", "USD", "JPY")
_BRANDS = (("visa", r"4"), ("mastercard", r"5[1-5]|2[2-7]"), ("amex", r"3[47]"))


@dataclass(frozen=True, slots=True)
class Card:
    """`repr` shows the last four digits at most, so that a log line or a traceback gives nothing away."""

    number: str = field(repr=False)
    expiry: str = field(repr=False)
    cvc: str = field(repr=False)
    holder: str

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def brand(self) -> str:
        return next((brand for brand, start in _BRANDS if re.match(start, self.number)), "other")


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """`amount` is in minor units of `currency`."""

    booking_id: str
    amount: int
    currency: str
    card: Card
    return_url: str


def _is_card(value: object) -> bool:
    return (isinstance(value, dict) and set(value) == {"number", "expiry", "cvc", "holder"}
            and all(isinstance(part, str) and part for part in value.values()))


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "booking_id": (lambda value: isinstance(value, str) and 1 <= len(value) <= 64, "1 to 64 characters"),
    "amount": (lambda value: type(value) is int and value > 0, "a whole number of minor units above 0"),
    "currency": (lambda value: value in CURRENCIES, f"one of {', '.join(CURRENCIES)}"),
    "card": (_is_card, "an object with number, expiry, cvc and holder, all text"),
    "return_url": (lambda value: isinstance(value, str) and value.startswith(("http://", "https://")),
                   "an absolute http(s) URL"),
}


def read_payment_request(body: object) -> PaymentRequest:
    """The request in `body` (JSON), or a 422 problem with a sentence for each wrong field."""
    if not isinstance(body, dict):
        raise Problem(400, "invalid-json", "The body must be a JSON object.")
    errors = {name: f"{name} must be {rule}." for name, (holds, rule) in _RULES.items() if not holds(body.get(name))}
    errors |= {name: f"{name} is not a field of a payment." for name in set(body) - set(_RULES)}
    if errors:
        raise Problem(422, "invalid-payment", "The payment request is not valid.", errors=errors)
    return PaymentRequest(**{**body, "card": Card(**body["card"])})
