"""gds: holding, ticketing and cancelling passenger name records."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient


def hold(client: FlaskClient, flight: dict[str, Any], *seats: str, key: str = "key-1", name: str = "SILVA/ANA") -> Any:
    passengers = [{"name": name, "seat": seat} for seat in seats]
    return client.post("/pnrs", json={"flight_id": flight["flight_id"], "passengers": passengers},
                       headers={"Idempotency-Key": key})


def free_seats(client: FlaskClient, flight: dict[str, Any]) -> list[str]:
    seats = client.get(f"/flights/{flight['flight_id']}/seatmap").get_json()["seats"]
    return [seat["seat"] for seat in seats if seat["free"]]


def test_a_hold_gives_a_locator_of_six_characters(client: FlaskClient, flight: dict[str, Any]) -> None:
    """A locator has no character that could be taken for another one."""
    answer = hold(client, flight, "1A", "1B")
    assert answer.status_code == 201
    record = answer.get_json()
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{6}", record.pop("locator"))
    assert record == {"status": "HELD", "flight_id": flight["flight_id"],
                      "passengers": [{"name": "SILVA/ANA", "seat": "1A"}, {"name": "SILVA/ANA", "seat": "1B"}]}


def test_the_same_key_and_request_give_the_same_record(client: FlaskClient, flight: dict[str, Any]) -> None:
    """A repeated hold takes no second seat."""
    assert hold(client, flight, "1A").get_json() == hold(client, flight, "1A").get_json()
    assert free_seats(client, flight) == ["1B", "1C", "1D"]


def test_the_same_key_with_another_request_is_refused(client: FlaskClient, flight: dict[str, Any]) -> None:
    """A key belongs to one request (IK02)."""
    hold(client, flight, "1A")
    answer = hold(client, flight, "1B")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "IK02")


def test_a_hold_needs_a_key(client: FlaskClient, flight: dict[str, Any]) -> None:
    """Without an idempotency key a repeat could not be told from a new hold (IK01)."""
    answer = hold(client, flight, "1A", key="")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "IK01")


@pytest.mark.parametrize("name", ["SILVA/ANA", "VAN DER BERG/JAN PIET", "O/A"])
def test_names_in_the_gateway_s_form_are_taken(client: FlaskClient, flight: dict[str, Any], name: str) -> None:
    """Capital letters, single spaces, one slash."""
    assert hold(client, flight, "1A", name=name).status_code == 201


@pytest.mark.parametrize("name", ["SILVA/ ANA", " SILVA/ANA", "SILVA /ANA", "SILVA/ANA ", "SILVA/ANA  MARIA", "SILVA",
                                  "Silva/Ana", "O'BRIEN/ANA", "SILVA-COSTA/ANA", "SILVÀ/ANA", "SILVA/ANA2", "/ANA", "",
                                  "SILVA/ANA\n"])
def test_any_other_name_is_refused(client: FlaskClient, flight: dict[str, Any], name: str) -> None:
    """The gateway fixes no name (NM01), and a refused hold takes no seat."""
    answer = hold(client, flight, "1A", name=name)
    assert answer.status_code == 400
    assert answer.get_json() == {"error": {"code": "NM01", "message": "INVALID NAME FORMAT"}}
    assert len(free_seats(client, flight)) == 4


def test_a_taken_seat_is_refused_and_nothing_is_held(client: FlaskClient, flight: dict[str, Any]) -> None:
    """One taken seat refuses the whole record (ST01)."""
    hold(client, flight, "1A")
    answer = hold(client, flight, "1B", "1A", key="key-2")
    assert answer.status_code == 409
    assert answer.get_json() == {"error": {"code": "ST01", "message": "SEAT NOT AVAILABLE"}}
    assert free_seats(client, flight) == ["1B", "1C", "1D"]


@pytest.mark.parametrize(("seats", "code"), [(["9Z"], "ST02"), (["2A"], "ST02"), (["1A", "1A"], "ST03"), ([], "RQ01")])
def test_impossible_seats_are_refused(client: FlaskClient, flight: dict[str, Any], seats: list[str], code: str) -> None:
    """A seat that the flight does not have, one seat for two, nobody at all."""
    answer = hold(client, flight, *seats)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("change", [{"extra": 1}, {"passengers": [{"name": "SILVA/ANA"}]}, {"passengers": "SILVA"},
                                    {"passengers": [{"name": "SILVA/ANA", "seat": "1A", "age": 3}]}])
def test_unknown_shapes_are_refused(client: FlaskClient, flight: dict[str, Any], change: dict[str, Any]) -> None:
    """Extra or missing fields are an error, never ignored (RQ01)."""
    body = {"flight_id": flight["flight_id"], "passengers": [{"name": "SILVA/ANA", "seat": "1A"}], **change}
    answer = client.post("/pnrs", json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "RQ01")


@pytest.mark.parametrize(("flight_id", "status", "code"), [("GN9999-2027-01-15", 404, "FL01"),
                                                           ("GN0001-2020-01-15", 409, "FL02")])
def test_only_flights_on_sale_can_be_held(client: FlaskClient, flight_id: str, status: int, code: str) -> None:
    """An unknown flight and one of the past have no seats to hold."""
    answer = hold(client, {"flight_id": flight_id}, "1A")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_a_record_is_ticketed_once(client: FlaskClient, flight: dict[str, Any]) -> None:
    """Ticketing again changes nothing."""
    locator = hold(client, flight, "1A").get_json()["locator"]
    answers = [client.post(f"/pnrs/{locator}/ticket") for _ in range(2)]
    assert [(answer.status_code, answer.get_json()["status"]) for answer in answers] == [(200, "TICKETED")] * 2
    assert client.get(f"/pnrs/{locator}").get_json()["status"] == "TICKETED"


def test_a_cancelled_record_frees_its_seats(client: FlaskClient, flight: dict[str, Any]) -> None:
    """Cancelling, even twice, frees the seat for somebody else, and only once."""
    locator = hold(client, flight, "1A").get_json()["locator"]
    assert client.delete(f"/pnrs/{locator}").get_json()["status"] == "CANCELLED"
    assert hold(client, flight, "1A", key="key-2").status_code == 201
    assert client.delete(f"/pnrs/{locator}").status_code == 200
    assert "1A" not in free_seats(client, flight)


def test_a_cancelled_record_is_not_ticketed(client: FlaskClient, flight: dict[str, Any]) -> None:
    """There is no seat behind it any more (PN02)."""
    locator = hold(client, flight, "1A").get_json()["locator"]
    client.delete(f"/pnrs/{locator}")
    answer = client.post(f"/pnrs/{locator}/ticket")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "PN02")


@pytest.mark.parametrize(("method", "path"), [("GET", "/pnrs/AAAAAA"), ("DELETE", "/pnrs/AAAAAA"),
                                              ("POST", "/pnrs/AAAAAA/ticket")])
def test_an_unknown_record_is_refused(client: FlaskClient, method: str, path: str) -> None:
    """A locator that was never given leads nowhere."""
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "PN01")


def test_only_one_of_many_gets_the_last_seat(client: FlaskClient, flight: dict[str, Any]) -> None:
    """Eight travellers reach for one seat at the same moment: one holds it, seven are told so."""
    start, statuses = threading.Barrier(8), []

    def reach(key: str) -> None:
        own = client.application.test_client()
        start.wait()
        statuses.append(own.post("/pnrs", headers={"X-Api-Key": "key", "Idempotency-Key": key}, json={
            "flight_id": flight["flight_id"], "passengers": [{"name": "SILVA/ANA", "seat": "1A"}]}).status_code)

    travellers = [threading.Thread(target=reach, args=(f"key-{number}",)) for number in range(8)]
    for traveller in travellers:
        traveller.start()
    for traveller in travellers:
        traveller.join()
    assert sorted(statuses) == [201] + [409] * 7
