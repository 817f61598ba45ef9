"""flights: searches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
from flask.testing import FlaskClient

from travel.chassis import Problem
from travel.flights.search import read_search
from travel.flights.tests.conftest import AIRPORTS, CURRENCIES, GDS, gds_flight

SEARCH = {"from": "LHR", "to": "JFK", "date": "2099-01-15"}
BY_CODE = {airport["code"]: airport for airport in AIRPORTS}


def search(client: FlaskClient, **changed: Any) -> Any:
    return client.get("/flights", query_string={**SEARCH, **changed})


def asked(gds: responses.RequestsMock) -> list[dict[str, str]]:
    """The searches that the reservation system was asked for."""
    return [call.request.params for call in gds.calls if call.request.url.startswith(f"{GDS}/schedules")]


def test_flights_are_told_in_our_own_words(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """Local times with their offsets, the true duration, the price of one passenger."""
    gds.get(f"{GDS}/schedules", json={"flights": [gds_flight()]})
    assert search(client, currency="GBP").get_json() == {"currency": "GBP", "flights": [{
        "id": "GN0123-2099-01-15", "number": "GN0123", "from": "LHR", "to": "JFK",
        "departure": "2099-01-15T09:40:00+00:00", "arrival": "2099-01-15T12:40:00-05:00", "duration_min": 480,
        "seats_left": 20, "price": {"amount": 16125, "currency": "GBP"}}]}


def test_the_reservation_system_is_asked_in_its_words(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """Route, date and number of seats, with the key."""
    gds.get(f"{GDS}/schedules", json={"flights": []})
    search(client, passengers=3)
    assert asked(gds) == [{"origin": "LHR", "destination": "JFK", "date": "2099-01-15", "seats": "3"}]
    assert {call.request.headers["X-Api-Key"] for call in gds.calls} == {"key"}


def test_flights_are_sorted_by_departure(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """Whatever the order in which they come."""
    times = {"GN0003": "2099-01-15T21:00:00+00:00", "GN0001": "2099-01-15T06:00:00+00:00",
             "GN0002": "2099-01-15T12:00:00+00:00"}
    gds.get(f"{GDS}/schedules", json={"flights": [
        gds_flight(number, departure=departure, arrival="2099-01-16T03:00:00+00:00")
        for number, departure in times.items()]})
    assert [flight["number"] for flight in search(client).get_json()["flights"]] == ["GN0001", "GN0002", "GN0003"]


def test_no_flights_is_an_empty_list(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """Not an error."""
    gds.get(f"{GDS}/schedules", json={"flights": []})
    answer = search(client)
    assert (answer.status_code, answer.get_json()) == (200, {"flights": [], "currency": "EUR"})


def test_a_repeated_search_is_answered_from_the_cache(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """In any currency; another date or number of passengers is another search."""
    gds.get(f"{GDS}/schedules", json={"flights": [gds_flight()]})
    for changed in ({}, {}, {"currency": "JPY"}, {"passengers": 2}, {"date": "2099-01-16"}):
        assert search(client, **changed).status_code == 200
    assert len(asked(gds)) == 3
    assert search(client, currency="JPY").get_json()["flights"][0]["price"] == {"amount": 30847, "currency": "JPY"}


@pytest.mark.parametrize(("changed", "fields"), [
    ({"from": "XXX"}, {"from"}), ({"to": "jfk"}, {"to"}), ({"from": "", "to": ""}, {"from", "to"}),
    ({"to": "LHR"}, {"to"}), ({"date": "15/01/2099"}, {"date"}), ({"date": "2099-02-30"}, {"date"}),
    ({"date": "20990115"}, {"date"}), ({"date": "2020-01-15"}, {"date"}), ({"passengers": 0}, {"passengers"}),
    ({"passengers": 5}, {"passengers"}), ({"passengers": "two"}, {"passengers"}), ({"currency": "CHF"}, {"currency"}),
    ({"currency": "eur"}, {"currency"}), ({"date": "", "passengers": "", "currency": ""},
                                          {"date", "passengers", "currency"})])
def test_a_wrong_search_names_its_fields(client: FlaskClient, gds: responses.RequestsMock, changed: dict[str, Any],
                                         fields: set[str]) -> None:
    """Each has a sentence, and the reservation system is not asked."""
    answer = search(client, **changed)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-search")
    assert set(answer.get_json()["errors"]) == fields
    assert not asked(gds)


@pytest.mark.parametrize(("origin", "day", "taken"), [
    ("SYD", "2027-01-15", False), ("SYD", "2027-01-16", True), ("LHR", "2027-01-15", True),
    ("LHR", "2027-01-14", False), ("JFK", "2027-01-15", True)])
def test_today_is_today_at_the_airport_of_departure(origin: str, day: str, taken: bool) -> None:
    """At 20:00 UTC on 15 January it is already the 16th in Sydney."""
    query = {"from": origin, "to": "JFK" if origin != "JFK" else "LHR", "date": day}
    now = datetime(2027, 1, 15, 20, 0, tzinfo=UTC)
    if taken:
        assert read_search(query, BY_CODE, list(CURRENCIES), now).day.isoformat() == day
    else:
        with pytest.raises(Problem) as refused:
            read_search(query, BY_CODE, list(CURRENCIES), now)
        assert set(refused.value.extra["errors"]) == {"date"}  # type: ignore[call-overload]


def test_passengers_and_currency_have_defaults() -> None:
    """One passenger, in euros."""
    found = read_search(SEARCH, BY_CODE, list(CURRENCIES), datetime(2027, 1, 1, tzinfo=UTC))
    assert (found.passengers, found.currency) == (1, "EUR")


@pytest.mark.parametrize(("failure", "status"), [({"body": requests.ConnectionError("down")}, 503),
                                                 ({"status": 401, "json": {"error": {"code": "AU01"}}}, 502)])
def test_a_failing_reservation_system_is_named(client: FlaskClient, gds: responses.RequestsMock,
                                               failure: dict[str, Any], status: int) -> None:
    """503 where it does not answer, 502 with its answer where it refuses; and it is asked again next time."""
    gds.get(f"{GDS}/schedules", **failure)
    answer = search(client)
    assert (answer.status_code, answer.get_json()["neighbour"]) == (status, "gds")
    gds.replace("GET", f"{GDS}/schedules", json={"flights": []})
    assert search(client).status_code == 200
