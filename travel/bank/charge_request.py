"""What a merchant may ask for: a charge request, checked as strictly as in production."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from travel.bank import errors
from travel.bank.errors import BankError

CURRENCIES = ("GBP", "EUR", "USD", "JPY")
HIGHEST_AMOUNT = 99_999_999
_CHARGE_KEYS = {"merchant_reference", "amount", "currency", "card", "return_url", "webhook_url"}
_CARD_KEYS = {"number", "expiry", "cvc", "holder"}


@dataclass(frozen=True, slots=True)
class Card:
    number: str
    expiry: str
    cvc: str
    holder: str


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """`amount` is in minor units of `currency`."""

    merchant_reference: str
    amount: int
    currency: str
    card: Card
    return_url: str
    webhook_url: str


def read_charge_request(body: object, today: date) -> ChargeRequest:
    """The request in `body` (JSON), or BankError for the first thing that is wrong with it."""
    charge = _exactly(body, _CHARGE_KEYS, "request")
    card = _exactly(charge["card"], _CARD_KEYS, "card")
    if not _matches(r"[0-9]{12}", charge["merchant_reference"]):
        raise BankError(errors.REFERENCE, "merchant_reference must be exactly 12 digits")
    read_amount(charge["amount"])
    if charge["currency"] not in CURRENCIES:
        raise BankError(errors.CURRENCY, f"currency must be one of {', '.join(CURRENCIES)}")
    _check_card(card, today)
    for key in ("return_url", "webhook_url"):
        if not isinstance(charge[key], str) or urlsplit(charge[key]).scheme not in ("http", "https"):
            raise BankError(errors.URL, f"{key} must be an absolute http(s) URL")
    return ChargeRequest(**{**charge, "card": Card(**card)})


def read_amount(amount: object) -> int:
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= HIGHEST_AMOUNT:
        raise BankError(errors.AMOUNT, f"amount must be a whole number of minor units, 1 to {HIGHEST_AMOUNT}")
    return amount


def passes_luhn(number: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _check_card(card: dict[str, Any], today: date) -> None:
    if not _matches(r"[0-9]{12,19}", card["number"]) or not passes_luhn(card["number"]):
        raise BankError(errors.CARD_NUMBER, "card.number must be 12 to 19 digits with a right check digit")
    expiry = card["expiry"]
    if not _matches(r"(0[1-9]|1[0-2])/[0-9]{2}", expiry):
        raise BankError(errors.CARD_EXPIRY, "card.expiry must be MM/YY")
    if (2000 + int(expiry[3:]), int(expiry[:2])) < (today.year, today.month):
        raise BankError(errors.CARD_EXPIRY, "card.expiry is in the past")
    if not _matches(r"[0-9]{3,4}", card["cvc"]):
        raise BankError(errors.CARD_CVC, "card.cvc must be 3 or 4 digits")
    holder = card["holder"]
    if not _matches(r"\S.{0,58}\S", holder) or not holder.isprintable():
        raise BankError(errors.CARD_HOLDER, "card.holder must be 2 to 60 characters with no space around them")


def _exactly(value: object, keys: set[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BankError(errors.MALFORMED, f"{what} must be a JSON object")
    if missing := keys - set(value):
        raise BankError(errors.MALFORMED, f"{what}: missing field {min(missing)}")
    if unknown := set(value) - keys:
        raise BankError(errors.MALFORMED, f"{what}: unknown field {min(unknown)}")
    return value


def _matches(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None
