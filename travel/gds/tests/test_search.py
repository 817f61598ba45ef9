"""gds: searches, flights and seat maps over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient


def search(client: FlaskClient, **terms: Any) -> Any:
    return client.get("/schedules", query_string={"origin": "LHR", "destination": "JFK", **terms})


def test_airports_have_time_zones(client: FlaskClient) -> None:
    """All sixteen airports are listed, each with its IANA time zone."""
    airports = client.get("/airports").get_json()["airports"]
    assert len(airports) == 16
    assert {"code": "LHR", "city": "London", "name": "London Heathrow", "country": "GB",
            "time_zone": "Europe/London"} in airports


def test_a_search_gives_the_flights_of_that_day(client: FlaskClient, day: str) -> None:
    """Each flight found leaves on the day asked for with all of its seats free."""
    flights = search(client, date=day).get_json()["flights"]
    assert flights
    assert all(flight["departure"].startswith(day) and flight["seats_left"] == 20 for flight in flights)


@pytest.mark.parametrize("ahead", [-3, 400])
def test_no_flights_are_on_sale_in_the_past_or_too_far_ahead(client: FlaskClient, ahead: int) -> None:
    """Outside of the days on sale a search finds nothing, without an error."""
    day = datetime.now(UTC).date() + timedelta(days=ahead)
    assert search(client, date=day.isoformat()).get_json() == {"flights": []}


@pytest.mark.parametrize(("terms", "code"), [
    ({"origin": "XXX", "date": "2027-01-15"}, "AP01"), ({"destination": "LHR", "date": "2027-01-15"}, "AP01"),
    ({}, "DT01"), ({"date": "15/01/2027"}, "DT01"), ({"date": "2027-02-30"}, "DT01"),
    ({"date": "2027-01-15", "seats": "0"}, "RQ01"), ({"date": "2027-01-15", "seats": "12"}, "RQ01"),
    ({"date": "2027-01-15", "seats": ""}, "RQ01")])
def test_a_bad_search_is_refused(client: FlaskClient, terms: dict[str, str], code: str) -> None:
    """Unknown or equal airports, malformed dates and seat counts are refused by code."""
    answer = search(client, **terms)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)


def test_flights_without_enough_seats_are_left_out(client: FlaskClient, flight: dict[str, Any]) -> None:
    """A flight with four seats is found for four and not for five."""
    day = flight["departure"][:10]
    found = {seats: [f["flight_id"] for f in search(client, date=day, seats=seats).get_json()["flights"]]
             for seats in (4, 5)}
    assert flight["flight_id"] in found[4]
    assert flight["flight_id"] not in found[5]


def test_a_held_seat_shows_in_the_seatmap_and_the_count(client: FlaskClient, flight: dict[str, Any]) -> None:
    """After a hold the seat is not free and one seat less is left."""
    client.post("/pnrs", headers={"Idempotency-Key": "a"}, json={
        "flight_id": flight["flight_id"], "passengers": [{"name": "SILVA/ANA", "seat": "1B"}]})
    seats = client.get(f"/flights/{flight['flight_id']}/seatmap").get_json()["seats"]
    assert seats == [{"seat": "1A", "free": True}, {"seat": "1B", "free": False}, {"seat": "1C", "free": True},
                     {"seat": "1D", "free": True}]
    assert client.get(f"/flights/{flight['flight_id']}").get_json()["seats_left"] == 3


@pytest.mark.parametrize("path", ["/flights/GN9999-2027-01-15", "/flights/GS0001-2027-01-15/seatmap"])
def test_an_unknown_flight_is_refused(client: FlaskClient, path: str) -> None:
    """Neither a flight nor a seat map is made up."""
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "FL01")


@pytest.mark.parametrize("headers", [{"X-Api-Key": "wrong"}, {"X-Api-Key": ""}, {"X-Api-Key": "kéy"}])
def test_a_wrong_key_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    """Without the right key nothing is told."""
    answer = client.get("/airports", headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "AU01")


def test_errors_of_http_speak_the_gateway_s_format(client: FlaskClient) -> None:
    """A path that does not exist is answered in the same format as a refusal."""
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.get_json()["error"]) == (404, {"code": "RQ00", "message": "NOT FOUND"})
