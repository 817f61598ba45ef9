"""Mailpit's search language, as far as it is spoken here: to:, from:, subject:, message-id:, and plain words.

A term may be quoted (subject:"Booking confirmed") and turned round with - or !; all terms must hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

COLUMNS = {"to": "recipients", "from": "sender", "subject": "subject", "message-id": "message_id"}
_TERM = re.compile(
    r"""(?P<not>[-!])?(?:(?P<field>to|from|subject|message-id):)?(?:"(?P<quoted>[^"]*)"|(?P<word>\S+))""",
    re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """`column` contains `text` (lower case), or does not where `negated`."""

    column: str
    text: str
    negated: bool

    @property
    def condition(self) -> str:
        """SQL with one parameter, `text`."""
        return f"instr({self.column}, ?) {'=' if self.negated else '>'} 0"


def parse_query(query: str) -> list[Term]:
    terms = []
    for match in _TERM.finditer(query):
        text = (match["quoted"] if match["quoted"] is not None else match["word"]).lower()
        if text:
            terms.append(Term(COLUMNS.get((match["field"] or "").lower(), "content"), text, bool(match["not"])))
    return terms
