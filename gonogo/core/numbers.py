"""Whole numbers that a user writes on a command line."""

from __future__ import annotations

_MAX_DIGITS = 9


def whole_number(text: str, *, minimum: int) -> int | None:
    """The number, or None if `text` is no number of `minimum` or more: `²` and `٣` are digits, but no number here."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        return None
    return number if (number := int(text)) >= minimum else None
