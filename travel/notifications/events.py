"""The events that bookings sends, checked before they are accepted. No HTTP and no storage here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

TYPES = ("booking-confirmed", "payment-declined", "booking-expired", "booking-cancelled")
CURRENCIES = ("EUR", "GBP", "USD", "JPY")

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+(?<!\.invalid)")  # no such domain exists: RFC 6761
_LOCATOR = re.compile(r"[A-HJ-NP-Z2-9]{6}")


class InvalidEvent(Exception):
    """`errors` has a sentence for each member that is not as it must be, by its path."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def parse_event(document: Any) -> dict[str, Any]:
    """Return the event as it came if a mail can be written from it; else raise InvalidEvent."""
    if not isinstance(document, Mapping):
        raise InvalidEvent({"body": "Must be an object."})
    errors: dict[str, str] = {}
    for path, (is_right, sentence) in _RULES.items():
        if not is_right(_member(document, path)):
            errors[path] = sentence
    passengers = _member(document, "booking.passengers")
    for index, passenger in enumerate(passengers if isinstance(passengers, list) else []):
        for field in ("given_name", "family_name", "seat"):
            if not _is_text(_member(passenger, field)):
                errors[f"booking.passengers[{index}].{field}"] = "Must be text."
    if errors:
        raise InvalidEvent(errors)
    return dict(document)


def _member(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_local_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).utcoffset() is not None
    except (TypeError, ValueError):
        return False


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "event_id": (_is_text, "Must be text."),
    "type": (lambda value: value in TYPES, f"Must be one of {', '.join(TYPES)}."),
    "to": (lambda value: isinstance(value, str) and bool(_EMAIL.fullmatch(value)), "Must be an email address."),
    "booking.id": (_is_text, "Must be text."),
    "booking.locator": (lambda value: value is None or (isinstance(value, str) and bool(_LOCATOR.fullmatch(value))),
                        "Must be a locator of six characters, or null."),
    "booking.flight.number": (_is_text, "Must be text."),
    "booking.flight.from": (_is_text, "Must be text."),
    "booking.flight.to": (_is_text, "Must be text."),
    "booking.flight.departure": (_is_local_time, "Must be a time with its offset from UTC."),
    "booking.flight.arrival": (_is_local_time, "Must be a time with its offset from UTC."),
    "booking.price.amount": (lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
                             "Must be a whole number of minor units."),
    "booking.price.currency": (lambda value: value in CURRENCIES, f"Must be one of {', '.join(CURRENCIES)}."),
    "booking.passengers": (lambda value: isinstance(value, list) and len(value) > 0, "Must name a passenger."),
}
