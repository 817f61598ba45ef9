"""gateway over HTTP: routes, the session's cookie, security headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, jsonify, request

from travel.chassis import Database, Neighbour, Problem, Settings, create_service
from travel.gateway.forward import exchange, forward, response_from
from travel.gateway.sessions import Sessions

COOKIE = "session"
BODY_MAX_BYTES = 64 * 1024


def create_app(settings: Settings) -> Flask:
    timeout_s = float(settings["neighbour_timeout_s"])
    neighbours = {name: Neighbour(name, settings[f"{name}_url"], timeout_s=timeout_s)
                  for name in ("web", "customers", "flights", "bookings")}
    sessions = Sessions(Database(settings["database"], Path(__file__).with_name("schema.sql")),
                        float(settings["session_ttl_s"]))
    app = create_service(settings, neighbours.values())
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX_BYTES
    _add_sessions(app, settings, sessions, neighbours["customers"])
    _add_flights(app, neighbours["flights"])
    _add_bookings(app, sessions, neighbours["bookings"])
    _add_the_rest(app, neighbours["web"])
    _add_security_headers(app, settings)
    return app


def _add_sessions(app: Flask, settings: Settings, sessions: Sessions, customers: Neighbour) -> None:
    secure = str(settings["public_url"]).startswith("https:")
    ttl_s = int(settings["session_ttl_s"])

    def signed_in(response: Response, customer: dict[str, Any]) -> Response:
        sessions.close(request.cookies.get(COOKIE))
        response.set_cookie(COOKIE, sessions.open(customer), max_age=ttl_s, httponly=True, samesite="Lax",
                            secure=secure, path="/")
        return response

    @app.post("/api/session")
    def sign_in() -> Response:
        answer = exchange(request, customers, "/sign-in")
        if answer.status_code != 200:
            return response_from(answer)
        customer = _customer_in(answer.json())
        return signed_in(_session(customer, sessions.lasts_until_s(None)), customer)

    @app.get("/api/session")
    def show_session() -> Response:
        token = request.cookies.get(COOKIE)
        customer = sessions.customer_of(token)
        if customer is None:
            raise _not_signed_in()
        return _session(customer, sessions.lasts_until_s(token))

    @app.delete("/api/session")
    def sign_out() -> Response:
        sessions.close(request.cookies.get(COOKIE))
        response = Response(status=204)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=secure)
        return response

    @app.post("/api/customers")
    def register() -> Response:
        answer = exchange(request, customers, "/customers")
        response = response_from(answer)
        return signed_in(response, _customer_in(answer.json())) if answer.status_code == 201 else response


def _add_flights(app: Flask, flights: Neighbour) -> None:
    @app.get("/api/airports")
    def airports() -> Response:
        return forward(request, flights, "/airports")

    @app.get("/api/flights")
    def search() -> Response:
        return forward(request, flights, "/flights")

    @app.get("/api/flights/<flight_id>")
    def flight(flight_id: str) -> Response:
        return forward(request, flights, f"/flights/{quote(flight_id, safe='')}")

    @app.get("/api/flights/<flight_id>/seats")
    def seats(flight_id: str) -> Response:
        return forward(request, flights, f"/flights/{quote(flight_id, safe='')}/seats")


def _add_bookings(app: Flask, sessions: Sessions, bookings: Neighbour) -> None:
    def as_customer(path: str) -> Response:
        customer = sessions.customer_of(request.cookies.get(COOKIE))
        if customer is None:
            raise _not_signed_in()
        return forward(request, bookings, path, customer_id=customer["id"])

    @app.route("/api/bookings", methods=["GET", "POST"])
    def all_bookings() -> Response:
        return as_customer("/bookings")

    @app.get("/api/bookings/<booking_id>")
    def booking(booking_id: str) -> Response:
        return as_customer(f"/bookings/{quote(booking_id, safe='')}")

    @app.post("/api/bookings/<booking_id>/cancellation")
    def cancel(booking_id: str) -> Response:
        return as_customer(f"/bookings/{quote(booking_id, safe='')}/cancellation")


def _add_the_rest(app: Flask, web: Neighbour) -> None:
    """Other calls are unknown, other paths are pages."""
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    @app.route("/api", methods=methods, defaults={"path": ""})
    @app.route("/api/<path:path>", methods=methods)
    def unknown(path: str) -> Response:
        raise Problem(404, "no-such-resource", f"There is nothing at /api/{path} for {request.method}.")

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> Response:
        return forward(request, web, f"/{quote(path)}")


def _add_security_headers(app: Flask, settings: Settings) -> None:
    # In debug mode developers' tools may put scripts and styles of their own into a page.
    sources = "'self'" if not settings.get("debug") else "'self' 'unsafe-inline' 'unsafe-eval' data: ws:"
    policy = (f"default-src {sources}; form-action 'self' {settings['bank_url']}; frame-ancestors 'none'; "
              "base-uri 'none'; object-src 'none'")

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        if request.path.startswith("/api"):
            response.headers["Cache-Control"] = "no-store"  # answers depend on who is signed in
        return response


def _customer_in(document: dict[str, Any]) -> dict[str, Any]:
    """What a session keeps of the customer that `customers` answered with."""
    return {field: document[field] for field in ("id", "name", "email")}


def _session(customer: dict[str, Any], lasts_until_s: float) -> Response:
    """`expires_at` is in milliseconds since the epoch, as browsers count."""
    return jsonify(customer=customer, expires_at=int(lasts_until_s * 1000))


def _not_signed_in() -> Problem:
    return Problem(401, "not-signed-in", "Sign in first.")
