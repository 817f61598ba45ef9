"""gateway: sessions and what is passed on about them."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
import responses
from flask.testing import FlaskClient
from responses import matchers

from travel.chassis import Database, Settings
from travel.gateway.app import create_app
from travel.gateway.sessions import Sessions

ANA = {"id": "0b6a5a3c-0f0f-4a3e-9a51-2f5a3f6c1d11", "name": "Ana", "email": "ana@example.com"}
CREDENTIALS = {"email": "ana@example.com", "password": "correct horse"}
CUSTOMERS = "http://customers.test"
SCHEMA = Path(__file__).parents[1] / "schema.sql"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "gateway.sqlite"


@pytest.fixture
def client(database: Path) -> FlaskClient:
    urls = {f"{name}_url": f"http://{name}.test" for name in ("web", "customers", "flights", "bookings", "bank")}
    values = {**urls, "database": str(database), "public_url": "http://gateway.test", "neighbour_timeout_s": 1,
              "session_ttl_s": 3600}
    return create_app(Settings("gateway", values)).test_client()


def sign_in(client: FlaskClient) -> None:
    responses.post(f"{CUSTOMERS}/sign-in", json=ANA)
    assert client.post("/api/session", json=CREDENTIALS).status_code == 200


@responses.activate
def test_signing_in_asks_customers_and_sets_a_cookie(client: FlaskClient) -> None:
    """The right credentials begin a session, kept in a cookie that scripts cannot read."""
    responses.post(f"{CUSTOMERS}/sign-in", json=ANA, match=[matchers.json_params_matcher(CREDENTIALS)])

    answer = client.post("/api/session", json=CREDENTIALS)

    assert answer.status_code == 200
    assert answer.json is not None and answer.json["customer"] == ANA
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@responses.activate
def test_wrong_credentials_begin_no_session(client: FlaskClient) -> None:
    """The refusal of customers is passed on, without a cookie."""
    responses.post(f"{CUSTOMERS}/sign-in", status=401, json={"code": "wrong-credentials"},
                   content_type="application/problem+json")

    answer = client.post("/api/session", json=CREDENTIALS)

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json == {"code": "wrong-credentials"}
    assert "Set-Cookie" not in answer.headers


@responses.activate
def test_registering_signs_in_at_once(client: FlaskClient) -> None:
    """A new customer is signed in without entering the password again."""
    responses.post(f"{CUSTOMERS}/customers", status=201, json=ANA)

    answer = client.post("/api/customers", json={**CREDENTIALS, "name": "Ana"})

    assert (answer.status_code, answer.json) == (201, ANA)
    session = client.get("/api/session").json
    assert session is not None and session["customer"] == ANA


@responses.activate
def test_a_browser_is_told_when_its_session_ends(client: FlaskClient) -> None:
    """An hour from sign-in here, in milliseconds since the epoch; the end stays where it is."""
    responses.post(f"{CUSTOMERS}/sign-in", json=ANA)

    begun = client.post("/api/session", json=CREDENTIALS).json
    shown = client.get("/api/session").json

    assert begun is not None and shown is not None
    assert abs(begun["expires_at"] - (time.time() + 3600) * 1000) < 60_000
    assert abs(shown["expires_at"] - begun["expires_at"]) < 1000


@responses.activate
def test_a_refused_registration_signs_nobody_in(client: FlaskClient) -> None:
    """What customers finds wrong with a sign-up reaches the browser as it is."""
    problem = {"code": "invalid-customer", "errors": {"name": "Must not start or end with a space."}}
    responses.post(f"{CUSTOMERS}/customers", status=422, json=problem)

    answer = client.post("/api/customers", json={**CREDENTIALS, "name": " Ana"})

    assert (answer.status_code, answer.json) == (422, problem)
    assert client.get("/api/session").status_code == 401


def test_nobody_is_signed_in_without_a_session(client: FlaskClient) -> None:
    """Without a cookie, or with one that was never given out, the answer is 401."""
    assert client.get("/api/session").status_code == 401
    client.set_cookie("session", "made-up")
    answer = client.get("/api/session")
    assert answer.status_code == 401
    assert answer.json is not None and answer.json["code"] == "not-signed-in"


@responses.activate
def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    """After sign-out the token is worthless, even to somebody who kept the cookie."""
    sign_in(client)
    cookie = client.get_cookie("session")
    assert cookie is not None

    answer = client.delete("/api/session")
    client.set_cookie("session", cookie.value)

    assert answer.status_code == 204
    assert client.get("/api/session").status_code == 401


@responses.activate
def test_bookings_learn_who_asks_from_the_session_alone(client: FlaskClient) -> None:
    """X-Customer-Id comes from the session: a client's own is dropped."""
    sign_in(client)
    responses.get("http://bookings.test/bookings", json={"bookings": []},
                  match=[matchers.header_matcher({"X-Customer-Id": ANA["id"]})])

    answer = client.get("/api/bookings", headers={"X-Customer-Id": "somebody-else"})

    assert answer.status_code == 200


@responses.activate
def test_public_calls_carry_no_customer(client: FlaskClient) -> None:
    """A client cannot pass itself off as a customer where no session is asked for."""
    responses.get("http://flights.test/airports", json={"airports": []})

    client.get("/api/airports", headers={"X-Customer-Id": "somebody"})

    assert "X-Customer-Id" not in responses.calls[0].request.headers


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/bookings"), ("GET", "/api/bookings"),
                                              ("GET", "/api/bookings/1"), ("POST", "/api/bookings/1/cancellation")])
@responses.activate
def test_bookings_need_a_session(client: FlaskClient, method: str, path: str) -> None:
    """Without a session nothing reaches bookings."""
    answer = client.open(path, method=method, json={})

    assert answer.status_code == 401
    assert len(responses.calls) == 0


def test_a_session_ends_in_time(database: Path) -> None:
    """A session is valid until its time is over, and is then cleared away by the next sign-in."""
    now = [1000.0]
    sessions = Sessions(Database(database, SCHEMA), ttl_s=60, clock=lambda: now[0])
    token = sessions.open(ANA)

    now[0] = 1059.9
    assert sessions.customer_of(token) == ANA
    now[0] = 1060.0
    assert sessions.customer_of(token) is None

    sessions.open(ANA)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


def test_tokens_are_stored_hashed(database: Path) -> None:
    """Who reads the database cannot sign in with what is there."""
    token = Sessions(Database(database, SCHEMA), ttl_s=60).open(ANA)

    with closing(sqlite3.connect(database)) as connection:
        row = connection.execute("SELECT token_hash, customer FROM sessions").fetchone()

    assert token not in row[0]
    assert json.loads(row[1]) == ANA
