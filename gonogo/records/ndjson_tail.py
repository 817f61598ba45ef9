"""Follows a file of JSON lines while another process writes it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

# What reading a member of a damaged document raises. Who follows a file ignores it: the whole file is checked later.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
MAX_LINE_BYTES = 16 * 1024 * 1024  # a longer line is left out


class NdjsonTail:
    """Each call of `new()` yields the documents completed since the last call; an incomplete line is read later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> Iterator[dict[str, object]]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                while line := file.readline(MAX_LINE_BYTES):
                    if not line.endswith(b"\n") and len(line) < MAX_LINE_BYTES:
                        return
                    self._offset += len(line)
                    yield from _document(line)
        except FileNotFoundError:
            return


def _document(line: bytes) -> Iterator[dict[str, object]]:
    """The document in a line; none if it is damaged or too long: the complete file is validated at the end."""
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(line)
        if isinstance(document, dict):
            yield document
