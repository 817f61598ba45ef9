"""What the agency's suite draws for its scenarios is what the agency's own rules take, whatever the pools hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.config.features import read_feature
from gonogo.model.identity import ScenarioId
from gonogo.scenarios.drawing.draw import Draw
from steps.journey.drawn import Drawn
from travel.bank.charge_request import CURRENCIES as BANK_CURRENCIES
from travel.bookings.booking_request import PASSENGERS_AT_MOST
from travel.bookings.names import gds_name
from travel.customers.registration import parse_registration
from travel.gds.reservations import NAME

ROOT = Path(__file__).parents[2]
SCENARIOS = [each.id for path in sorted(ROOT.glob("features/journeys/*.feature"))
             for each in read_feature(path, path.relative_to(ROOT).as_posix())]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.name[:30]}-{scenario.digest}")
def test_the_agency_takes_what_is_drawn(scenario: ScenarioId) -> None:
    """Accounts, passengers, card holders and addresses, of two travellers and a full party."""
    drawn = Drawn(Draw(scenario.key))
    for name in ("Ana", "Ben"):
        account = {"name": drawn.account_name(name), "email": drawn.email(name), "password": "correct-horse-battery"}
        assert parse_registration(account).name == account["name"]
        holder = drawn.holder(name)
        assert 2 <= len(holder) <= 60 and holder.isprintable() and holder == holder.strip()
        assert drawn.currency(name) in BANK_CURRENCIES
        for passenger in (drawn.passenger(name), *drawn.passengers(name, ["1A", "1B", "1C", "1D"][:PASSENGERS_AT_MOST])):
            assert max(len(passenger.given_names), len(passenger.family_name)) <= 60
            assert NAME.fullmatch(gds_name(passenger.given_names, passenger.family_name))


def test_the_scenarios_differ() -> None:
    """No two of them have a traveller of the same name, passport and fare."""
    drawn = [Drawn(Draw(scenario.key)) for scenario in SCENARIOS]
    assert len({(each.account_name("Ana"), each.passenger("Ana"), each.fare()) for each in drawn}) == len(SCENARIOS)
