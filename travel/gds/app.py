"""The gateway over HTTP. Rules live in `inventory`, `reservations` and `sandbox`."""

from __future__ import annotations

import hmac
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from travel.chassis import Database, Settings, create_service
from travel.gds.errors import GdsError, speak_gds
from travel.gds.inventory import Inventory
from travel.gds.reservations import LETTERS, Reservations, seats_of
from travel.gds.sandbox import SandboxFlights
from travel.gds.schedule import Flight, Schedule, airports

OPEN_TO_ALL = ("/health", "/version", "/sandbox/")


def create_app(settings: Settings) -> Flask:
    app = create_service(settings)
    speak_gds(app)
    database = Database(settings["database"], Path(__file__).parent / "schema.sql")
    seats = int(settings["rows"]) * len(LETTERS)
    sandbox = SandboxFlights(database, seats, _today)
    inventory = Inventory(Schedule(seats), sandbox, int(settings["open_for_days"]), _today)
    reservations = Reservations(database)

    @app.before_request
    def authenticate() -> None:
        known = hmac.compare_digest(request.headers.get("X-Api-Key", "").encode(), settings["api_key"].encode())
        if not known and not request.path.startswith(OPEN_TO_ALL):
            raise GdsError(401, "AU01", "NOT AUTHORISED")

    @app.post("/sandbox/flights")
    def open_sandbox_flight() -> tuple[Response, int]:
        flight = sandbox.open(request.get_json(silent=True))
        return jsonify(_document(flight, flight.seats)), 201

    _serve_flights(app, inventory, reservations, search_takes_s=float(settings["search_takes_s"]))
    _serve_records(app, inventory, reservations)
    return app


def _serve_flights(app: Flask, inventory: Inventory, reservations: Reservations, *, search_takes_s: float) -> None:
    @app.get("/airports")
    def list_airports() -> Response:
        return jsonify(airports=[{"code": a.code, "city": a.city, "name": a.name, "country": a.country,
                                  "time_zone": a.time_zone} for a in airports().values()])

    @app.get("/schedules")
    def search() -> Response:
        origin, destination, day, wanted = _search_terms()
        time.sleep(search_takes_s)
        flights = inventory.on(origin, destination, day)
        left = reservations.seats_left(flights)
        return jsonify(flights=[_document(flight, left[flight.id]) for flight in flights if left[flight.id] >= wanted])

    @app.get("/flights/<flight_id>")
    def one_flight(flight_id: str) -> Response:
        flight = inventory.find(flight_id)
        return jsonify(_document(flight, reservations.seats_left([flight])[flight.id]))

    @app.get("/flights/<flight_id>/seatmap")
    def seatmap(flight_id: str) -> Response:
        flight = inventory.find(flight_id)
        taken = reservations.taken(flight.id)
        return jsonify(seats=[{"seat": seat, "free": seat not in taken} for seat in seats_of(flight)])


def _serve_records(app: Flask, inventory: Inventory, reservations: Reservations) -> None:
    @app.post("/pnrs")
    def hold() -> tuple[Response, int]:
        key = request.headers.get("Idempotency-Key", "")
        if not 1 <= len(key) <= 128:
            raise GdsError(400, "IK01", "IDEMPOTENCY KEY REQUIRED")
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or set(body) != {"flight_id", "passengers"}:
            raise GdsError(400, "RQ01", "INVALID REQUEST")
        flight = inventory.on_sale(str(body["flight_id"]))
        return jsonify(reservations.hold(flight, body["passengers"], key)), 201

    @app.get("/pnrs/<locator>")
    def record(locator: str) -> Response:
        return jsonify(reservations.find(locator))

    @app.post("/pnrs/<locator>/ticket")
    def ticket(locator: str) -> Response:
        return jsonify(reservations.ticket(locator))

    @app.delete("/pnrs/<locator>")
    def cancel(locator: str) -> Response:
        return jsonify(reservations.cancel(locator))


def _search_terms() -> tuple[str, str, date, int]:
    origin, destination = request.args.get("origin", ""), request.args.get("destination", "")
    if origin not in airports() or destination not in airports() or origin == destination:
        raise GdsError(400, "AP01", "INVALID CITY PAIR")
    try:
        day = datetime.strptime(request.args.get("date", ""), "%Y-%m-%d").date()
    except ValueError:
        raise GdsError(400, "DT01", "INVALID DATE") from None
    seats = request.args.get("seats", "1")
    if seats not in set("123456789"):
        raise GdsError(400, "RQ01", "INVALID REQUEST")
    return origin, destination, day, int(seats)


def _document(flight: Flight, seats_left: int) -> dict[str, Any]:
    return {
        "flight_id": flight.id,
        "carrier": flight.number[:2],
        "number": flight.number,
        "origin": flight.origin.code,
        "destination": flight.destination.code,
        "departure": flight.departure.isoformat(),
        "arrival": flight.arrival.isoformat(),
        "fare": {"amount": flight.fare, "currency": "EUR"},
        "seats_left": seats_left,
    }


def _today() -> date:
    return datetime.now(UTC).date()
