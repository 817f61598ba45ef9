"""Reads JSON of others, member by member: a value of another type than expected is an empty one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from gonogo.traffic.spans.raw_span import MalformedBatch

MAX_VALUES = 1_000_000  # objects, lists and members: an empty one takes up to 200 bytes
_MAX_DIGITS = 25  # more than 64 bits have


def parsed(body: bytes) -> object:
    """The document. Raises MalformedBatch if it is not valid JSON, or has too many values."""
    if sum(map(body.count, (b"{", b"[", b","))) > MAX_VALUES:
        raise MalformedBatch(f"the JSON has more than {MAX_VALUES} values")
    try:
        return json.loads(body, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise MalformedBatch(f"the body is not valid JSON: {error}") from error


def mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """The text, without halves of surrogate pairs, which nothing can encode."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def integer(value: object) -> int:
    """A whole number, also one written as text or with a fraction of zero; else 0."""
    if isinstance(value, str):
        value = _integer(value) if value.isascii() and value.lstrip("-").isdigit() else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else 0
    return value if isinstance(value, int) else 0


def scalar(value: object) -> str:
    """A text, a number or a truth value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, int) else text(value)


def _integer(digits: str) -> int:
    """The number; 0 for one that no member has, which would take long to convert."""
    return int(digits) if len(digits) <= _MAX_DIGITS else 0
