"""Follows a file of JSON lines while another process writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path


class NdjsonTail:
    """Each call of `new()` yields the documents that were completed since the last; half a line waits."""

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
            except ValueError:
                continue  # whether the record is whole is judged from the file at the end, not here
            if isinstance(document, dict):
                yield document
