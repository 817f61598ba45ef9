"""payments: its own config.yml, as a release brings it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from travel.chassis import Settings
from travel.chassis.settings import load_settings
from travel.payments.app import create_app
from travel.payments.tests.conftest import Desk

CONFIG = Path(__file__).parents[1] / "config.yml"


@pytest.fixture
def desk(tmp_path: Path, neighbours: Any) -> Desk:
    environ = {"DATA_DIR": str(tmp_path), "BANK_URL": "http://bank.test", "BOOKINGS_URL": "http://bookings.test"}
    values = {**load_settings("payments", CONFIG, environ).values, "workers": False}
    return Desk(create_app(Settings("payments", values)).test_client(), neighbours)


def test_a_webhook_is_taken_with_the_secret_and_the_tolerance_of_the_settings(desk: Desk) -> None:
    """One that was signed just now, with the secret that both sides were given."""
    payment = desk.taken()
    secret = load_settings("payments", CONFIG, {}).values["webhook_secret"]
    assert desk.hear(desk.event(payment, "AUTHORISED"), secret=secret).status_code == 200
    assert desk.status(payment) == "authorised"
