"""When each step of a scenario ran, and how it ended: what an exchange is placed by, and spans are made of.

It learns from whoever runs the steps (the worker), and knows no behave.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class StepTime:
    """Seconds since the epoch; `ended_s` is None while it runs, or where it was left."""

    index: int
    text: str
    started_s: float
    ended_s: float | None = None
    failed: bool = False


@dataclass(slots=True)
class Timeline:
    """The steps of one attempt in the order in which they began."""

    started_s: float = field(default_factory=time.time)
    steps: list[StepTime] = field(default_factory=list)

    def begin_step(self, index: int, text: str) -> None:
        self.steps.append(StepTime(index, text, time.time()))

    def end_step(self, *, failed: bool) -> None:
        if self.steps:
            self.steps[-1].ended_s, self.steps[-1].failed = time.time(), failed

    def step_at(self, moment_s: float) -> StepTime | None:
        """The step during which, or after which, something happened; browsers tell whole milliseconds only."""
        found = None
        for step in self.steps:
            if int(step.started_s * 1000) > round(moment_s * 1000):
                break
            found = step
        return found

    def __iter__(self) -> Iterator[StepTime]:
        return iter(self.steps)
