"""A worker: a process that runs scenarios one by one with behave's own runner, and sends events to the gonogo runner.

It decides nothing: `plan` and `pool` choose the scenarios and the retries.
"""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import io
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from behave.configuration import Configuration
from behave.formatter.base import Formatter, StreamOpener
from behave.matchers import Match
from behave.model import Feature, Scenario, Step
from behave.model_type import Status
from behave.runner import Context, Runner
from behave.userdata import UserData

from gonogo.config import RunPlan
from gonogo.core.process_trees import descendants, kill, process_of
from gonogo.core.text import printable_lines
from gonogo.environment.guard import GUARD
from gonogo.scenarios.recording.timeline import Timeline
from gonogo.scenarios.running import outcome as messages
from gonogo.scenarios.running.assertions import AssertsNothing, problem_of
from gonogo.scenarios.running.model_copy import Features
from gonogo.scenarios.running.plan import Job
from gonogo.scenarios.session import PlannedAttempt
from gonogo.secrets.masking import Masker

MARK = "GONOGO_WORKER"  # environment variable; inherited by whatever a worker starts
_UNSHARED = ("reporters", "formatters", "outputs", "outfiles", "format")


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """The data for each worker. `config` has the members of behave's Configuration, `features` is the result of
    `model_copy.packed`.
    """

    config: dict[str, Any]
    features: bytes
    plan: RunPlan
    masker: Masker
    mark: str


def shared_config(config: Configuration, userdata: dict[str, str]) -> dict[str, Any]:
    """The runner's configuration for a worker, without outputs and stop conditions."""
    shared = {name: value for name, value in vars(config).items() if name not in _UNSHARED}
    return {**shared, "userdata": UserData({**(config.userdata or {}), **userdata}),
            "stop": False, "show_skipped": False}


def work(connection: Connection, setup: WorkerSetup) -> None:
    """The main function of a worker process."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in a terminal reaches only the runner, which then ends its workers
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # blocked in the fork server (see `pool`)
    os.environ[MARK] = setup.mark
    os.environ.update(setup.masker.variables)
    os.dup2(2, 1)  # output of a step's child processes must not mix with the formatters' output
    commands: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    threading.Thread(target=_read_commands, args=(connection, commands), daemon=True).start()
    sender = _EventSender(connection, setup.masker)
    sys.stdout = sender
    fault = ""
    try:
        if _WorkerRunner(_configuration(setup.config), setup, commands, sender).run():
            fault = sender.take().strip() or "the suite ended the run (context.abort)"
    except Exception as error:  # noqa: BLE001  reports any error of the worker
        fault = f"{type(error).__name__}: {error}"
    finally:
        sys.stdout = sys.__stdout__
    connection.send(messages.WorkerEnded(setup.masker.text(fault)))


def _read_commands(connection: Connection, commands: queue.SimpleQueue[Job | None]) -> None:
    """Forward the runner's commands; if the runner is gone, end this process and all that it started."""
    try:
        while True:
            commands.put(connection.recv())
    except (EOFError, OSError):
        kill(descendants(process_of(os.getpid())))
        os._exit(3)


def _configuration(members: dict[str, Any]) -> Configuration:
    config = Configuration(command_args=[], load_config=False)
    vars(config).update(members)
    config.reporters = []
    config.setup_model()
    return config


class _EventSender(io.TextIOBase):
    """Sends events to the runner, and replaces stdout for output that behave does not capture."""

    def __init__(self, connection: Connection, masker: Masker) -> None:
        self.masker = masker
        self._connection = connection
        self._printed: list[str] = []

    def write(self, text: str) -> int:
        self._printed.append(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def clean(self, text: str) -> str:
        """`text` masked, and without control characters: it may quote the system under test."""
        return printable_lines(self.masker.text(text))

    def take(self) -> str:
        """The text printed since the last event."""
        text = "".join(self._printed)
        self._printed.clear()
        return text

    def send(self, event: object) -> None:
        printed = self.take()
        if printed:
            self._connection.send(messages.Printed(self.clean(printed)))
        self._connection.send(event)


class _EventFormatter(Formatter):
    """Sends an event at the start and at the end of each step."""

    def __init__(self, sender: _EventSender, config: Configuration, timeline: Callable[[], Timeline | None]) -> None:
        super().__init__(StreamOpener(stream=io.StringIO()), config)
        self._sender = sender
        self._timeline = timeline
        self._steps: list[Step] = []
        self._index = -1
        self.problem = ""  # why the running step proves nothing

    def scenario(self, scenario: Scenario) -> None:
        self._index = -1
        self._steps.clear()

    def step(self, step: Step) -> None:
        self._steps.append(step)

    def match(self, match: Match) -> None:
        self._index += 1
        step = self._steps[self._index]
        self.problem = problem_of(match.func, step.step_type) if match.func is not None else ""
        timeline = self._timeline()
        if timeline is not None:
            timeline.begin_step(self._index, step.name)
        self._sender.send(messages.StepStarted(self._index))

    def result(self, step: Step) -> None:
        timeline = self._timeline()
        if timeline is not None:
            timeline.end_step(failed=step.status.has_failed())
        self._sender.send(messages.StepFinished(self._index, messages.outcome_of(step, self._sender.clean)))

    def embedding(self, mime_type: str, data: bytes) -> None:
        self._sender.send(messages.Embedded(mime_type, self._sender.masker.data(data, mime_type)))


class _WorkerRunner(Runner):
    """behave's runner, with one feature for each scenario that the gonogo runner sends."""

    def __init__(self, config: Configuration, setup: WorkerSetup, commands: queue.SimpleQueue[Job | None],
                 sender: _EventSender) -> None:
        super().__init__(config)
        self.plan = setup.plan  # read by the hooks
        self._parsed = Features(setup.features)
        self._commands = commands
        self._sender = sender

    def run_with_paths(self) -> bool:
        self.context = Context(self)
        self.load_hooks()
        self.load_step_definitions()
        self._events = _EventFormatter(self._sender, self.config, self._timeline)
        self.formatters = [self._events]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        failed = self.run_model(self._features())
        return bool(self.hook_failures or self.aborted or (failed and not self._failed_scenarios))

    def run_hook(self, hook_name: str, *arguments: object) -> bool:
        """A hook can make a result worse, never better: a step that has failed stays failed."""
        statement = arguments[-1] if arguments else None
        if not isinstance(statement, Step | Scenario):
            return bool(super().run_hook(hook_name, *arguments))
        if hook_name == "after_step" and statement.status is Status.passed and self._events.problem:
            statement.set_status(Status.error)
            statement.exception = AssertsNothing(self._events.problem)
        before = statement.status
        passed = bool(super().run_hook(hook_name, *arguments))
        if not isinstance(statement.status, Status):  # behave takes a name for a step as it is
            statement.set_status(Status.__members__.get(statement.status, Status.failed))
        if before.has_failed() and not statement.status.has_failed():
            statement.set_status(before)
        return passed

    _failed_scenarios = 0

    def _features(self) -> Iterator[Feature]:
        if self.aborted:  # before_all failed: no scenario may run
            return
        self._sender.take()
        self._sender.send(messages.WorkerReady())
        session = getattr(self.context, "gonogo", None)
        if session is not None:
            self._sender.masker = session.recorder.masker  # it learns secrets
        while (job := self._next_job()) is not None:
            feature, scenario = self._parsed.alone(job.uri, job.line)
            session = getattr(self.context, "gonogo", None)
            if session is not None:
                session.planned = PlannedAttempt(job.scenario, job.attempt, job.round)
            self.hook_failures = 0
            yield feature
            self.hook_failures = 0  # they are reported with the scenario
            self._failed_scenarios += scenario.status.has_failed()
            self._send_finished(feature, scenario)

    def _timeline(self) -> Timeline | None:
        world = getattr(getattr(self.context, "gonogo", None), "world", None)
        return world.timeline if world is not None else None

    def _next_job(self) -> Job | None:
        """The next scenario to run; None if there are no more, or the run is interrupted."""
        if self.aborted:
            return None
        try:
            return self._commands.get()
        except KeyboardInterrupt:
            return None

    def _send_finished(self, feature: Feature, scenario: Scenario) -> None:
        clean = self._sender.clean
        failed_parent = next((each for each in (scenario.parent, feature) if getattr(each, "hook_failed", False)), None)
        outcome = messages.outcome_of(scenario, clean)
        marked = next((each for each in (scenario, scenario.parent, feature)
                       if each.status is Status.failed and not each.hook_failed), None)
        if marked is not None and not any(step.status.has_failed() for step in scenario.all_steps):
            words = f"a hook marked the {type(marked).__name__.lower()} as failed"
            outcome = replace(outcome, status=Status.failed.name, error_message=outcome.error_message or words)
        if failed_parent is not None:
            outcome = messages.Outcome(
                Status.hook_error.name, error_message=clean(failed_parent.error_message or ""),
                exception_type=type(failed_parent.exception).__name__, hook_failed=True)
        session = getattr(self.context, "gonogo", None)
        self._sender.send(messages.ScenarioFinished(
            outcome, tuple(messages.outcome_of(step, clean) for step in scenario.all_steps),
            browser_lost=bool(session and session.browser_lost),
            skip_reason=clean(scenario.skip_reason or "") if scenario.should_skip else None,
            learned=self._sender.masker.learned,
            refused=tuple(dict.fromkeys(clean(str(each)) for each in GUARD.taken()))))
