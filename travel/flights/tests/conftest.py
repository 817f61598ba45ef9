"""flights with a mocked reservation system; its answers are held to the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient

from travel.chassis import Settings
from travel.chassis.contract import Contract
from travel.flights.app import create_app

CONTRACT = Path(__file__).parents[1] / "openapi.yml"
GDS = "http://gds.test"
AIRPORTS = [
    {"code": "LHR", "city": "London", "name": "London Heathrow", "country": "GB", "time_zone": "Europe/London"},
    {"code": "JFK", "city": "New York", "name": "New York JFK", "country": "US", "time_zone": "America/New_York"},
    {"code": "SYD", "city": "Sydney", "name": "Sydney Kingsford", "country": "AU", "time_zone": "Australia/Sydney"}]
CURRENCIES = {"EUR": {"rate": "1", "decimals": 2}, "GBP": {"rate": "0.8532", "decimals": 2},
              "USD": {"rate": "1.0874", "decimals": 2}, "JPY": {"rate": "163.21", "decimals": 0}}


def gds_flight(number: str = "GN0123", **changed: Any) -> dict[str, Any]:
    """A flight in the reservation system's words."""
    return {"flight_id": f"{number}-2099-01-15", "carrier": "GN", "number": number, "origin": "LHR",
            "destination": "JFK", "departure": "2099-01-15T09:40:00+00:00", "arrival": "2099-01-15T12:40:00-05:00",
            "fare": {"amount": 18900, "currency": "EUR"}, "seats_left": 20, **changed}


@pytest.fixture(autouse=True)
def gds() -> Iterator[responses.RequestsMock]:
    """Nothing leaves the machine; airports and one flight are known."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{GDS}/airports", json={"airports": AIRPORTS})
        mock.get(f"{GDS}/flights/GN0123-2099-01-15", json=gds_flight())
        mock.get(f"{GDS}/flights/GN0123-2099-01-15/seatmap", json={"seats": [{"seat": "1A", "free": True}]})
        yield mock


@pytest.fixture
def client() -> FlaskClient:
    app = create_app(Settings("flights", {
        "gds_url": GDS, "gds_api_key": "key", "gds_timeout_s": 1, "gds_attempts": 1, "cache_ttl_s": 60,
        "airports_ttl_s": 60, "cache_entries": 100, "currencies": CURRENCIES}))
    app.testing = True
    Contract(CONTRACT).watch(app)
    return app.test_client()
