"""console.json of an attempt at a scenario: what browsers reported of the pages of its people.

`scenarios.recording.recorder` writes it, if there is an error.
"""

from __future__ import annotations

import json
from pathlib import Path

from gonogo.model.invariants import ConsoleMessage

CONSOLE_FILE = "console.json"
MAX_CONSOLE_BYTES = 32 * 1024 * 1024


def read_console(path: Path) -> tuple[ConsoleMessage, ...]:
    """The messages in their order; empty if the file is missing, too large or damaged."""
    try:
        if path.stat().st_size > MAX_CONSOLE_BYTES:
            return ()
        lines = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    return tuple(ConsoleMessage(str(line.get("person", "")), str(line.get("type", "")), str(line.get("text", "")),
                                str(line.get("at", "")))
                 for line in (lines if isinstance(lines, list) else ()) if isinstance(line, dict))
