"""The record of a stage whose process writes as it goes: JSON lines, the first its plan, the last its end.

`records.pages` and `records.probe` say which lines there are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from gonogo.core.errors import EvidenceError

MAX_RECORD_BYTES = 256 * 1024 * 1024


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


First = TypeVar("First", bound=Line)
Other = TypeVar("Other", bound=Line)
End = TypeVar("End", bound=Line)


class LineWriter:
    """Writes the record line by line; each is masked by `mask`, and flushed before the call returns."""

    def __init__(self, path: Path, mask: Callable[[dict[str, object]], dict[str, object]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._mask = mask

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, line: Line) -> None:
        document = self._mask(line.model_dump(mode="json", by_alias=True))
        self._file.write(json.dumps(document, ensure_ascii=False) + "\n")
        self._file.flush()


def read_lines(path: Path, lines: TypeAdapter[Other], first: type[First], end: type[End], *, of: str,
               ) -> tuple[First | None, list[Other], End | None]:
    """The first line, the others, and the end; None for each that a killed process did not write.

    An incomplete last line is ignored. Raises EvidenceError for a damaged record; `of` names what it is a record of.
    """
    damaged = EvidenceError(f"The record of {of} is damaged.", where=str(path),
                            fix="run the stage again; only the stage's own process may write this file.")
    try:
        if path.stat().st_size > MAX_RECORD_BYTES:
            raise damaged
        read = [lines.validate_json(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    except (OSError, ValueError, RecursionError) as error:
        raise damaged from error
    if not read:
        return None, [], None
    begun, *others = read
    ended: End | None = None
    if others and isinstance(last := others[-1], end):
        ended = last
        others.pop()
    if not isinstance(begun, first) or any(isinstance(line, (first, end)) for line in others):
        raise damaged
    return begun, others, ended
