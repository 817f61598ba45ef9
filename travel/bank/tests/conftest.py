"""A bank with a database of its own for each test; its workers are run by hand, its answers held to the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from travel.bank.app import create_app
from travel.chassis import Settings
from travel.chassis.contract import Contract

CONTRACT = Path(__file__).parents[1] / "openapi.yml"
WEBHOOK_URL = "http://payments.test/webhooks/bank"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings("bank", {
        "database": str(tmp_path / "bank.sqlite"), "public_url": "http://bank.test", "api_key": "key",
        "webhook_secret": "secret", "answer_delay_s": 0, "late_answer_s": 3600, "slow_taking_s": 0.2,
        "webhook_timeout_s": 1,
        "clock_offset_s": 0,
        "webhook_retries": 2, "webhook_first_retry_s": 0, "workers": False}))
    app.testing = True
    Contract(CONTRACT).watch(app)
    with app.test_client() as client:
        client.environ_base["HTTP_AUTHORIZATION"] = "Bearer key"
        yield client


class Merchant:
    """Asks for charges as payments would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._count = 0

    def request(self, number: str = "4111111111111111", **changed: Any) -> dict[str, Any]:
        """A right request with a new reference; `changed` replaces fields of it."""
        self._count += 1
        return {"merchant_reference": f"{self._count:012d}", "amount": 18900, "currency": "EUR",
                "card": {"number": number, "expiry": "12/99", "cvc": "123", "holder": "Ana Silva"},
                "return_url": "http://shop.test/bookings/1", "webhook_url": WEBHOOK_URL, **changed}

    def ask(self, body: Any, key: str | None = None) -> Any:
        key = f"key-{self._count}" if key is None else key
        return self.client.post("/v1/charges", json=body, headers={"Idempotency-Key": key})

    def charge(self, number: str = "4111111111111111", **changed: Any) -> str:
        """The id of a new charge."""
        charge_id: str = self.ask(self.request(number, **changed)).get_json()["charge_id"]
        return charge_id

    def show(self, charge_id: str) -> dict[str, Any]:
        charge: dict[str, Any] = self.client.get(f"/v1/charges/{charge_id}").get_json()
        return charge

    def let_issuers_answer(self) -> None:
        while self.client.application.extensions["travel"]["charges"].answer_next():
            pass

    def deliver_webhook(self) -> bool:
        """Try one webhook; False where none is due."""
        tried: bool = self.client.application.extensions["travel"]["outbox"].deliver_next()
        return tried


@pytest.fixture
def merchant(client: FlaskClient) -> Merchant:
    return Merchant(client)
