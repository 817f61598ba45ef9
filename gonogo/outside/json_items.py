"""The leaves of a JSON document, with paths that do not depend on the order of members or on indexes."""

from __future__ import annotations

import json
from collections.abc import Iterator

MAX_LEAVES = 5_000
MAX_DEPTH = 40


def leaves_of(document: object) -> Iterator[tuple[str, object]]:
    """(path, value) of each leaf, members in alphabetical order: `flights[].departs`. Empty lists and objects are
    leaves, as text.
    """
    for number, leaf in enumerate(_walked(document, "", MAX_DEPTH)):
        if number >= MAX_LEAVES:
            return
        yield leaf


def _walked(value: object, path: str, depth: int) -> Iterator[tuple[str, object]]:
    if depth and isinstance(value, dict) and value:
        for name in sorted(value, key=str):
            yield from _walked(value[name], f"{path}.{name}" if path else str(name), depth - 1)
    elif depth and isinstance(value, list) and value:
        for item in value:
            yield from _walked(item, f"{path}[]", depth - 1)
    elif isinstance(value, dict):
        yield path, "{…}" if value else "{}"
    elif isinstance(value, list):
        yield path, "[…]" if value else "[]"
    else:
        yield path, value


def shown(value: object) -> str:
    """A leaf as text, as JSON writes it; of a string, the string."""
    if isinstance(value, str):
        return value
    return json.dumps(value)
