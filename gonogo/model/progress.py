"""What a stage tells while it runs; the reports that listen are above this room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gonogo.model.run import StageRun


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: `done` of `planned` units, `failed` of those done, and a few words more."""

    stage: str
    done: int
    planned: int
    failed: int
    note: str = ""


class Watcher(Protocol):
    """Listens to a run."""

    def stage_started(self, stage: str, what: str) -> None: ...
    def progressed(self, progress: Progress) -> None: ...
    def stage_ended(self, run: StageRun, last: Progress | None) -> None: ...
    def told(self, line: str) -> None: ...
