"""Chooses the next scenario: changed components first, `@serial` scenarios alone, never two with the same
`@lock.NAME` at once.

Pure: no process, clock or file.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median

from gonogo.model.calls import CallKind
from gonogo.model.identity import ScenarioId
from gonogo.verdict.rules.scenarios import MUST_TAG

SERIAL_TAG = "serial"
LOCK_PREFIX = "lock."
_MIN_S = 0.01
_LONG = 2.5  # times the median: a scenario that takes as long mostly waits


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one scenario; `place` is that of the scenario in the plan, the same for all attempts.

    `round` is the number of the round, each with its own places. `line` and `name` are behave's: the name of an
    outline's row ends with the number of the row.
    """

    place: int
    scenario: ScenarioId
    line: int
    name: str
    feature: str
    tags: frozenset[str]
    steps: int
    attempt: int = 1
    round: int = 1

    @property
    def uri(self) -> str:
        return self.scenario.uri

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
        """The scenario's key in the history."""
        return self.scenario.key

    def again(self) -> Job:
        return replace(self, attempt=self.attempt + 1)


def longest_first(jobs: Iterable[Job], seconds: Mapping[str, float]) -> list[Job]:
    """The order with the shortest total time; a scenario without a known duration counts as the longest."""
    return sorted(jobs, key=lambda job: -seconds.get(job.key, float("inf")))


def fastest_coverage_first(jobs: Iterable[Job], seconds: Mapping[str, float],
                           coverage: Mapping[str, frozenset[CallKind]], changed: frozenset[str],
                           workers: int) -> list[Job]:
    """The order that finds a failure soonest: the next job has the most call kinds per second that no earlier job
    covers; when all are covered, the shortest jobs follow.

    `seconds` and `coverage` have, by a job's key, its duration and its call kinds in the baseline. Only call kinds that
    a `changed` component sends or answers count, and events (kinds without a callee) of the same job. Jobs without
    known data come first; of equal jobs, mandatory ones come first. Then follow the longest jobs that mostly wait, for
    at most half of the `workers`: started late, they would delay the verdict by their full duration.
    The algorithm is "additional greedy", Rothermel et al., TSE 2001, doi:10.1109/32.962562.
    """
    listed = list(jobs)
    unknown = [job for job in listed if job.key not in coverage or job.key not in seconds]
    order = sorted(unknown, key=lambda job: not job.mandatory)
    relevant = {job: _of_changed(coverage[job.key], changed) for job in listed
                if job.key in coverage and job.key in seconds}
    for job in _long_running(relevant, seconds)[:workers // 2]:
        order.append(job)
        del relevant[job]
    for job in _greedy_cover(relevant, seconds):
        order.append(job)
        del relevant[job]
    return order + sorted(relevant, key=lambda job: (not relevant[job], seconds[job.key], not job.mandatory))


def _long_running(relevant: Mapping[Job, frozenset[CallKind]], seconds: Mapping[str, float]) -> list[Job]:
    """The jobs that take far longer than the median and cover changed components, longest first."""
    if not relevant:
        return []
    long_s = _LONG * median(seconds[job.key] for job in relevant)
    return longest_first((job for job, kinds in relevant.items() if kinds and seconds[job.key] > long_s), seconds)


def _of_changed(kinds: frozenset[CallKind], changed: frozenset[str]) -> frozenset[CallKind]:
    """The kinds that concern changed components; an event may reach one if the job calls one at all."""
    if not changed:
        return kinds
    own = {kind for kind in kinds if changed & {kind.caller, kind.callee}}
    return frozenset(own | {kind for kind in kinds if not kind.callee}) if own else frozenset()


def _greedy_cover(relevant: Mapping[Job, frozenset[CallKind]], seconds: Mapping[str, float]) -> list[Job]:
    """The greedy order of jobs, as long as each covers a call kind that no earlier one covers."""
    def entry(job: Job) -> tuple[float, bool, float, int, Job]:
        took_s = max(seconds[job.key], _MIN_S)
        return -len(relevant[job] - covered) / took_s, not job.mandatory, -took_s, job.place, job

    covered: set[CallKind] = set()
    waiting = [entry(job) for job in relevant]
    heapq.heapify(waiting)
    chosen: list[Job] = []
    while waiting:
        job = heapq.heappop(waiting)[-1]
        current = entry(job)
        if waiting and current > waiting[0]:  # its gain can only decrease as others are chosen
            heapq.heappush(waiting, current)
        elif relevant[job] <= covered:
            break
        else:
            chosen.append(job)
            covered |= relevant[job]
    return chosen


class Plan:
    """The scenarios still to be run, and the rules for which of them may run in parallel."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        # by (serial, locks), so that `take` does not search all waiting jobs
        self._waiting: dict[tuple[bool, frozenset[str]], deque[tuple[int, Job]]] = {}
        self._count = 0
        self._first = self._last = 0
        for job in jobs:
            self.put_back(job)

    def take(self, running: Collection[Job]) -> Job | None:
        """The next job that may run in parallel with `running`; None if none may run now."""
        if any(job.serial for job in running):
            return None
        # serial jobs come last, so that workers do not wait for each other in the middle of a run
        alone = not any(jobs for (serial, _), jobs in self._waiting.items() if not serial)
        if alone and running:
            return None
        locked = frozenset[str]().union(*(job.locks for job in running))
        free = [jobs for (serial, locks), jobs in self._waiting.items()
                if jobs and serial is alone and not locks & locked]
        if not free:
            return None
        self._count -= 1
        return min(free, key=lambda jobs: jobs[0][0]).popleft()[1]

    def put_back(self, job: Job, *, first: bool = False) -> None:
        jobs = self._waiting.setdefault((job.serial, job.locks), deque())
        self._count += 1
        if first:
            self._first -= 1
            jobs.appendleft((self._first, job))
        else:
            self._last += 1
            jobs.append((self._last, job))

    def drop_all(self) -> None:
        self._waiting.clear()
        self._count = 0

    def __len__(self) -> int:
        return self._count


class Rounds(Plan):
    """Repeats the same scenarios: when all of a round are taken, the next round begins, as long as `continues()`.

    `on_take` is called with each job just before it is taken, so that no job is planned that will not run.
    """

    def __init__(self, jobs: Iterable[Job], continues: Callable[[], bool], on_take: Callable[[Job], None]) -> None:
        super().__init__(())
        self._jobs = list(jobs)
        self._continues = continues
        self._on_take = on_take
        self._round = 0

    def take(self, running: Collection[Job]) -> Job | None:
        if not len(self):
            return None
        if not super().__len__():
            self._begin_round()
        job = super().take(running)
        if job is not None:
            self._on_take(job)
        return job

    def drop_all(self) -> None:
        self._jobs.clear()
        super().drop_all()

    def _begin_round(self) -> None:
        first = self._round * len(self._jobs)
        self._round += 1
        for index, job in enumerate(self._jobs):
            self.put_back(replace(job, place=first + index, round=self._round))

    def __len__(self) -> int:
        """The jobs left in this round, or if none are, those of the next; 0 when the load is over."""
        return (super().__len__() or len(self._jobs)) if self._continues() else 0
