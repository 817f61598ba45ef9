"""Which scenario comes next: what changed first, `@serial` alone, two with one `@lock.NAME` never at once.

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
_SHORTEST_S = 0.01
_LONG = 2.5  # times the middle one: what takes as long mostly waits


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one scenario; `place` is the scenario's in the plan, whatever the attempt.

    `round` counts how often the plan has come to this scenario; each round is a place of its own. `line` and `name`
    are behave's: of a row, its name has the number of the row behind it.
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
        """What the history knows it by."""
        return self.scenario.key

    def again(self) -> Job:
        return replace(self, attempt=self.attempt + 1)


def longest_first(jobs: Iterable[Job], seconds: Mapping[str, float]) -> list[Job]:
    """The order in which all are over soonest; one that nothing is known of may be long, and counts as the longest."""
    return sorted(jobs, key=lambda job: -seconds.get(job.key, float("inf")))


def most_telling_first(jobs: Iterable[Job], seconds: Mapping[str, float], coverage: Mapping[str, frozenset[CallKind]],
                       changed: frozenset[str], workers: int) -> list[Job]:
    """The order in which a failure is found soonest: next is whatever meets most kinds of call a second that none
    before it has met; once all are met, the shortest of those that are left.

    Known by a job's key are the `seconds` that it takes, and the kinds of call that it `met` in the last GO; those
    that a `changed` component sent or answered count alone, and what is passed on beside them. What nothing is known of
    comes first, and of equals what blocks promotion. Then the longest of those that mostly wait, for half of the
    `workers` at most: begun late, they would hold up the answer by all that they take.
    Additional greedy, of Rothermel et al., TSE 2001, doi:10.1109/32.962562.
    """
    listed = list(jobs)
    unknown = [job for job in listed if job.key not in coverage or job.key not in seconds]
    order = sorted(unknown, key=lambda job: not job.mandatory)
    telling = {job: _of_changed(coverage[job.key], changed) for job in listed
               if job.key in coverage and job.key in seconds}
    for job in _mostly_waiting(telling, seconds)[:workers // 2]:
        order.append(job)
        del telling[job]
    for job in _until_all_is_covered(telling, seconds):
        order.append(job)
        del telling[job]
    return order + sorted(telling, key=lambda job: (not telling[job], seconds[job.key], not job.mandatory))


def _mostly_waiting(telling: Mapping[Job, frozenset[CallKind]], seconds: Mapping[str, float]) -> list[Job]:
    """Those that take far longer than most, longest first; of what meets nothing that has changed, none."""
    if not telling:
        return []
    long_s = _LONG * median(seconds[job.key] for job in telling)
    return longest_first((job for job, kinds in telling.items() if kinds and seconds[job.key] > long_s), seconds)


def _of_changed(kinds: frozenset[CallKind], changed: frozenset[str]) -> frozenset[CallKind]:
    """What is passed on may come to a changed component wherever one is met at all."""
    if not changed:
        return kinds
    own = {kind for kind in kinds if changed & {kind.caller, kind.callee}}
    return frozenset(own | {kind for kind in kinds if not kind.callee}) if own else frozenset()


def _until_all_is_covered(telling: Mapping[Job, frozenset[CallKind]], seconds: Mapping[str, float]) -> list[Job]:
    """The greedy order, as far as each job meets what none before it has."""
    def entry(job: Job) -> tuple[float, bool, float, int, Job]:
        took = max(seconds[job.key], _SHORTEST_S)
        return -len(telling[job] - seen) / took, not job.mandatory, -took, job.place, job

    seen: set[CallKind] = set()
    waiting = [entry(job) for job in telling]
    heapq.heapify(waiting)
    chosen: list[Job] = []
    while waiting:
        job = heapq.heappop(waiting)[-1]
        now = entry(job)
        if waiting and now > waiting[0]:  # what it would add has become less, never more, since it was looked at
            heapq.heappush(waiting, now)
        elif telling[job] <= seen:
            break
        else:
            chosen.append(job)
            seen |= telling[job]
    return chosen


class Plan:
    """The scenarios still to be run, and the rules on which may run together."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        # by what keeps them from running beside others: so that one is found without a look at all that wait
        self._waiting: dict[tuple[bool, frozenset[str]], deque[tuple[int, Job]]] = {}
        self._count = 0
        self._first = self._last = 0
        for job in jobs:
            self.put_back(job)

    def take(self, running: Collection[Job]) -> Job | None:
        """The next job that may run beside those `running`; None where none may for now."""
        if any(job.serial for job in running):
            return None
        # those that run alone come last: nobody waits for a free moment in the middle
        alone = not any(jobs for (serial, _), jobs in self._waiting.items() if not serial)
        if alone and running:
            return None
        held = frozenset[str]().union(*(job.locks for job in running))
        free = [jobs for (serial, locks), jobs in self._waiting.items()
                if jobs and serial is alone and not locks & held]
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
        if not super().__len__():
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
        for index, job in enumerate(self._jobs):
            self.put_back(replace(job, place=first + index, round=self._round))

    def __len__(self) -> int:
        """How many are left of this round, of the next where none are; 0 once it is over."""
        return (super().__len__() or len(self._jobs)) if self._goes_on() else 0
