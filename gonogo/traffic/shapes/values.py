"""The kinds of a value, such as "uuid", "digits", "starts with a space", "in capitals".

The kinds of one facet exclude each other. `tally` counts them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from gonogo.secrets.masking import is_masked
from gonogo.traffic.shapes import texts
from gonogo.traffic.shapes.formats import CODES, FIXED_LENGTH, format_of, fraction_of

TYPE, FORMAT, LENGTH, ZEROS, FRACTION = "type", "format", "length", "zeros", "fraction"
SPACE, UNICODE, MARKUP, CASE, MEMBER, SIZE = "space", "unicode", "markup", "case", "member", "size"
SIGN, PLACES, ORDER, EPOCH, WIDTH, ITEMS, SORTED = "sign", "places", "order", "epoch", "width", "items", "sorted"

PADDED = "with leading zeros"

Kinds = tuple[tuple[str, str], ...]  # (facet, kind) …

MAX_MEMBER = 32
_MAX_CHARS = 4096
_LARGEST_EXACT = 2**53  # beyond it, JavaScript's number drops digits
_MAX_PLACES = 6
_SMALL = 1000
_MEMBER = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*")
_NUMBERED = re.compile(r"\d{4}")


def kinds_of(value: object) -> Kinds:
    """The kinds of a JSON value; an array also has its number of items, an object only its type."""
    if isinstance(value, str):
        return kinds_of_text(value[:_MAX_CHARS])
    if isinstance(value, bool):
        return ((TYPE, "boolean"), (MEMBER, str(value).lower()))
    if isinstance(value, int | float):
        return _kinds_of_number(value)
    if isinstance(value, list):
        return ((TYPE, "array"), (ITEMS, "empty" if not value else "one item" if len(value) == 1 else "many items"))
    return ((TYPE, "null" if value is None else "object"),)


@lru_cache(maxsize=65536)
def kinds_of_text(value: str) -> Kinds:
    if is_masked(value):
        return ((TYPE, "string"),)  # of a masked value only its presence is known
    text = value.strip()
    kind = format_of(text) if text or not value else "only white space"
    kinds = [(TYPE, "string"), (FORMAT, kind), (SPACE, texts.space_of(value)), (UNICODE, texts.unicode_of(value)),
             (MARKUP, texts.markup_of(text, kind))]
    if kind in FIXED_LENGTH:
        kinds.append((LENGTH, f"length {len(text)}"))
    if kind == "digits":
        kinds.append((ZEROS, PADDED if text[0] == "0" and len(text) > 1 else "without leading zeros"))
    fraction = fraction_of(text, kind)
    if fraction is not None:
        kinds.append((FRACTION, f"{fraction} digits of a second's fraction" if fraction else "whole seconds"))
    case = texts.case_of(text, kind)
    if case:
        kinds.append((CASE, case))
    if _may_be_member(value, kind):
        kinds.append((MEMBER, value))
    if kind == "text":
        kinds.append((SIZE, str(len(text).bit_length())))
    return tuple(kinds)


def _may_be_member(value: str, kind: str) -> bool:
    """Whether it could be a member of an enumeration: a code, or a small number.

    Title Case indicates a name; a long number or a date indicates an identifier.
    """
    if kind == "digits":
        return len(value) <= 2
    return (kind in CODES and len(value) <= MAX_MEMBER and _MEMBER.fullmatch(value) is not None
            and _NUMBERED.search(value) is None and (len(value) == 1 or not value.istitle()))


def _kinds_of_number(value: float) -> Kinds:
    sign = "zero" if value == 0 else "positive" if value > 0 else "negative"
    whole = isinstance(value, int)
    kinds = [(TYPE, "integer" if whole else "decimal"), (SIGN, sign), (EPOCH, _epoch(value))]
    if value and abs(value) < float("inf"):
        kinds.append((ORDER, str(_half_decades(abs(value)))))
    if whole:
        kinds.append((WIDTH, "beyond 2^53" if abs(value) > _LARGEST_EXACT else "within 2^53"))
        if abs(value) < _SMALL:
            kinds.append((MEMBER, str(value)))
    else:
        kinds.append((PLACES, str(_places(value))))
    return tuple(kinds)


def _half_decades(value: float) -> int:
    """1 → 0, 4 → 1, 10 → 2, 40 → 3, 100 → 4: fine enough to distinguish cents from units."""
    mantissa, exponent = f"{value:e}".split("e")
    return 2 * int(exponent) + (float(mantissa) >= 10**0.5)


def _places(value: float) -> int:
    _, point, places = repr(value).partition(".")
    if not point or "e" in places:
        return 0
    return min(len(places.rstrip("0")), _MAX_PLACES + 1)


def _epoch(value: float) -> str:
    """Whether the number looks like a Unix time between 2001 and 2039."""
    if 10**9 <= value < 2.2 * 10**9:
        return "seconds since 1970"
    if 10**12 <= value < 2.2 * 10**12:
        return "milliseconds since 1970"
    return "no moment"
