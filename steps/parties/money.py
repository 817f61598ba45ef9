"""Money as services tell it: whole minor units and a currency. How travellers read it is the page's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from behave import register_type
from parse import with_pattern

CURRENCIES = ("EUR", "GBP", "JPY", "USD")  # those that the shop takes
MINOR_DIGITS = {"JPY": 0}  # two for all others


@dataclass(frozen=True, slots=True)
class Money:
    amount: int
    currency: str

    @classmethod
    def read(cls, text: str) -> Money:
        """ "189.00 EUR" or "30713 JPY"."""
        number, currency = text.split()
        whole, _, fraction = number.partition(".")
        return cls(int(whole + fraction.ljust(MINOR_DIGITS.get(currency, 2), "0")), currency)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Money:
        return cls(document["amount"], document["currency"])


@with_pattern(r"\d+(?:\.\d\d)? [A-Z]{3}")
def parse_money(text: str) -> Money:
    """ "189.00 EUR" as money."""
    return Money.read(text)


register_type(Money=parse_money)
