"""Money: amounts at which roundings, separators and minor units go wrong, in currencies of 0, 2 and 3 decimals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from gonogo.scenarios.drawing.choice import Choice

# ISO 4217: digits after the point
DECIMALS = {
    "EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "PLN": 2, "BRL": 2, "INR": 2, "CNY": 2, "AUD": 2, "CAD": 2,
    "JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0,
    "KWD": 3, "BHD": 3, "TND": 3, "JOD": 3, "OMR": 3,
}
# Major units: binary floats are off (0.29, 1.005, 4.35, 19.99, 1.115), separators begin, a zero must stay at the end.
_AWKWARD = ("0.01", "0.07", "0.29", "0.99", "1.005", "1.10", "1.115", "2.675", "4.35", "8.20", "9.99", "10.00", "19.99",
            "64.10", "99.999", "100.10", "129.95", "250.05", "512.15", "999.99", "1000.00", "1000.01", "1024.35",
            "1149.90", "2047.005", "9999.99", "10000.10", "99999.95", "1000000.01")
_OTHERS = 6  # ordinary amounts among the candidates
_MAX_SEARCHED = 10_000


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` is in major units, with all digits of its currency: Decimal("189.50")."""

    amount: Decimal
    currency: str

    @property
    def decimals(self) -> int:
        return DECIMALS[self.currency]

    @property
    def minor(self) -> int:
        """In minor units: 18950; of a currency without decimals the same as `amount`."""
        return int(self.amount.scaleb(self.decimals))

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def amounts(purpose: str, choice: Choice, currency: str, lowest: Decimal, highest: Decimal) -> Iterator[Money]:
    """Different amounts of `currency` from `lowest` to `highest`, best first; none if there is none in between."""
    one = Decimal(1).scaleb(-DECIMALS[currency])
    first = int((lowest / one).to_integral_value(ROUND_CEILING))
    last = int((highest / one).to_integral_value(ROUND_FLOOR))
    if first > last:
        return
    awkward = [int(Decimal(text) / one) for text in _AWKWARD]
    others = [first + choice.number(f"{purpose} {index}", last - first + 1) for index in range(_OTHERS)]
    candidates = {each for each in [first, last, *awkward, *others] if first <= each <= last}
    ranked = choice.ranked(purpose, candidates)
    rest = (each for each in range(first, min(last, first + _MAX_SEARCHED) + 1) if each not in candidates)
    for each in (*ranked, *rest):
        yield Money((each * one).quantize(one), currency)
