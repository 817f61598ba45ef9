"""The bank's test cards, by what comes of paying with them. No real card number belongs here."""

from __future__ import annotations

from dataclasses import dataclass

from behave import register_type
from parse import with_pattern

GOOD_UNTIL = "09/34"

NUMBERS = {
    "an approved card": "4111111111111111",
    "a declined card": "4000000000000002",
    "a card that has to be confirmed": "4000000000003220",
    "a card whose bank answers late": "4000000000000341",
    "a card whose bank never answers": "4000000000009995",
    "a card whose bank is slow to take the order": "4000000000002008",
    "a card whose bank repeats itself": "4000000000007007",
    "a card with a mistyped digit": "4111111111111112",
}


@dataclass(frozen=True, slots=True)
class Card:
    number: str
    expiry: str = GOOD_UNTIL
    cvc: str = "042"  # a code may begin with a zero


APPROVED = Card(NUMBERS["an approved card"])
DECLINED = Card(NUMBERS["a declined card"])
CHALLENGED = Card(NUMBERS["a card that has to be confirmed"])


@with_pattern("|".join(NUMBERS))
def parse_card(text: str) -> Card:
    """One of the cards above, by its name in a scenario."""
    return Card(NUMBERS[text])


register_type(Card=parse_card)
