"""Bookings over HTTP. Rules live in `booking_request`, `placing`, `outcomes`, `seats` and `names`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from travel.bookings.booking_request import read_booking_request
from travel.bookings.outcomes import Outcomes
from travel.bookings.past import fill_with_past
from travel.bookings.placing import Placing
from travel.bookings.records import Records, document
from travel.bookings.seats import Seats
from travel.chassis import Database, Neighbour, Problem, Settings, create_service, start_worker
from travel.chassis.outbox import Outbox

_EVENT_STATUSES = ("authorised", "declined", "challenge", "refunded")
_PAGE_SIZE_AT_MOST = 50


def create_app(settings: Settings) -> Flask:
    flights, gds, payments, notifications = neighbours = [
        _neighbour(settings, "flights"),
        _neighbour(settings, "gds", headers={"X-Api-Key": settings["gds_api_key"]}),
        _neighbour(settings, "payments"),
        _neighbour(settings, "notifications"),
    ]
    app = create_service(settings, neighbours)
    database = Database(settings["database"], Path(__file__).parent / "schema.sql")
    fill_with_past(database, int(settings.get("past_bookings", 0)))
    seats = Seats(gds)
    outbox = Outbox(database, {
        "notification": lambda event: notifications.post("/events", json=event),
        "seat-release": lambda seat: seats.release(seat["locator"]),
        "seat-abandon": seats.abandon,
        "payment-void": lambda payment: payments.post(f"/payments/{payment['payment_id']}/void"),
        "payment-refund": lambda payment: payments.post(f"/payments/{payment['payment_id']}/refund"),
    })
    placing = Placing(database, outbox, flights=flights, seats=seats, payments=payments,
                      public_url=settings["public_url"], payment_deadline_s=float(settings["payment_deadline_s"]))
    outcomes = Outcomes(database, outbox, seats, challenge_deadline_s=float(settings["challenge_deadline_s"]))
    app.extensions["travel"] = {"outcomes": outcomes, "outbox": outbox}
    _serve_customers(app, placing, outcomes, Records(database))
    _serve_payments(app, outcomes)
    if settings.get("workers", True):
        start_worker("bookings-outbox", outbox.deliver_next, idle_s=0.05)
        start_worker("sweeper", outcomes.expire_next, idle_s=0.25)
    return app


def _neighbour(settings: Settings, name: str, headers: dict[str, str] | None = None) -> Neighbour:
    return Neighbour(name, settings[f"{name}_url"], timeout_s=float(settings[f"{name}_timeout_s"]),
                     attempts=int(settings["neighbour_attempts"]), headers=headers)


def _serve_customers(app: Flask, placing: Placing, outcomes: Outcomes, records: Records) -> None:
    @app.post("/bookings")
    def place() -> tuple[Response, int]:
        customer_id = _customer_id()
        key = request.headers.get("Idempotency-Key", "")
        if not 1 <= len(key) <= 128:
            raise Problem(400, "idempotency-key-required", "Send an Idempotency-Key of 1 to 128 characters.")
        wanted = read_booking_request(request.get_json(silent=True), datetime.now(UTC).date())
        return jsonify(document(placing.place(customer_id, wanted, key))), 202

    @app.get("/bookings")
    def page() -> Response:
        customer_id = _customer_id()
        return jsonify(records.page(customer_id, _number("page", 1, 100_000), _number("size", 10, _PAGE_SIZE_AT_MOST)))

    @app.get("/bookings/<booking_id>")
    def show(booking_id: str) -> Response:
        return jsonify(document(records.get_of(_customer_id(), booking_id)))

    @app.post("/bookings/<booking_id>/cancellation")
    def cancel(booking_id: str) -> Response:
        return jsonify(document(outcomes.cancel(_customer_id(), booking_id)))


def _serve_payments(app: Flask, outcomes: Outcomes) -> None:
    @app.post("/payment-events")
    def hear() -> Response:
        outcomes.hear(_payment_event(request.get_json(silent=True)))
        return jsonify(received=True)


def _payment_event(body: object) -> dict[str, Any]:
    if isinstance(body, dict) and body.get("status") in _EVENT_STATUSES:
        texts = ["event_id", "booking_id", "payment_id", *(["challenge_url"] if body["status"] == "challenge" else [])]
        if all(isinstance(body.get(name), str) for name in texts):
            return body
    raise Problem(422, "invalid-event", "This is not an event that payments is known to send.")


def _customer_id() -> str:
    customer_id = request.headers.get("X-Customer-Id", "")
    if not customer_id:
        raise Problem(401, "not-signed-in", "Sign in to see your bookings.")
    return customer_id


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise Problem(422, "invalid-page", f"{name} must be a whole number from 1 to {most}.")
    return int(text)
