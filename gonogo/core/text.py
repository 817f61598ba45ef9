"""Text of others as text that can be written and printed: no lone surrogates, and no control characters.

It knows no secrets: `gonogo.secrets` masks.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # Persian and Indic words need them


def encodable(text: str) -> str:
    """`text` without lone surrogates, which no encoding can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub(REPLACEMENT, text)
    return text


def printable(text: str) -> str:
    """`text` in one line, without control characters, escape sequences and bidirectional controls."""
    return text if text.isprintable() else "".join(map(_printable_character, text))


def printable_lines(text: str) -> str:
    """As `printable`, but keeps line breaks and tabs."""
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in lines)


def _printable_character(character: str) -> str:
    if character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs":
        return character  # an unusual space can be the very difference that a message reports
    return REPLACEMENT if "\ud800" <= character <= "\udfff" else " "
