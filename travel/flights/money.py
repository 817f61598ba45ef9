"""Fares in another currency: fixed rates, minor units, rounded half up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

EUR_DECIMALS = 2


class Rates:
    """`table` maps a currency to its `rate` (units for one euro) and its `decimals`."""

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        self._factors = {currency: Decimal(entry["rate"]).scaleb(int(entry["decimals"]) - EUR_DECIMALS)
                         for currency, entry in table.items()}

    @property
    def currencies(self) -> list[str]:
        return list(self._factors)

    def price(self, eur_cents: int, currency: str) -> dict[str, Any]:
        """`{"amount": minor units, "currency"}`."""
        amount = (eur_cents * self._factors[currency]).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return {"amount": int(amount), "currency": currency}
