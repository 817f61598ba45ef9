"""The progress reports of a running stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gonogo.model.stages import ProcessEnd


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: `done` of `planned`, `failed` of those done; `unit` is "s" for time, "" for things."""

    stage: str
    done: int
    planned: int
    failed: int
    note: str = ""
    unit: str = ""


class Watcher(Protocol):
    """Receives the progress of a run."""

    def stage_started(self, stage: str, what: str) -> None: ...
    def progressed(self, progress: Progress) -> None: ...
    def stage_ended(self, stage: str, end: ProcessEnd, last: Progress | None) -> None: ...
    def note(self, line: str) -> None: ...
