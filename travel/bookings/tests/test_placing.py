"""bookings: placing a booking."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from responses import matchers

from travel.bookings.tests.conftest import CARD, FLIGHT, FLIGHTS, GDS, PAYMENT_ID, PAYMENTS, REQUEST, Traveller

TWO = [{"given_name": "Ana", "family_name": "Silva", "seat": "1A"},
       {"given_name": "Zoë", "family_name": "O'Brien", "seat": "1B"}]


def test_a_booking_is_pending_until_it_is_paid(traveller: Traveller) -> None:
    """The answer has the flight as it was, the price of all, the locator and the payment."""
    answer = traveller.book(passengers=TWO, language="pt-BR")
    assert answer.status_code == 202
    booking = answer.get_json()
    assert booking.pop("id")
    assert booking.pop("created_at")
    assert booking == {
        "locator": "K7PQ2M", "status": "pending", "flight": FLIGHT, "passengers": TWO,
        "price": {"amount": 37800, "currency": "EUR"},
        "payment": {"id": PAYMENT_ID, "status": "pending", "reference": "270101000001"},
        "challenge_url": None, "refund": None, "contact_email": "ana@example.com", "language": "pt-BR"}


def test_each_neighbour_is_asked_in_its_own_words(traveller: Traveller) -> None:
    """gds gets its names, payments the price of all and where the cardholder returns to."""
    booking_id = traveller.book(passengers=TWO).get_json()["id"]
    assert traveller.sent("POST", f"{GDS}/pnrs") == [{"flight_id": FLIGHT["id"], "passengers": [
        {"name": "SILVA/ANA", "seat": "1A"}, {"name": "OBRIEN/ZOE", "seat": "1B"}]}]
    assert traveller.sent("POST", f"{PAYMENTS}/payments") == [{
        "booking_id": booking_id, "amount": 37800, "currency": "EUR", "card": CARD,
        "return_url": f"http://shop.test/bookings/{booking_id}"}]
    keys = [call.request.headers.get("Idempotency-Key") for call in traveller.neighbours.calls]
    assert keys == [None, booking_id, booking_id]


def test_the_price_is_asked_for_in_the_chosen_currency(traveller: Traveller) -> None:
    """The price of the booking is what flights says, in its currency."""
    traveller.neighbours.replace("GET", f"{FLIGHTS}/flights/{FLIGHT['id']}", json={
        **FLIGHT, "seats_left": 1, "price": {"amount": 30847, "currency": "JPY"}})
    assert traveller.book(currency="JPY").get_json()["price"] == {"amount": 30847, "currency": "JPY"}
    assert traveller.neighbours.calls[0].request.params == {"currency": "JPY"}


def test_a_price_that_the_traveller_agreed_to_is_kept(traveller: Traveller) -> None:
    """The price of all, in minor units, is what flights says."""
    assert traveller.book(passengers=TWO, total=37800).status_code == 202


@pytest.mark.parametrize("total", [18900, 37799, 378])
def test_nobody_is_charged_another_price_than_they_agreed_to(traveller: Traveller, total: int) -> None:
    """Then nothing is held and nothing is paid, and the key may be used for another try."""
    answer = traveller.book(passengers=TWO, total=total)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "price-changed")
    assert not traveller.sent("POST", f"{GDS}/pnrs")
    assert traveller.book(passengers=TWO, total=37800).status_code == 202


@pytest.mark.parametrize(("changed", "fields"), [
    ({"flight_id": ""}, ["flight_id"]), ({"currency": "CHF"}, ["currency"]),
    ({"contact_email": "ana"}, ["contact_email"]),
    ({"language": "english please"}, ["language"]), ({"colour": "red"}, ["colour"]),
    ({"total": 0}, ["total"]), ({"total": 189.0}, ["total"]), ({"total": None}, ["total"]),
    ({"passengers": []}, ["passengers"]), ({"passengers": [TWO[0]] * 5}, ["passengers"]),
    ({"passengers": ["Ana"]}, ["passengers.0"]),
    ({"passengers": [{**TWO[0], "given_name": " "}]}, ["passengers.0.given_name"]),
    ({"passengers": [{**TWO[0], "family_name": "x" * 61}]}, ["passengers.0.family_name"]),
    ({"passengers": [{**TWO[0], "seat": "A1"}]}, ["passengers.0.seat"]),
    ({"passengers": [TWO[0], {**TWO[1], "seat": "1A"}]}, ["passengers.1.seat"]),
    ({"passengers": [{**TWO[0], "age": 3}]}, ["passengers.0.age"]),
    ({"card": "4111111111111111"}, ["card"]), ({"card": {**CARD, "number": "4111 1111 1111 1111"}}, ["card.number"]),
    ({"card": {**CARD, "number": "4111111111111112"}}, ["card.number"]),
    ({"card": {**CARD, "expiry": "01/20"}}, ["card.expiry"]), ({"card": {**CARD, "expiry": "1/30"}}, ["card.expiry"]),
    ({"card": {**CARD, "cvc": "12"}}, ["card.cvc"]), ({"card": {**CARD, "holder": ""}}, ["card.holder"])])
def test_a_wrong_field_is_named(traveller: Traveller, changed: dict[str, Any], fields: list[str]) -> None:
    """Each wrong field has a sentence, and nobody is asked for anything."""
    answer = traveller.book(**changed)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-booking")
    assert list(answer.get_json()["errors"]) == fields
    assert not traveller.neighbours.calls


def test_all_wrong_fields_are_named_at_once(traveller: Traveller) -> None:
    """Nobody likes to be told of one mistake after the other."""
    answer = traveller.book(currency="CHF", card={**CARD, "cvc": ""}, passengers=[{**TWO[0], "seat": ""}])
    assert set(answer.get_json()["errors"]) == {"currency", "card.cvc", "passengers.0.seat"}


@pytest.mark.parametrize("body", [None, [], "x"])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: Any) -> None:
    """Whatever it is, it is no booking."""
    assert client.post("/bookings", json=body,
                       headers={"X-Customer-Id": "ana", "Idempotency-Key": "k"}).status_code == 400


def test_a_booking_needs_a_customer_and_a_key(traveller: Traveller) -> None:
    """401 without the one, 400 without the other."""
    assert traveller.book(customer="").status_code == 401
    assert traveller.book(key="").status_code == 400
    assert traveller.book(key="k" * 129).status_code == 400


def test_a_flight_that_does_not_exist_is_told_at_its_field(traveller: Traveller) -> None:
    """flights does not know it."""
    traveller.neighbours.get(f"{FLIGHTS}/flights/GN9999-2027-01-15", json={"code": "no-such-flight"}, status=404)
    answer = traveller.book(flight_id="GN9999-2027-01-15")
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["flight_id"])


def test_the_same_key_gives_the_same_booking(traveller: Traveller) -> None:
    """A second submit books nothing and charges nothing."""
    assert traveller.book().get_json() == traveller.book().get_json()
    assert len(traveller.sent("POST", f"{PAYMENTS}/payments")) == 1


def test_the_same_key_of_another_customer_is_another_booking(traveller: Traveller) -> None:
    """Keys are a customer's own."""
    assert traveller.book().get_json()["id"] != traveller.book(customer="bo").get_json()["id"]


def test_a_key_belongs_to_one_request(traveller: Traveller) -> None:
    """Another flight, passenger or currency under the same key is refused."""
    traveller.book()
    answer = traveller.book(currency="GBP")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "idempotency-key-reused")


def test_two_submits_at_the_same_moment_make_one_booking(traveller: Traveller) -> None:
    """The second waits for the first and gets its booking."""
    start, ids = threading.Barrier(4), set()

    def submit() -> None:
        client = traveller.client.application.test_client()
        start.wait()
        answer = client.post("/bookings", json=REQUEST, headers={"X-Customer-Id": "ana", "Idempotency-Key": "k"})
        ids.add(answer.get_json()["id"])

    submits = [threading.Thread(target=submit) for _ in range(4)]
    for thread in submits:
        thread.start()
    for thread in submits:
        thread.join()
    assert len(ids) == 1
    assert len(traveller.sent("POST", f"{PAYMENTS}/payments")) == 1


def test_a_taken_seat_leaves_no_booking_and_the_key_free(traveller: Traveller) -> None:
    """The traveller chooses another seat on the same form."""
    traveller.neighbours.replace("POST", f"{GDS}/pnrs", status=409,
                                 json={"error": {"code": "ST01", "message": "SEAT NOT AVAILABLE"}})
    answer = traveller.book()
    assert (answer.status_code, answer.get_json()["code"]) == (409, "seat-taken")
    assert not traveller.sent("POST", f"{PAYMENTS}/payments")
    traveller.neighbours.replace("POST", f"{GDS}/pnrs", json={"locator": "K7PQ2M"}, status=201)
    assert traveller.book(passengers=[{**TWO[0], "seat": "1B"}]).status_code == 202


def test_a_refusal_of_gds_is_passed_on(traveller: Traveller) -> None:
    """Its own words stand in `answer`; nothing is booked or paid."""
    refusal = {"error": {"code": "NM01", "message": "INVALID NAME FORMAT"}}
    traveller.neighbours.replace("POST", f"{GDS}/pnrs", status=400, json=refusal)
    answer = traveller.book(passengers=[{**TWO[0], "given_name": "Ana2"}])
    assert (answer.status_code, answer.get_json()["code"]) == (502, "gds-refused")
    assert (answer.get_json()["answer"], answer.get_json()["neighbour"]) == (refusal, "gds")
    assert not traveller.sent("POST", f"{PAYMENTS}/payments")


@pytest.mark.parametrize("failure", [{"body": requests.Timeout("slow")}, {"status": 500, "body": "oops"}])
def test_a_hold_that_was_not_answered_is_undone(traveller: Traveller, failure: dict[str, Any]) -> None:
    """The seats may be held: asking again under the same key tells the locator, which is then released."""
    traveller.neighbours.replace("POST", f"{GDS}/pnrs", **failure)
    answer = traveller.book()
    assert (answer.status_code, answer.get_json()["neighbour"]) == (503, "gds")
    traveller.neighbours.replace("POST", f"{GDS}/pnrs", json={"locator": "K7PQ2M"}, status=201)
    traveller.deliver()
    keys = {call.request.headers["Idempotency-Key"] for call in traveller.neighbours.calls
            if call.request.url == f"{GDS}/pnrs"}
    assert len(keys) == 1
    assert len(traveller.sent("DELETE", f"{GDS}/pnrs/K7PQ2M")) == 1


@pytest.mark.parametrize(("failure", "status"), [
    ({"body": requests.ConnectionError("down")}, 503),
    ({"status": 503, "json": {"code": "neighbour-unreachable", "neighbour": "gds"}}, 503),
    ({"status": 502, "json": {"code": "neighbour-refused", "neighbour": "gds"}}, 502)])
def test_without_a_price_nothing_is_held(traveller: Traveller, failure: dict[str, Any], status: int) -> None:
    """flights is away, or whoever it asks is; the answer names flights, and what it said is passed on."""
    traveller.neighbours.replace("GET", f"{FLIGHTS}/flights/{FLIGHT['id']}", **failure)
    answer = traveller.book()
    assert (answer.status_code, answer.get_json()["neighbour"]) == (status, "flights")
    assert answer.get_json().get("answer") == failure.get("json")
    assert not traveller.sent("POST", f"{GDS}/pnrs")


@pytest.mark.parametrize(("failure", "status", "code"), [
    ({"body": requests.ConnectionError("down")}, 503, "neighbour-unreachable"),
    ({"status": 503, "json": {"code": "neighbour-unreachable", "neighbour": "bank"}}, 503, "payment-unavailable"),
    ({"status": 502, "json": {"code": "bank-refused"}}, 502, "payment-refused"),
    ({"status": 422, "json": {"code": "invalid-payment"}}, 502, "payment-refused")])
def test_without_a_payment_the_seat_is_free_again(traveller: Traveller, failure: dict[str, Any], status: int,
                                                  code: str) -> None:
    """The booking is declined and its seats are released; the same key gets the same answer, not a decline."""
    traveller.neighbours.replace("POST", f"{PAYMENTS}/payments", **failure)
    answer = traveller.book()
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.get_json()["neighbour"] == "payments"
    traveller.deliver()
    assert len(traveller.sent("DELETE", f"{GDS}/pnrs/K7PQ2M")) == 1
    again = traveller.book()
    assert (again.status_code, again.get_json()) == (status, answer.get_json())
    assert traveller.newest()["status"] == "declined"


def test_the_neighbours_are_asked_with_the_key_of_the_gateway(traveller: Traveller) -> None:
    """gds takes calls from known clients alone."""
    traveller.neighbours.replace("POST", f"{GDS}/pnrs", json={"locator": "K7PQ2M"}, status=201,
                                 match=[matchers.header_matcher({"X-Api-Key": "key"})])
    assert traveller.book().status_code == 202
