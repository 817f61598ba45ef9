"""The workers of a run: started, given scenarios, watched, replaced when they die, ended.

The runner asks for one scenario's result after another; while it waits, everything else happens here.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Protocol

import psutil

from gonogo.core.process_trees import descendants, kill, process_of, with_variable
from gonogo.scenarios.running.outcome import (
    Embedded,
    Happening,
    Printed,
    ScenarioFinished,
    StepFinished,
    StepStarted,
    WorkerAttempt,
    WorkerEnded,
    WorkerReady,
)
from gonogo.scenarios.running.plan import Job, Plan
from gonogo.scenarios.running.worker import MARK, WorkerSetup, work

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

MAX_REPLACEMENTS = 8  # with more dead workers than this, the suite or the machine is not fit
_BEGIN_S = 60.0  # to import the suite and run before_all
_END_S = 20.0  # to run after_all and close the browser
_INTERRUPT_S = 5.0  # to leave a scenario by way of its clean-ups
_LAST_S = 3.0  # for those that still run when enough have failed: most scenarios are over by then
_MAX_FOLDER = 70  # of 107 bytes, the rest being pymp-…/listener-…
_IMPORTED = ["gonogo.scenarios.running.worker", "gonogo.scenarios.hooks", "gonogo.scenarios.browser.network_context",
             "playwright.sync_api"]


def import_ahead() -> None:
    """What workers are forked from begins to import, beside whatever is done until they are wanted."""
    _way_to_start()


def _way_to_start() -> SpawnContext | ForkServerContext:
    """Workers are forked from a process that has imported what they need and done nothing else.

    On Linux: macOS' own libraries do not bear a fork, Windows has none. Nor where the socket by which that process is
    spoken to would have too long a path for the kernel.
    """
    if sys.platform != "linux" or len(tempfile.gettempdir()) > _MAX_FOLDER:
        return multiprocessing.get_context("spawn")
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(_IMPORTED)
    _start_fork_server()
    return forking


def _start_fork_server() -> None:
    """Out of reach of a SIGTERM to the runner's process group: without it, workers look dead while they clean up."""
    resource_tracker.ensure_running()  # here, as it unblocks what is blocked
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # which is inherited; a worker unblocks it
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


class Listener(Protocol):
    """Hears of everything in the order in which it happens."""

    def attempt_started(self, job: Job, worker: int) -> None: ...
    def happened(self, job: Job, happening: Happening) -> None: ...
    def attempt_ended(self, job: Job, attempt: WorkerAttempt, *, again: bool) -> None: ...
    def fault(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """`jobs` workers at most; a scenario gets `budget_s`, and `retries` further tries.

    With `max_failures` that did not pass at their last try, no further attempt begins; those that run are given
    three seconds to end, then they are interrupted and count as unfinished.
    """

    jobs: int
    budget_s: float
    retries: int = 0
    max_failures: int | None = None


@dataclass(slots=True, eq=False)
class _Worker:
    number: int
    process: BaseProcess
    itself: psutil.Process | None  # which is never another one that has its pid by now
    connection: Connection
    mark: str
    deadline: float
    ready: bool = False
    ending: bool = False
    interrupted: bool = False
    job: Job | None = None
    attempt: WorkerAttempt = field(default_factory=WorkerAttempt)

    @property
    def idle(self) -> bool:
        return self.ready and self.job is None and not self.ending

    def begin(self, job: Job, budget_s: float) -> None:
        self.job, self.deadline = job, time.monotonic() + budget_s
        self.tell(job)

    def interrupt(self) -> None:
        """Have it leave its scenario by way of the clean-ups, where the system knows how to ask for that."""
        self.interrupted, self.deadline = True, time.monotonic() + _INTERRUPT_S
        if os.name == "posix" and self.ready and self.itself is not None:
            with contextlib.suppress(psutil.Error):
                self.itself.send_signal(signal.SIGINT)

    def tell(self, job: Job | None) -> None:
        with contextlib.suppress(OSError):  # it has just died, which is heard next
            self.connection.send(job)

    def kill_tree(self) -> None:
        """End the process, whatever it does, with its browser and all else that it started."""
        if self.itself is not None:  # not asked whether it lives: all look dead where what they were forked from is
            kill([*descendants(self.itself), self.itself])
        kill(with_variable(MARK, self.mark))
        self.process.join(5)
        self.connection.close()


class WorkerPool:
    """Runs a plan with worker processes; made, asked for results, then closed, in one thread."""

    def __init__(self, plan: Plan, setup: WorkerSetup, settings: PoolSettings, listener: Listener) -> None:
        self._plan = plan
        self._setup = setup
        self._settings = settings
        self._listener = listener
        self._workers: list[_Worker] = []
        self._started = 0
        self._context = _way_to_start()
        self._results: dict[int, WorkerAttempt] = {}  # by the scenario's place in the plan
        self._failed = 0  # of them

    def start(self) -> None:
        for _ in range(min(self._settings.jobs, len(self._plan))):
            self._start_worker()

    def result(self, place: int) -> WorkerAttempt | None:
        """The last attempt at a scenario, waited for; None where it will never be executed."""
        while place not in self._results and self._workers and (len(self._plan) or self._running()):
            self._step()
        return self._results.get(place)

    def run_all(self) -> None:
        """Run the plan to its end, however long that grows meanwhile."""
        while self._workers and (len(self._plan) or self._running()):
            self._step()

    def close(self) -> None:
        """Let the workers finish what runs, run after_all and end; those that do not are killed."""
        if len(self._plan) and not self._workers:
            self._listener.fault(f"{len(self._plan)} scenarios were not executed: no worker was left to run them")
        self._plan.drop_all()
        while self._workers:
            for worker in self._workers:
                if worker.idle:
                    worker.ending, worker.deadline = True, time.monotonic() + _END_S
                    worker.tell(None)
            self._step()

    def interrupt(self) -> None:
        """End all workers now: by way of their clean-ups where they are quick, by force where not."""
        self._plan.drop_all()
        for worker in self._workers:
            worker.interrupt()
        for worker in self._workers:
            if worker.ready:
                worker.process.join(max(0.0, worker.deadline - time.monotonic()))
            worker.kill_tree()
        self._workers.clear()

    @property
    def _enough_failed(self) -> bool:
        most = self._settings.max_failures
        return most is not None and self._failed >= most

    def _running(self) -> list[Job]:
        return [worker.job for worker in self._workers if worker.job is not None]

    def _start_worker(self) -> None:
        self._started += 1
        ours, theirs = self._context.Pipe()
        setup = replace(self._setup, mark=f"{self._setup.mark}.{self._started}.")
        process = self._context.Process(target=work, args=(theirs, setup), name=f"gonogo-worker-{self._started}")
        process.start()
        theirs.close()  # so that the end of the worker is the end of the connection
        self._workers.append(_Worker(self._started, process, process_of(process.pid), ours, setup.mark,
                                     time.monotonic() + _BEGIN_S))

    def _step(self) -> None:
        """Give out what may run, wait for the next event, and take in all that has come."""
        for worker in self._workers:
            job = self._plan.take(self._running()) if worker.idle else None
            if job is not None:
                worker.begin(job, self._settings.budget_s)
                self._listener.attempt_started(job, worker.number)
        busy = [worker for worker in self._workers if not worker.idle]
        patience_s = max(0.0, min((worker.deadline for worker in busy), default=0.0) - time.monotonic())
        ends = [end for worker in self._workers for end in (worker.connection, worker.process.sentinel)]
        ready = set(wait(ends, patience_s))
        for worker in list(self._workers):
            if worker.connection in ready or worker.process.sentinel in ready:
                self._hear(worker)
            elif not worker.idle and worker.deadline <= time.monotonic():
                if self._enough_failed and worker.job is not None and not worker.interrupted:
                    worker.interrupt()
                else:
                    self._on_worker_lost(worker, self._overdue(worker))

    def _hear(self, worker: _Worker) -> None:
        try:
            while worker in self._workers and worker.connection.poll():
                self._take(worker, worker.connection.recv())
        except (EOFError, OSError):
            self._on_worker_lost(worker, "")
            return
        if worker in self._workers and not worker.process.is_alive():
            self._on_worker_lost(worker, "")

    def _take(self, worker: _Worker, message: object) -> None:
        match message:
            case WorkerReady():
                worker.ready = True
            case WorkerEnded(fault):
                self._retire(worker, fault)
            case ScenarioFinished():
                worker.attempt.finished = message
                if worker.interrupted and not worker.attempt.passed:  # the interrupt's doing too
                    worker.attempt.finished, worker.attempt.lost = None, self._overdue(worker)
                self._end_attempt(worker)
            case StepStarted() | StepFinished() | Printed() | Embedded():
                self._note(worker, message)

    def _note(self, worker: _Worker, happening: Happening) -> None:
        if worker.job is None or (worker.interrupted and isinstance(happening, StepFinished)
                                  and happening.outcome.failed):  # the interrupt's doing
            return
        worker.attempt.happenings.append(happening)
        if isinstance(happening, StepStarted):
            worker.attempt.running_step = happening.index
        elif isinstance(happening, StepFinished):
            worker.attempt.running_step = None
        self._listener.happened(worker.job, happening)

    def _end_attempt(self, worker: _Worker) -> None:
        job, attempt = worker.job, worker.attempt
        if job is None:
            return
        worker.job, worker.attempt = None, WorkerAttempt()
        again = (job.attempt <= self._settings.retries and not attempt.passed and attempt.worth_another_try
                 and not self._enough_failed)
        self._listener.attempt_ended(job, attempt, again=again)
        if again:
            # how many have failed is known the sooner
            self._plan.put_back(job.again(), first=self._settings.max_failures is not None)
            return
        self._results[job.place] = attempt
        self._failed += not attempt.passed
        if self._enough_failed:
            self._plan.drop_all()
            self._shorten_deadlines()

    def _shorten_deadlines(self) -> None:
        """Those that still run are to end soon."""
        for worker in self._workers:
            if worker.job is not None and not worker.interrupted:
                worker.deadline = min(worker.deadline, time.monotonic() + _LAST_S)

    def _retire(self, worker: _Worker, fault: str) -> None:
        """A worker that has ended by itself. Unasked, its suite refuses to run: no other is tried."""
        if worker.job is not None:
            self._on_worker_lost(worker, f"could not go on: {fault}")
            return
        self._workers.remove(worker)
        worker.process.join(_INTERRUPT_S)
        worker.connection.close()
        if not worker.ready:
            fault = f"before_all failed: {fault}"
        if fault and not worker.interrupted:
            self._listener.fault(f"worker {worker.number}: {fault}")
        if not worker.ending:
            self._plan.drop_all()

    def _on_worker_lost(self, worker: _Worker, why: str) -> None:
        """A worker that died, or that must die: only its scenario is lost, and another takes its place."""
        self._workers.remove(worker)
        worker.process.join(1)
        code = worker.process.exitcode
        why = f"worker {worker.number} {why or _death(code)}"
        worker.kill_tree()
        if worker.job is None:
            self._listener.fault(why)
        else:
            worker.attempt.lost = why
            self._end_attempt(worker)
        if len(self._plan) and self._started < self._settings.jobs + MAX_REPLACEMENTS:
            self._start_worker()

    def _overdue(self, worker: _Worker) -> str:
        if worker.interrupted:
            return f"was ended: it still ran {_LAST_S:g} s after enough scenarios had failed"
        if worker.job is not None:
            return f"was ended: the scenario was past its budget of {self._settings.budget_s:g} s"
        return "did not end: after_all hangs" if worker.ending else "did not begin: the suite or before_all hangs"


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"died: {signal.Signals(-code).name}"
    return f"ended in mid-scenario with exit code {code}" if code is not None else "closed its connection"
