"""gateway: what goes where, and with which headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from flask.testing import FlaskClient
from responses import matchers

from travel.chassis import Settings
from travel.gateway.app import create_app

FLIGHT = "GN0123-2027-01-15"


def client_for(tmp_path: Path, **changed: Any) -> FlaskClient:
    urls = {f"{name}_url": f"http://{name}.test" for name in ("web", "customers", "flights", "bookings", "bank")}
    values = {**urls, "database": str(tmp_path / "gateway.sqlite"), "public_url": "http://gateway.test",
              "neighbour_timeout_s": 1, "session_ttl_s": 3600, **changed}
    return create_app(Settings("gateway", values)).test_client()


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return client_for(tmp_path)


def sign_in(client: FlaskClient) -> None:
    responses.post("http://customers.test/sign-in", json={"id": "ana", "name": "Ana", "email": "ana@example.com"})
    assert client.post("/api/session", json={}).status_code == 200


@pytest.mark.parametrize(("path", "target"), [
    ("/api/airports", "http://flights.test/airports"),
    ("/api/flights?from=LHR&to=JFK", "http://flights.test/flights?from=LHR&to=JFK"),
    (f"/api/flights/{FLIGHT}?currency=EUR", f"http://flights.test/flights/{FLIGHT}?currency=EUR"),
    (f"/api/flights/{FLIGHT}/seats", f"http://flights.test/flights/{FLIGHT}/seats"),
    ("/api/bookings?page=2&size=5", "http://bookings.test/bookings?page=2&size=5"),
    ("/api/bookings/b1", "http://bookings.test/bookings/b1"),
    ("/", "http://web.test/"),
    ("/search?from=LHR", "http://web.test/search?from=LHR"),
    ("/static/app.js", "http://web.test/static/app.js"),
])
@responses.activate
def test_each_path_has_its_service(client: FlaskClient, path: str, target: str) -> None:
    """A path goes to the service that answers for it, with its query, and comes back as it is."""
    sign_in(client)
    responses.get(target, body=b"the answer", content_type="text/plain")

    answer = client.get(path)

    assert (answer.status_code, answer.data, answer.content_type) == (200, b"the answer", "text/plain")
    assert responses.calls[-1].request.url == target


@responses.activate
def test_a_booking_is_passed_with_its_body_and_key(client: FlaskClient) -> None:
    """The body, the idempotency key, the language and the trace of a booking reach bookings; the answer comes back."""
    sign_in(client)
    passed = {"Idempotency-Key": "k1", "Accept-Language": "de", "Content-Type": "application/json",
              "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b"}
    responses.post("http://bookings.test/bookings", status=202, json={"id": "b1", "status": "pending"},
                   match=[matchers.header_matcher(passed), matchers.json_params_matcher({"flight_id": FLIGHT})])

    answer = client.post("/api/bookings", json={"flight_id": FLIGHT}, headers=passed)

    assert (answer.status_code, answer.json) == (202, {"id": "b1", "status": "pending"})


@responses.activate
def test_a_cancellation_is_passed(client: FlaskClient) -> None:
    """A cancellation goes to bookings, and its refusal comes back with its status and document."""
    sign_in(client)
    responses.post("http://bookings.test/bookings/b1/cancellation", status=409, json={"code": "not-cancellable"},
                   content_type="application/problem+json")

    answer = client.post("/api/bookings/b1/cancellation")

    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert answer.json == {"code": "not-cancellable"}


@responses.activate
def test_a_path_cannot_break_out_of_its_service(client: FlaskClient) -> None:
    """What stands in the place of an id stays one segment of the path."""
    responses.get(f"http://flights.test/flights/{FLIGHT}%3Fx%3D1", json={})

    answer = client.get(f"/api/flights/{FLIGHT}%3Fx%3D1")

    assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/api"), ("GET", "/api/nothing"), ("POST", "/api/webhooks/bank"),
                                              ("PUT", "/api/session"), ("POST", "/api/flights")])
@responses.activate
def test_an_unknown_call_is_not_found(client: FlaskClient, method: str, path: str) -> None:
    """What is not in the interface is 404 and reaches nobody: the bank's webhook is not called through here."""
    answer = client.open(path, method=method)

    assert answer.status_code == 404
    assert answer.json is not None and answer.json["code"] == "no-such-resource"
    assert len(responses.calls) == 0


@responses.activate
def test_pages_are_only_read(client: FlaskClient) -> None:
    """Nothing but GET and HEAD goes to web."""
    responses.head("http://web.test/", content_type="text/html")

    assert client.head("/").status_code == 200
    assert client.post("/search").status_code == 405


@responses.activate
def test_a_page_may_be_validated_by_its_etag(client: FlaskClient) -> None:
    """The browser's validator reaches web, and web's answer the browser, so that unchanged files are not sent again."""
    responses.get("http://web.test/app.js", status=304, headers={"ETag": '"v1"', "Cache-Control": "no-cache"},
                  match=[matchers.header_matcher({"If-None-Match": '"v1"'})])

    answer = client.get("/app.js", headers={"If-None-Match": '"v1"'})

    assert answer.status_code == 304
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == ('"v1"', "no-cache")


@responses.activate
def test_a_neighbour_that_does_not_answer_is_named(client: FlaskClient) -> None:
    """A service that is down is a 503 that tells which."""
    responses.get("http://flights.test/airports", body=requests.ConnectionError("refused"))

    answer = client.get("/api/airports")

    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.json is not None
    assert (answer.json["code"], answer.json["neighbour"]) == ("neighbour-unreachable", "flights")


@responses.activate
def test_every_answer_has_security_headers(client: FlaskClient) -> None:
    """Neither pages nor calls may be framed, sniffed, or mixed with others' content; forms may go to the bank."""
    responses.get("http://web.test/", body="<!doctype html>", content_type="text/html")

    for path in ("/", "/api/session", "/api/nothing"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'self'", "form-action 'self' http://bank.test", "frame-ancestors 'none'"} <= set(policy)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


@responses.activate
def test_only_in_debug_mode_pages_may_hold_foreign_scripts(tmp_path: Path) -> None:
    """Tools of developers write into pages."""
    responses.get("http://web.test/", body="<!doctype html>", content_type="text/html")

    policies = [client_for(tmp_path, debug=debug).get("/").headers["Content-Security-Policy"]
                for debug in (False, True)]

    assert ["'unsafe-inline'" in policy for policy in policies] == [False, True]


@responses.activate
def test_calls_are_never_cached(client: FlaskClient) -> None:
    """Answers depend on who is signed in: no cache may keep them, whatever the service says."""
    responses.get("http://flights.test/airports", json={}, headers={"Cache-Control": "public, max-age=60"})

    assert client.get("/api/airports").headers["Cache-Control"] == "no-store"


def test_a_body_has_a_limit(client: FlaskClient) -> None:
    """A body that no form of ours would send is refused."""
    answer = client.post("/api/session", data=b"x" * 65_537, content_type="application/json")

    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


@responses.activate
def test_over_https_the_cookie_is_for_https_only(tmp_path: Path) -> None:
    """Where the public address is https, the session's cookie is never sent in the clear."""
    client = client_for(tmp_path, public_url="https://travel.example")
    responses.post("http://customers.test/sign-in", json={"id": "ana", "name": "Ana", "email": "ana@example.com"})

    answer = client.post("/api/session", json={})

    assert "Secure" in answer.headers["Set-Cookie"].split("; ")
