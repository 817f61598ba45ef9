"""When each step of a scenario ran, and whether it failed: assigns exchanges to steps, and is the source of spans.

The worker that runs the steps reports them here. Independent of behave.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class StepTime:
    """Seconds since the epoch; `ended_s` is None while the step runs, or if it was interrupted."""

    index: int
    text: str
    started_s: float
    ended_s: float | None = None
    failed: bool = False


@dataclass(slots=True)
class Timeline:
    """The steps of one attempt, in the order in which they started."""

    started_s: float = field(default_factory=time.time)
    steps: list[StepTime] = field(default_factory=list)

    def begin_step(self, index: int, text: str) -> None:
        self.steps.append(StepTime(index, text, time.time()))

    def end_step(self, *, failed: bool) -> None:
        if self.steps:
            self.steps[-1].ended_s, self.steps[-1].failed = time.time(), failed

    def step_at(self, moment_s: float) -> StepTime | None:
        """The step that started last before `moment_s`, compared in milliseconds, the precision of browsers."""
        last = None
        for step in self.steps:
            if int(step.started_s * 1000) > round(moment_s * 1000):
                break
            last = step
        return last

    def __iter__(self) -> Iterator[StepTime]:
        return iter(self.steps)
