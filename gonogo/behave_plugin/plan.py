"""Which scenario comes next: what changed first, `@serial` alone, two with one `@lock.NAME` never at once.

Pure: no process, clock or file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gonogo.verdict.scenarios import MUST_TAG

SERIAL_TAG = "serial"
LOCK_PREFIX = "lock."


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one scenario; `id` is the scenario's place in the plan, whatever the attempt.

    `round` counts how often the plan has come to this scenario; each round is a place of its own.
    """

    id: int
    uri: str
    line: int
    name: str
    feature: str
    tags: frozenset[str]
    steps: int
    attempt: int = 1
    round: int = 1

    @property
    def serial(self) -> bool:
        return SERIAL_TAG in self.tags

    @property
    def mandatory(self) -> bool:
        return MUST_TAG in self.tags

    @property
    def locks(self) -> frozenset[str]:
        return frozenset(tag for tag in self.tags if tag.startswith(LOCK_PREFIX))

    @property
    def key(self) -> str:
        """What the history knows its duration by."""
        return f"{self.uri}:{self.line} {self.name}"

    def again(self) -> Job:
        return replace(self, attempt=self.attempt + 1)


def most_telling_first(jobs: Iterable[Job], seconds: Mapping[str, float], touched: Mapping[str, frozenset[str]],
                       changed: frozenset[str]) -> list[Job]:
    """Those that meet a changed component come first, then those that block promotion, then the longest.

    `seconds` and `touched` (the components that it reached) are by a job's key. A scenario that nothing is
    known of may be long, and counts as the longest.
    """
    return sorted(jobs, key=lambda job: (not touched.get(job.key, frozenset()) & changed, not job.mandatory,
                                         -seconds.get(job.key, float("inf"))))


class Plan:
    """The scenarios still to be run, and the rules on which may run together."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._waiting = list(jobs)

    def take(self, running: Collection[Job]) -> Job | None:
        """The next job that may run beside those `running`; None where none may for now."""
        if any(job.serial for job in running):
            return None
        held = frozenset[str]().union(*(job.locks for job in running))
        # those that run alone come last: nobody waits for a free moment in the middle
        for job in sorted(self._waiting, key=lambda job: job.serial):
            if job.serial and running:
                return None
            if not job.locks & held:
                self._waiting.remove(job)
                return job
        return None

    def put_back(self, job: Job, *, first: bool = False) -> None:
        self._waiting.insert(0 if first else len(self._waiting), job)

    def drop_all(self) -> None:
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)


class Rounds(Plan):
    """The same scenarios over and over: where all of a round are given out, the next begins, as long as `goes_on`.

    `planned` hears of each one before it is given out, so that none is planned for a time when it is over.
    """

    def __init__(self, jobs: Iterable[Job], goes_on: Callable[[], bool], planned: Callable[[Job], None]) -> None:
        super().__init__(())
        self._jobs = list(jobs)
        self._goes_on = goes_on
        self._planned = planned
        self._round = 0

    def take(self, running: Collection[Job]) -> Job | None:
        if not len(self):
            return None
        if not self._waiting:
            self._begin_round()
        job = super().take(running)
        if job is not None:
            self._planned(job)
        return job

    def drop_all(self) -> None:
        self._jobs.clear()
        super().drop_all()

    def _begin_round(self) -> None:
        first = self._round * len(self._jobs)
        self._round += 1
        self._waiting = [replace(job, id=first + index, round=self._round) for index, job in enumerate(self._jobs)]

    def __len__(self) -> int:
        """How many are left of this round, of the next where none are; 0 once it is over."""
        return (len(self._waiting) or len(self._jobs)) if self._goes_on() else 0
