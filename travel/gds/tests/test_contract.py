"""gds: openapi.yml is a valid contract for all that is served."""

from __future__ import annotations

from flask.testing import FlaskClient
from openapi_spec_validator import validate

from travel.chassis.contract import Contract, routes_of
from travel.gds.tests.conftest import CONTRACT

SHARED = {("GET", "/health"), ("GET", "/version"), ("GET", "/metrics")}


def test_the_contract_is_valid_openapi() -> None:
    """Tools can read it."""
    validate(Contract(CONTRACT).document)


def test_every_route_stands_in_the_contract(client: FlaskClient) -> None:
    """Nothing is served that is not described, and nothing described is missing."""
    assert routes_of(client.application) - SHARED == Contract(CONTRACT).routes()
