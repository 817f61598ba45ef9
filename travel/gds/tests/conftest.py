"""A gateway with a database of its own for each test; every answer is held against the contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from travel.chassis import Settings
from travel.chassis.contract import Contract
from travel.gds.app import create_app

CONTRACT = Path(__file__).parents[1] / "openapi.yml"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings("gds", {"database": str(tmp_path / "gds.sqlite"), "api_key": "key", "rows": 5,
                                      "open_for_days": 360, "search_takes_s": 0}))
    app.testing = True
    Contract(CONTRACT).watch(app)
    with app.test_client() as client:
        client.environ_base["HTTP_X_API_KEY"] = "key"
        yield client


@pytest.fixture
def flight(client: FlaskClient) -> dict[str, Any]:
    """A flight of tests with four seats."""
    flight: dict[str, Any] = client.post("/sandbox/flights",
                                         json={"origin": "LHR", "destination": "JFK", "seats": 4}).get_json()
    return flight


@pytest.fixture
def day() -> str:
    """A date that is on sale."""
    return (datetime.now(UTC).date() + timedelta(days=40)).isoformat()
