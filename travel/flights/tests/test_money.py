"""flights: fares in other currencies."""

from __future__ import annotations

import pytest

from travel.flights.money import Rates
from travel.flights.tests.conftest import CURRENCIES


@pytest.mark.parametrize(("cents", "currency", "amount"), [
    (18900, "EUR", 18900), (18900, "GBP", 16125), (18900, "USD", 20552), (18900, "JPY", 30847), (0, "JPY", 0),
    (1, "GBP", 1)])
def test_fares_are_converted_to_minor_units(cents: int, currency: str, amount: int) -> None:
    """Pence and US cents have two decimals, yen none."""
    assert Rates(CURRENCIES).price(cents, currency) == {"amount": amount, "currency": currency}


@pytest.mark.parametrize(("rate", "amount"), [("0.5", 3), ("0.49999", 2), ("0.50001", 3), ("0.7", 4), ("0.1", 1)])
def test_halves_are_rounded_up(rate: str, amount: int) -> None:
    """5 cents at a half are 2.5 and become 3, never 2 as bankers would have it."""
    assert Rates({"XXX": {"rate": rate, "decimals": 2}}).price(5, "XXX")["amount"] == amount
