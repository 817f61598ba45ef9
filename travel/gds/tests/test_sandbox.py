"""gds: flights that tests open for themselves."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from travel.chassis import Database
from travel.gds.sandbox import FIRST_DAY, LAST_DAY, SandboxFlights

TODAY = date(2027, 1, 1)
ROUTE = {"origin": "LHR", "destination": "JFK"}


@pytest.fixture
def sandbox(tmp_path: Path) -> SandboxFlights:
    schema = Path(__file__).parents[1] / "schema.sql"
    return SandboxFlights(Database(tmp_path / "gds.sqlite", schema), 20, lambda: TODAY)


def test_each_flight_of_a_route_has_a_date_of_its_own(sandbox: SandboxFlights) -> None:
    """Ten flights leave on ten days, from ninety days ahead on."""
    days = [sandbox.open(ROUTE).departure.date() for _ in range(10)]
    assert days == [TODAY + timedelta(days=FIRST_DAY + number) for number in range(10)]


def test_after_the_last_date_the_next_flights_leave_at_another_time(sandbox: SandboxFlights) -> None:
    """With every date used once, the first date is used again, at another hour."""
    first, *_, last = [sandbox.open(ROUTE) for _ in range(LAST_DAY - FIRST_DAY + 1)]
    again = sandbox.open(ROUTE)
    assert last.departure.date() == TODAY + timedelta(days=LAST_DAY)
    assert again.departure.date() == first.departure.date()
    assert again.departure != first.departure


def test_the_next_free_date_from_one_on_may_be_wished(sandbox: SandboxFlights) -> None:
    """Which date a test gets then hardly depends on how many came before; from the last date on it goes round."""
    wished = TODAY + timedelta(days=200)
    first, second, last, again = [sandbox.open({**ROUTE, "earliest_date": day.isoformat()}).departure.date() for day in (
        wished, wished, TODAY + timedelta(days=LAST_DAY), TODAY + timedelta(days=LAST_DAY))]
    assert [first, second] == [wished, wished + timedelta(days=1)]
    assert [last, again] == [TODAY + timedelta(days=LAST_DAY), TODAY + timedelta(days=FIRST_DAY)]


def test_routes_do_not_share_dates(sandbox: SandboxFlights) -> None:
    """Another route begins at its own first date."""
    there = sandbox.open(ROUTE)
    back = sandbox.open({"origin": "JFK", "destination": "LHR"})
    assert there.departure.date() == back.departure.date()
    assert there.id != back.id


def test_the_wish_is_fulfilled(sandbox: SandboxFlights) -> None:
    """Seats, fare, local time and duration are as asked for."""
    flight = sandbox.open({**ROUTE, "seats": 2, "fare": 12345, "departure_time": "23:30", "duration_min": 45})
    assert (flight.seats, flight.fare, flight.departure.strftime("%H:%M")) == (2, 12345, "23:30")
    assert (flight.arrival - flight.departure).total_seconds() == 45 * 60
    assert sandbox.find(flight.id) == flight
    assert sandbox.on("LHR", "JFK", flight.departure.date()) == [flight]


def test_a_date_may_be_wished(sandbox: SandboxFlights) -> None:
    """Two flights of one date are two flights."""
    wish = {**ROUTE, "departure_date": "2027-07-15", "departure_time": "09:40"}
    one, other = sandbox.open(wish), sandbox.open(wish)
    assert one.departure.isoformat() == other.departure.isoformat() == "2027-07-15T09:40:00+01:00"
    assert one.id != other.id


def test_a_flight_is_found_in_a_search_without_a_key_for_the_sandbox(client: FlaskClient) -> None:
    """The sandbox is open to tests; its flight stands among those of the schedule."""
    answer = client.post("/sandbox/flights", json=ROUTE, headers={"X-Api-Key": ""})
    assert answer.status_code == 201
    flight = answer.get_json()
    found = client.get("/schedules", query_string={**ROUTE, "date": flight["departure"][:10]}).get_json()["flights"]
    assert flight in found
    assert any(other["number"].startswith("GN") for other in found)
    assert (flight["number"][:2], flight["seats_left"], flight["fare"]["amount"]) == ("GS", 1, 18900)


@pytest.mark.parametrize("wish", [{}, [], None, {"origin": "LHR"}, {"origin": "LHR", "destination": "LHR"},
                                  {**ROUTE, "seats": 0}, {**ROUTE, "seats": 21}, {**ROUTE, "seats": True},
                                  {**ROUTE, "fare": 0}, {**ROUTE, "departure_time": "24:00"}, {**ROUTE, "departure_date": "2027-02-30"},
                                  {**ROUTE, "duration_min": 5}, {**ROUTE, "colour": "red"}])
def test_a_bad_wish_is_refused(client: FlaskClient, wish: Any) -> None:
    """A wish that cannot be fulfilled as it stands is an error."""
    assert client.post("/sandbox/flights", json=wish).status_code == 400
