"""The worker processes of a run: starts them, assigns scenarios, detects hangs and deaths, replaces and ends them.

The runner requests the result of one scenario after another; the pool does its work while the runner waits.
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
from gonogo.scenarios.running.bounds import MAX_HELD_BYTES
from gonogo.scenarios.running.outcome import (
    Embedded,
    Printed,
    ScenarioEvent,
    ScenarioFinished,
    StepFinished,
    StepStarted,
    WorkerAttempt,
    WorkerEnded,
    WorkerReady,
)
from gonogo.scenarios.running.plan import Job, Plan
from gonogo.scenarios.running.step_changes import StepsChanged
from gonogo.scenarios.running.worker import MARK, WorkerSetup, work

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

MAX_REPLACEMENTS = 8  # if more workers die, the suite or the machine is broken
MAX_ATTEMPTS = 20  # at one scenario: a suite that repeats it for ever is broken
_BEGIN_S = 60.0  # to import the suite and run before_all
_END_S = 20.0  # to run after_all and close the browser
_INTERRUPT_S = 5.0  # to end an interrupted scenario through its clean-ups
_LAST_S = 3.0  # for scenarios still running when max_failures is reached: most end within this time
_MAX_FOLDER = 70  # of the 107 bytes of a socket path; the rest is pymp-…/listener-…
_IMPORTED = ["gonogo.scenarios.running.worker", "gonogo.scenarios.hooks", "gonogo.scenarios.browser.network_context",
             "playwright.sync_api"]


def import_ahead() -> None:
    """Start the fork server, which imports the workers' modules while the runner does other work."""
    _start_method()


def _start_method() -> SpawnContext | ForkServerContext:
    """On Linux, workers are forked from a server process that has only imported their modules.

    Elsewhere they are spawned: system libraries of macOS are not fork-safe, and Windows has no fork. The same applies
    if the path of the server's socket would be too long for the kernel.
    """
    if sys.platform != "linux" or len(tempfile.gettempdir()) > _MAX_FOLDER:
        return multiprocessing.get_context("spawn")
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(_IMPORTED)
    _start_fork_server()
    return forking


def _start_fork_server() -> None:
    """Start the fork server with SIGTERM blocked: if it died with the process group, workers would look dead while they
    clean up.
    """
    resource_tracker.ensure_running()  # first, as it unblocks signals
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # the server inherits it; a worker unblocks it
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


class Listener(Protocol):
    """Receives all events of the pool in order."""

    def attempt_started(self, job: Job, worker: int) -> None: ...
    def on_event(self, job: Job, event: ScenarioEvent) -> None: ...
    def attempt_ended(self, job: Job, attempt: WorkerAttempt, *, again: bool) -> None: ...
    def fault(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """At most `jobs` workers; each attempt has a time limit of `budget_s`, and each scenario up to `retries` retries.

    When `max_failures` scenarios have failed their last attempt, no further attempt begins; running attempts have
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
    ps_process: psutil.Process | None  # guards against a reused pid
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
        self.send(job)

    def interrupt(self) -> None:
        """End its scenario through its clean-ups, on systems that have SIGINT."""
        self.interrupted, self.deadline = True, time.monotonic() + _INTERRUPT_S
        if os.name == "posix" and self.ready and self.ps_process is not None:
            with contextlib.suppress(psutil.Error):
                self.ps_process.send_signal(signal.SIGINT)

    def send(self, job: Job | None) -> None:
        with contextlib.suppress(OSError):  # it has just died, which the next step detects
            self.connection.send(job)

    def kill_tree(self) -> None:
        """Kill the process, its browser and all other processes that it started."""
        if self.ps_process is not None:  # without is_alive(): if the fork server is dead, all workers look dead
            kill([*descendants(self.ps_process), self.ps_process])
        kill(with_variable(MARK, self.mark))
        self.process.join(5)
        self.connection.close()


class WorkerPool:
    """Runs a plan with worker processes. Use it from one thread only: start, get results, close."""

    def __init__(self, plan: Plan, setup: WorkerSetup, settings: PoolSettings, listener: Listener) -> None:
        self._plan = plan
        self._setup = setup
        self._settings = settings
        self._listener = listener
        self._workers: list[_Worker] = []
        self._started = 0
        self._context = _start_method()
        self._results: dict[int, WorkerAttempt] = {}  # by the scenario's place in the plan
        self._held = 0  # bytes of attachments in results that were not taken yet
        self._failed = 0  # the number of failed results

    def start(self) -> None:
        for _ in range(min(self._settings.jobs, len(self._plan))):
            self._start_worker()

    def result(self, place: int) -> WorkerAttempt | None:
        """Wait for the last attempt at a scenario; None if the scenario will not be executed."""
        while place not in self._results and self._workers and (len(self._plan) or self._running()):
            self._step()
        attempt = self._results.pop(place, None)
        self._release(attempt)
        return attempt

    def run_all(self) -> None:
        """Run the plan to its end; the plan may grow meanwhile."""
        while self._workers and (len(self._plan) or self._running()):
            self._step()
            for place in tuple(self._results):  # only the listener needs them
                self._release(self._results.pop(place))

    def close(self) -> None:
        """Let the workers finish their scenarios, run after_all and end; kill those that do not end in time."""
        if len(self._plan) and not self._workers:
            self._listener.fault(f"{len(self._plan)} scenarios were not executed: no worker was left")
        self._plan.drop_all()
        while self._workers:
            for worker in self._workers:
                if worker.idle:
                    worker.ending, worker.deadline = True, time.monotonic() + _END_S
                    worker.send(None)
            self._step()

    def interrupt(self) -> None:
        """End all workers now: through their clean-ups if these are quick, else kill them."""
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
        limit = self._settings.max_failures
        return limit is not None and self._failed >= limit

    def _running(self) -> list[Job]:
        return [worker.job for worker in self._workers if worker.job is not None]

    def _start_worker(self) -> None:
        self._started += 1
        connection, worker_end = self._context.Pipe()
        setup = replace(self._setup, mark=f"{self._setup.mark}.{self._started}.")
        process = self._context.Process(target=work, args=(worker_end, setup), name=f"gonogo-worker-{self._started}")
        process.start()
        worker_end.close()  # so that the end of the worker is the end of the connection
        self._workers.append(_Worker(self._started, process, process_of(process.pid), connection, setup.mark,
                                     time.monotonic() + _BEGIN_S))

    def _step(self) -> None:
        """Assign jobs to idle workers, wait for the next event, and handle all events."""
        for worker in self._workers:
            job = self._plan.take(self._running()) if worker.idle else None
            if job is not None:
                worker.begin(job, self._settings.budget_s)
                self._listener.attempt_started(job, worker.number)
        busy = [worker for worker in self._workers if not worker.idle]
        timeout_s = max(0.0, min((worker.deadline for worker in busy), default=0.0) - time.monotonic())
        ends = [end for worker in self._workers for end in (worker.connection, worker.process.sentinel)]
        ready = set(wait(ends, timeout_s))
        for worker in list(self._workers):
            if worker.connection in ready or worker.process.sentinel in ready:
                self._read_events(worker)
            elif not worker.idle and worker.deadline <= time.monotonic():
                if self._enough_failed and worker.job is not None and not worker.interrupted:
                    worker.interrupt()
                else:
                    self._on_worker_lost(worker, self._overdue(worker))

    def _read_events(self, worker: _Worker) -> None:
        try:
            while worker in self._workers and worker.connection.poll():
                self._handle(worker, worker.connection.recv())
        except (EOFError, OSError):
            self._on_worker_lost(worker, "")
            return
        if worker in self._workers and not worker.process.is_alive():
            self._on_worker_lost(worker, "")

    def _handle(self, worker: _Worker, message: object) -> None:
        match message:
            case WorkerReady():
                worker.ready = True
            case WorkerEnded(fault):
                self._retire(worker, fault)
            case ScenarioFinished() if message.again:
                self._repeat(worker, message)
            case ScenarioFinished():
                worker.attempt.finished = message
                if worker.interrupted and not worker.attempt.passed:  # the interrupt may have caused the failure
                    worker.attempt.finished, worker.attempt.lost = None, self._overdue(worker)
                self._end_attempt(worker)
            case StepsChanged() | StepStarted() | StepFinished() | Printed() | Embedded():
                self._on_scenario_event(worker, message)

    def _on_scenario_event(self, worker: _Worker, event: ScenarioEvent) -> None:
        if worker.job is None or (worker.interrupted and isinstance(event, StepFinished)
                                  and event.outcome.failed):  # the interrupt may have caused it
            return
        if not isinstance(event, Embedded) or self._hold(len(event.data)):
            worker.attempt.events.append(event)
        if isinstance(event, StepStarted):
            worker.attempt.running_step = event.index
        elif isinstance(event, StepFinished):
            worker.attempt.running_step = None
        self._listener.on_event(worker.job, event)

    def _hold(self, size: int) -> bool:
        """Whether there is room for an attachment until the result is taken; the listener has it in any case."""
        fits = self._held + size <= MAX_HELD_BYTES
        self._held += size if fits else 0
        return fits

    def _release(self, attempt: WorkerAttempt | None) -> None:
        if attempt is not None:
            self._held -= sum(len(event.data) for event in attempt.events if isinstance(event, Embedded))

    def _repeat(self, worker: _Worker, finished: ScenarioFinished) -> None:
        """The suite repeats the scenario by itself: that is another attempt, with its own time limit."""
        job, attempt = worker.job, worker.attempt
        if job is None:
            return
        if job.attempt >= MAX_ATTEMPTS:
            self._on_worker_lost(worker, f"was ended: the suite ran the scenario more than {MAX_ATTEMPTS} times")
            return
        attempt.finished = finished
        self._listener.attempt_ended(job, attempt, again=True)
        self._release(attempt)
        worker.job, worker.attempt = job.again(), WorkerAttempt()
        if not worker.interrupted:
            worker.deadline = time.monotonic() + self._settings.budget_s
        self._listener.attempt_started(worker.job, worker.number)

    def _end_attempt(self, worker: _Worker) -> None:
        job, attempt = worker.job, worker.attempt
        if job is None:
            return
        worker.job, worker.attempt = None, WorkerAttempt()
        again = (job.attempt <= self._settings.retries and not attempt.passed and attempt.worth_another_try
                 and not self._enough_failed)
        self._listener.attempt_ended(job, attempt, again=again)
        if again:
            self._release(attempt)
            # with max_failures, retry at once: the number of failures is then known sooner
            self._plan.put_back(job.again(), first=self._settings.max_failures is not None)
            return
        self._results[job.place] = attempt
        self._failed += not attempt.passed
        if attempt.finished is not None and attempt.finished.refused and len(self._plan):
            self._listener.fault(f"scenarios not executed: {len(self._plan)} (a request was refused)")
            self._plan.drop_all()
        if self._enough_failed:
            self._plan.drop_all()
            self._shorten_deadlines()

    def _shorten_deadlines(self) -> None:
        """Give running scenarios only `_LAST_S` more to end."""
        for worker in self._workers:
            if worker.job is not None and not worker.interrupted:
                worker.deadline = min(worker.deadline, time.monotonic() + _LAST_S)

    def _retire(self, worker: _Worker, fault: str) -> None:
        """Remove a worker that has ended. If it ended without a request, its suite cannot run, so the run ends too."""
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

    def _on_worker_lost(self, worker: _Worker, reason: str) -> None:
        """Remove a worker that died or hangs: only its scenario is lost, and a new worker replaces it."""
        self._workers.remove(worker)
        worker.process.join(1)
        code = worker.process.exitcode
        reason = f"worker {worker.number} {reason or _death(code)}"
        worker.kill_tree()
        if worker.job is None:
            self._listener.fault(reason)
        else:
            worker.attempt.lost = reason
            self._end_attempt(worker)
        if len(self._plan) and self._started < self._settings.jobs + MAX_REPLACEMENTS:
            self._start_worker()

    def _overdue(self, worker: _Worker) -> str:
        if worker.interrupted:
            return f"stopped: still running {_LAST_S:g} s after the failure limit (max_failures) was reached"
        if worker.job is not None:
            return f"was ended: the scenario exceeded its budget of {self._settings.budget_s:g} s"
        return "did not end: after_all hangs" if worker.ending else "did not start: the suite or before_all hangs"


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"died: {signal.Signals(-code).name}"
    return f"ended during a scenario with exit code {code}" if code is not None else "closed its connection"
