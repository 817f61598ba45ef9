"""The test cards: what the issuer of each will answer, and when. No real card number belongs here."""

from __future__ import annotations

from dataclasses import dataclass

APPROVE, CHALLENGE = "APPROVE", "CHALLENGE"
DO_NOT_HONOUR, NO_SUCH_CARD, FAILED_CHALLENGE = "05", "14", "1A"   # response codes as in ISO 8583, field 39


@dataclass(frozen=True, slots=True)
class Answer:
    """`says` is APPROVE, CHALLENGE or a decline code; `speed` is `soon`, `late` or `never`."""

    says: str
    speed: str = "soon"


TEST_CARDS = {
    "4111111111111111": Answer(APPROVE),
    "4000000000000002": Answer(DO_NOT_HONOUR),
    "4000000000003220": Answer(CHALLENGE),
    "4000000000000341": Answer(APPROVE, "late"),
    "4000000000009995": Answer(APPROVE, "never"),
}


def answer_for(card_number: str) -> Answer:
    return TEST_CARDS.get(card_number, Answer(NO_SUCH_CARD))
