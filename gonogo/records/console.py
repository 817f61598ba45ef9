"""console.json of one attempt at a scenario: what its pages logged, and the errors of their code.

`scenarios.recording.recorder` writes it.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.invariants import ConsoleMessage

CONSOLE_FILE = "console.json"
MAX_CONSOLE_BYTES = 32 * 1024 * 1024


class _Message(BaseModel):
    person: str
    type: str
    text: str
    at: str = ""


_MESSAGES = TypeAdapter(list[_Message])


def read_console(path: Path) -> tuple[ConsoleMessage, ...]:
    """The messages in order. Raises EvidenceError if the file is missing, too large or damaged."""
    try:
        with path.open("rb") as file:
            messages = _MESSAGES.validate_json(file.read(MAX_CONSOLE_BYTES))
    except (OSError, ValidationError, RecursionError) as error:
        raise EvidenceError(f"{path.name} cannot be read.", where=str(path), fix="run the gate again.") from error
    return tuple(ConsoleMessage(message.person, message.type, message.text, message.at) for message in messages)
