"""The bank over HTTP. Rules live in `charge_request`, `issuer` and `charges`."""

from __future__ import annotations

import hmac
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from travel.bank import errors, issuer
from travel.bank.challenge import serve_challenges
from travel.bank.charge_request import read_amount, read_charge_request
from travel.bank.charges import Charges
from travel.bank.errors import BankError, speak_bank
from travel.bank.webhook import WebhookSender
from travel.chassis import Database, NeighbourRefused, NeighbourUnreachable, Settings, create_service, start_worker
from travel.chassis.outbox import Outbox


def create_app(settings: Settings) -> Flask:
    app = create_service(settings)
    app.template_folder = str(Path(__file__).parent / "templates")
    speak_bank(app)
    database = Database(settings["database"], Path(__file__).parent / "schema.sql")
    sender = WebhookSender(settings["webhook_secret"], float(settings["webhook_timeout_s"]),
                           float(settings["clock_offset_s"]))

    def send(webhook: dict[str, Any]) -> None:
        try:
            sender.send(webhook)
        except (NeighbourRefused, NeighbourUnreachable):
            charges.count_webhook_failure(webhook["event"]["charge_id"])
            raise

    outbox = Outbox(database, {"webhook": send}, park_after=1 + int(settings["webhook_retries"]),
                    first_retry_s=float(settings["webhook_first_retry_s"]), longest_retry_s=60, patient=False)
    charges = Charges(database, outbox, digest_key=settings["api_key"], public_url=settings["public_url"],
                      delays_s={"soon": float(settings["answer_delay_s"]), "late": float(settings["late_answer_s"])})
    app.extensions["travel"] = {"charges": charges, "outbox": outbox}

    @app.before_request
    def authenticate() -> None:
        known = hmac.compare_digest(request.headers.get("Authorization", "").encode(),
                                    f"Bearer {settings['api_key']}".encode())
        if not known and request.path.startswith("/v1/"):
            raise BankError(errors.UNAUTHORISED, "unknown API key", 401)

    _serve_charges(app, charges, float(settings["slow_taking_s"]))
    serve_challenges(app, charges)
    if settings.get("workers", True):
        start_worker("issuer", charges.answer_next, idle_s=0.05)
        start_worker("webhooks", outbox.deliver_next, idle_s=0.05)
    return app


def _serve_charges(app: Flask, charges: Charges, slow_taking_s: float) -> None:
    @app.post("/v1/charges")
    def ask() -> tuple[Response, int]:
        key = _idempotency_key()
        wanted = read_charge_request(request.get_json(silent=True), datetime.now(UTC).date())
        charge, is_new = charges.ask(wanted, key)
        if is_new and issuer.answer_for(wanted.card.number).taken_slowly:
            time.sleep(slow_taking_s)
        return jsonify(charge_id=charge["charge_id"], status="PENDING"), 202

    @app.get("/v1/charges/<charge_id>")
    def show(charge_id: str) -> Response:
        return jsonify(charges.find(charge_id))

    @app.post("/v1/charges/<charge_id>/refunds")
    def refund(charge_id: str) -> tuple[Response, int]:
        key = _idempotency_key()
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or set(body) != {"amount"}:
            raise BankError(errors.MALFORMED, "request must be a JSON object with the field amount alone")
        paid_back = charges.refund(charge_id, read_amount(body["amount"]), key)
        return jsonify(refund_id=paid_back["refund_id"], charge_id=charge_id, amount=paid_back["amount"]), 202

    @app.post("/v1/charges/<charge_id>/void")
    def void(charge_id: str) -> Response:
        return jsonify(charges.void(charge_id))

    @app.get("/sandbox/charges")
    def of_holder() -> Response:
        return jsonify(charges=charges.of_holder(request.args.get("holder", "")))


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 128:
        raise BankError(errors.KEY_MISSING, "header Idempotency-Key of 1 to 128 characters is required")
    return key
