"""HAR 1.2 → exchanges. Anybody's HAR is read; an entry that is not whole is left out, never guessed at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `status` is 0 where none came, `answer` its JSON or None."""

    method: str
    path: str
    status: int
    answer: object = None


def read_har(path: Path) -> tuple[Exchange, ...]:
    """The exchanges of a HAR file in their order; empty where the file is missing or no HAR."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    return tuple(_exchanges(entries if isinstance(entries, list) else []))


def _exchanges(entries: list[object]) -> Iterator[Exchange]:
    for entry in entries:
        try:
            request, response = entry["request"], entry["response"]  # type: ignore[index]
            yield Exchange(str(request["method"]), urlsplit(request["url"]).path, max(int(response["status"]), 0),
                           _json(response.get("content", {}).get("text")))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
