"""The test cards: what the issuer of each will answer, when, and how it is told. No real card number belongs here."""

from __future__ import annotations

from dataclasses import dataclass

APPROVE, CHALLENGE = "APPROVE", "CHALLENGE"
APPROVE_NOISILY = "APPROVE_NOISILY"     # told twice, and then of the challenge that it passed before
DO_NOT_HONOUR, NO_SUCH_CARD, FAILED_CHALLENGE = "05", "14", "1A"   # response codes as in ISO 8583, field 39


@dataclass(frozen=True, slots=True)
class Answer:
    """`says` is APPROVE, APPROVE_NOISILY, CHALLENGE or a decline code; `speed` is `soon`, `late` or `never`.

    A charge that is `taken_slowly` is taken at once, and the merchant is told so only after a while.
    """

    says: str
    speed: str = "soon"
    taken_slowly: bool = False


TEST_CARDS = {
    "4111111111111111": Answer(APPROVE),
    "4000000000000002": Answer(DO_NOT_HONOUR),
    "4000000000003220": Answer(CHALLENGE),
    "4000000000000341": Answer(APPROVE, "late"),
    "4000000000009995": Answer(APPROVE, "never"),
    "4000000000002008": Answer(APPROVE, taken_slowly=True),
    "4000000000007007": Answer(APPROVE_NOISILY),
}


def answer_for(card_number: str) -> Answer:
    return TEST_CARDS.get(card_number, Answer(NO_SUCH_CARD))
