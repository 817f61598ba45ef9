"""Reads what a child process left behind: a damaged record is no evidence, and never ends the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gonogo.core.errors import EvidenceError
from gonogo.model.progress import Watcher

_Evidence = TypeVar("_Evidence")


def evidence_or_none(read: Callable[[], _Evidence], watcher: Watcher) -> _Evidence | None:
    """What `read` returns; None, and a note on what is damaged where, if it raises EvidenceError.

    What earlier stages found must not be lost by it.
    """
    try:
        return read()
    except EvidenceError as error:
        watcher.note(str(error))
        return None
