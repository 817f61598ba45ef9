"""Payments over HTTP. Rules live in `payments`, `lifecycle`, `payment_request`, `reference` and `signature`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from travel.chassis import Database, Neighbour, Problem, Settings, create_service, start_worker
from travel.chassis.outbox import Outbox
from travel.payments import signature
from travel.payments.acquirer import Acquirer
from travel.payments.lifecycle import BANK_STATUSES
from travel.payments.payment_request import read_payment_request
from travel.payments.payments import Payments

_EVENT_TEXTS = ("event_id", "charge_id", "merchant_reference", "status", "currency")


def create_app(settings: Settings) -> Flask:
    bank = Neighbour("bank", settings["bank_url"], timeout_s=float(settings["bank_timeout_s"]),
                     attempts=int(settings["bank_attempts"]),
                     headers={"Authorization": f"Bearer {settings['bank_api_key']}"})
    bookings = Neighbour("bookings", settings["bookings_url"], timeout_s=float(settings["bookings_timeout_s"]))
    app = create_service(settings, [bank, bookings])
    database = Database(settings["database"], Path(__file__).parent / "schema.sql")
    acquirer = Acquirer(bank, f"{settings['own_url'].rstrip('/')}/webhooks/bank",
                        statement_text=settings["features"]["statement_text"])
    outbox = Outbox(database, {
        "booking-event": lambda event: bookings.post("/payment-events", json=event),
        "bank-void": lambda charge: acquirer.void(charge["charge_id"]),
    })
    payments = Payments(database, outbox, acquirer)
    app.extensions["travel"] = {"payments": payments, "outbox": outbox}
    _serve_payments(app, payments)
    _serve_webhook(app, payments, settings)
    if settings.get("workers", True):
        start_worker("payments-outbox", outbox.deliver_next, idle_s=0.05)
    return app


def _serve_payments(app: Flask, payments: Payments) -> None:
    @app.post("/payments")
    def ask() -> tuple[Response, int]:
        key = request.headers.get("Idempotency-Key", "")
        if not 1 <= len(key) <= 128:
            raise Problem(400, "idempotency-key-required", "Send an Idempotency-Key of 1 to 128 characters.")
        return jsonify(payments.ask(read_payment_request(request.get_json(silent=True)), key)), 202

    @app.get("/payments/<payment_id>")
    def show(payment_id: str) -> Response:
        return jsonify(payments.find(payment_id))

    @app.post("/payments/<payment_id>/refund")
    def refund(payment_id: str) -> tuple[Response, int]:
        return jsonify(payments.refund(payment_id)), 202

    @app.post("/payments/<payment_id>/void")
    def void(payment_id: str) -> Response:
        return jsonify(payments.void(payment_id))


def _serve_webhook(app: Flask, payments: Payments, settings: Settings) -> None:
    @app.post("/webhooks/bank")
    def hear() -> Response:
        signature.verify(request.headers.get("Bank-Signature", ""), request.get_data(), settings["webhook_secret"],
                         now_s=time.time(), tolerance_s=float(settings["webhook_tolerance_s"]))
        payments.hear(_event(request.get_json(silent=True)))
        return jsonify(received=True)


def _event(body: object) -> dict[str, Any]:
    if not isinstance(body, dict) or not all(isinstance(body.get(key), str) for key in _EVENT_TEXTS) \
            or type(body.get("amount")) is not int or body["status"] not in BANK_STATUSES:
        raise Problem(400, "invalid-event", "This is not an event that the bank is known to send.")
    return body
