"""What a traveller searches for: read from the query, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from travel.chassis import Problem

PASSENGERS_AT_MOST = 4


@dataclass(frozen=True, slots=True)
class Search:
    origin: str
    destination: str
    day: date
    passengers: int
    currency: str


def read_search(query: Mapping[str, str], airports: Mapping[str, dict[str, Any]], currencies: Collection[str],
                now: datetime) -> Search:
    """The search in `query`, or a 422 problem whose `errors` has a sentence for each wrong parameter.

    `airports` maps a code to the airport; `now` carries a time zone: a date is past when it is
    past at the airport of departure.
    """
    errors: dict[str, str] = {}
    origin, destination = query.get("from", ""), query.get("to", "")
    errors |= {name: "Choose an airport." for name, code in (("from", origin), ("to", destination))
               if code not in airports}
    if not errors and origin == destination:
        errors["to"] = "Choose another airport than the one of departure."
    day = _date(query.get("date", ""))
    if day is None:
        errors["date"] = "Give a date as YYYY-MM-DD."
    elif origin in airports and day < now.astimezone(ZoneInfo(airports[origin]["time_zone"])).date():
        errors["date"] = "Choose a date that is not in the past."
    passengers = query.get("passengers", "1")
    if passengers not in [str(number) for number in range(1, PASSENGERS_AT_MOST + 1)]:
        errors["passengers"] = f"Choose 1 to {PASSENGERS_AT_MOST} passengers."
    currency = query.get("currency", "EUR")
    if currency not in currencies:
        errors["currency"] = f"Choose one of {', '.join(currencies)}."
    if errors or day is None:
        raise Problem(422, "invalid-search", "The search is not valid.", errors=errors)
    return Search(origin, destination, day, int(passengers), currency)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
