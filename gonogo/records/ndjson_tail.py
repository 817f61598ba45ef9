"""Follows a file of JSON lines while another process writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

# What reading a member of a damaged document raises. Who follows a file ignores it: the whole file is checked later.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class NdjsonTail:
    """Each call of `new()` yields the documents completed since the last call; an incomplete line is read later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> Iterator[dict[str, object]]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                block = file.read()
        except FileNotFoundError:
            return
        end = block.rfind(b"\n") + 1
        self._offset += end
        for line in block[:end].splitlines():
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                continue  # the complete file is validated at the end
            if isinstance(document, dict):
                yield document
