"""flights: airports, single flights and their seats."""

from __future__ import annotations

import pytest
import responses
from flask.testing import FlaskClient

from travel.flights.tests.conftest import AIRPORTS, GDS

FLIGHT = "GN0123-2099-01-15"


def calls(gds: responses.RequestsMock, path: str) -> int:
    return sum(call.request.url == GDS + path for call in gds.calls)


def test_airports_are_passed_on_and_cached(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """They do not change from one page to the next."""
    for _ in range(2):
        assert client.get("/airports").get_json() == {"airports": AIRPORTS}
    assert calls(gds, "/airports") == 1


def test_a_flight_has_its_price_in_the_wished_currency(client: FlaskClient) -> None:
    """Euros where none is wished for."""
    assert client.get(f"/flights/{FLIGHT}").get_json()["price"] == {"amount": 18900, "currency": "EUR"}
    assert client.get(f"/flights/{FLIGHT}?currency=USD").get_json()["price"] == {"amount": 20552, "currency": "USD"}


def test_an_unknown_currency_is_refused(client: FlaskClient) -> None:
    """Before anybody is asked."""
    answer = client.get(f"/flights/{FLIGHT}?currency=CHF")
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["currency"])


def test_seats_are_never_cached(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """Neither here nor on the way: they are chosen from."""
    for _ in range(2):
        answer = client.get(f"/flights/{FLIGHT}/seats")
        assert answer.get_json() == {"seats": [{"seat": "1A", "free": True}]}
        assert answer.headers["Cache-Control"] == "no-store"
    assert calls(gds, f"/flights/{FLIGHT}/seatmap") == 2


@pytest.mark.parametrize("path", ["/flights/GN9999-2099-01-15", "/flights/GN9999-2099-01-15/seats"])
def test_an_unknown_flight_is_not_found(client: FlaskClient, gds: responses.RequestsMock, path: str) -> None:
    """The reservation system's FL01 is our no-such-flight."""
    gds.get(f"{GDS}{path.replace('/seats', '/seatmap')}", status=404,
            json={"error": {"code": "FL01", "message": "NO SUCH FLIGHT"}})
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "no-such-flight")


def test_a_flight_id_cannot_reach_another_path(client: FlaskClient, gds: responses.RequestsMock) -> None:
    """It is quoted: `%3F` does not begin a query at the reservation system."""
    gds.get(f"{GDS}/flights/x%3Fy", status=404, json={"error": {"code": "FL01", "message": "NO SUCH FLIGHT"}})
    assert client.get("/flights/x%3Fy").status_code == 404
