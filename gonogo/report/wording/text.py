"""Numbers and lists as readable text."""

from __future__ import annotations

import math
from collections.abc import Iterable


def counted(number: int, noun: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def joined(words: Iterable[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    known = list(words)
    return f" {last} ".join(filter(None, [", ".join(known[:-1]), *known[-1:]]))


def near(value: float, bound: float) -> str:
    """`value` to three digits, or as many more as keep it on its side of `bound`."""
    fewest = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    for digits in range(fewest, fewest + 4):
        text = f"{value:.{digits}f}"
        if (float(text) > bound) == (value > bound):
            return text.rstrip("0").rstrip(".") if digits else text
    return f"{value:g}"


def short(digest: str | None) -> str:
    if digest is None:
        return "none reported"
    return digest[:19] + "…" if len(digest) > 19 else digest
