"""payments with a database of its own for each test, its neighbours mocked, its answers held to the contract."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient

from travel.chassis import Settings
from travel.chassis.contract import Contract
from travel.payments.app import create_app

CONTRACT = Path(__file__).parents[1] / "openapi.yml"
BANK, BOOKINGS = "http://bank.test", "http://bookings.test"
CARD = {"number": "4111111111111111", "expiry": "12/99", "cvc": "987", "holder": "Ana Silva"}
REQUEST = {"booking_id": "b-1", "amount": 18900, "currency": "EUR", "card": CARD,
           "return_url": "http://shop.test/bookings/b-1"}


def start(database: Path, **features: bool) -> FlaskClient:
    app = create_app(Settings("payments", {
        "database": str(database), "own_url": "http://payments.test", "bank_url": BANK, "bank_api_key": "key",
        "bank_timeout_s": 1, "bank_attempts": 1, "bookings_url": BOOKINGS, "bookings_timeout_s": 1,
        "webhook_secret": "secret", "webhook_tolerance_s": 300, "workers": False,
        "features": {"statement_text": False, **features}}))
    app.testing = True
    Contract(CONTRACT).watch(app)
    return app.test_client()


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return start(tmp_path / "payments.sqlite")


@pytest.fixture(autouse=True)
def neighbours() -> Iterator[responses.RequestsMock]:
    """Nothing leaves the machine; a test says what its neighbours answer."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


class Desk:
    """Asks for payments as bookings would, and speaks as the bank would."""

    def __init__(self, client: FlaskClient, neighbours: responses.RequestsMock) -> None:
        self.client = client
        self.neighbours = neighbours
        self._events = count(1)

    def pay(self, key: str = "key-1", **changed: Any) -> Any:
        return self.client.post("/payments", json={**REQUEST, **changed}, headers={"Idempotency-Key": key})

    def taken(self, key: str = "key-1", **changed: Any) -> dict[str, Any]:
        """A payment that the bank has taken as a charge."""
        self.neighbours.post(f"{BANK}/v1/charges", json={"charge_id": "ch_1", "status": "PENDING"}, status=202)
        payment: dict[str, Any] = self.pay(key, **changed).get_json()
        return payment

    def status(self, payment: dict[str, Any]) -> str:
        status: str = self.client.get(f"/payments/{payment['id']}").get_json()["status"]
        return status

    def event(self, payment: dict[str, Any], status: str, **changed: Any) -> dict[str, Any]:
        return {"event_id": f"ev_{next(self._events)}", "charge_id": "ch_1", "status": status, "amount": 18900,
                "merchant_reference": payment["reference"], "currency": "EUR", **changed}

    def hear(self, event: Any, *, secret: str = "secret", age_s: float = 0) -> Any:
        body, at_s = json.dumps(event).encode(), int(time.time() - age_s)
        digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
        return self.client.post("/webhooks/bank", data=body, content_type="application/json",
                                headers={"Bank-Signature": f"t={at_s},v1={digest}"})

    def told_bookings(self) -> list[dict[str, Any]]:
        """Deliver what is due, and give the events that bookings was sent so far."""
        self.neighbours.post(f"{BOOKINGS}/payment-events", json={"received": True})
        while self.client.application.extensions["travel"]["outbox"].deliver_next():
            pass
        return [json.loads(call.request.body or "") for call in self.neighbours.calls
                if call.request.url == f"{BOOKINGS}/payment-events"]

    def calls_to_bank(self, path: str) -> list[Any]:
        return [call.request for call in self.neighbours.calls if call.request.url == BANK + path]


@pytest.fixture
def desk(client: FlaskClient, neighbours: responses.RequestsMock) -> Desk:
    return Desk(client, neighbours)
