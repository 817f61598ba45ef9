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
from types import FrameType
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
from gonogo.environment.request_guard import GUARD, install
from gonogo.scenarios.recording.timeline import Timeline
from gonogo.scenarios.running import outcome as messages
from gonogo.scenarios.running.assertions import AssertsNothing, problem_of
from gonogo.scenarios.running.bounds import AttachmentRoom, BoundedLog, BoundedOutput
from gonogo.scenarios.running.contained_hooks import ScenariosChanged, contained
from gonogo.scenarios.running.model_copy import Alone, Features
from gonogo.scenarios.running.plan import Job
from gonogo.scenarios.running.step_changes import StepKey, steps_changed
from gonogo.scenarios.session import PlannedAttempt
from gonogo.secrets.known import NO_SECRETS
from gonogo.secrets.masking import Masker

MARK = "GONOGO_WORKER"  # environment variable; inherited by whatever a worker starts
OFFLINE = "offline"  # the tag of scenarios that ask nothing of the system
_ASKED_NOTHING = ("the scenario asked nothing of the system: no page was opened and no request sent (the tag @offline "
                  "allows that)")
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
    install(setup.plan.reach)
    threading.excepthook = _THREADS.on_error
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


class _ThreadErrors:
    """The first error that ended a thread during the scenario."""

    error: BaseException | None = None

    def begin(self) -> None:
        self.error = None

    def on_error(self, arguments: threading.ExceptHookArgs) -> None:
        """As `threading.excepthook`."""
        if self.error is None and not isinstance(arguments.exc_value, SystemExit):
            self.error = arguments.exc_value
        threading.__excepthook__(arguments)


_THREADS = _ThreadErrors()


class _EventSender(io.TextIOBase):
    """Sends events to the runner, and replaces stdout for output that behave does not capture."""

    def __init__(self, connection: Connection, masker: Masker) -> None:
        self.masker = masker
        self._connection = connection
        self._printed = BoundedOutput()
        self._taken = 0

    def write(self, text: str) -> int:
        return self._printed.write(text)

    def begin(self) -> None:
        """A new scenario has room for its own output."""
        rest, self._printed, self._taken = self.take(), BoundedOutput(), 0
        self._printed.write(rest)

    def writable(self) -> bool:
        return True

    def clean(self, text: str) -> str:
        """`text` masked, and without control characters: it may quote the system under test."""
        return printable_lines(self.masker.text(text))

    def take(self) -> str:
        """The text printed since the last event."""
        text = self._printed.getvalue()[self._taken:]
        self._taken += len(text)
        return text

    def send(self, event: object) -> None:
        printed = self.take()
        if printed:
            self._connection.send(messages.Printed(self.clean(printed)))
        self._connection.send(event)


class _EventFormatter(Formatter):
    """Sends an event at the start and at the end of each step, and when the scenario has other steps than planned."""

    def __init__(self, sender: _EventSender, config: Configuration, timeline: Callable[[], Timeline | None],
                 on_scenario: Callable[[], None]) -> None:
        super().__init__(StreamOpener(stream=io.StringIO()), config)
        self._sender = sender
        self._timeline = timeline
        self._on_scenario = on_scenario
        self._scenario: Scenario | None = None
        self._planned: list[StepKey] = []
        self._known: list[StepKey] = []
        self._index = -1
        self._room = AttachmentRoom()
        self.problem = ""  # why the running step proves nothing

    def plan(self, scenario: Scenario, steps: list[StepKey]) -> None:
        """The next scenario, and the steps that it has in the plan."""
        self._scenario = scenario
        self._known = self._planned = steps

    def scenario(self, scenario: Scenario) -> None:
        if scenario is not self._scenario:
            raise RuntimeError(f"the suite ran a scenario that was not planned: {scenario.name}")
        self._on_scenario()
        self._room = AttachmentRoom()
        self._index, self._known = -1, self._planned

    def match(self, match: Match) -> None:
        self._index += 1
        step = self.steps()[self._index]
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

    def embedding(self, mime_type: str, data: object) -> None:
        """Also takes text, as behave's formatters without attachments do."""
        content = data.encode() if isinstance(data, str) else data
        if not isinstance(content, bytes | bytearray | memoryview):
            raise TypeError(f"an attachment must be bytes or text, not {type(data).__name__}")
        admitted = self._room.admitted(str(mime_type), bytes(content))
        if admitted is not None:
            kind, kept = admitted
            self._sender.send(messages.Embedded(kind, self._sender.masker.data(kept, kind)))

    def steps(self) -> list[Step]:
        """The steps as they are now; sends an event if hooks or steps have changed them since the last call."""
        steps = list(self._scenario.all_steps) if self._scenario is not None else []
        keys = [StepKey.of(step) for step in steps]
        if keys != self._known:
            self._known = keys
            self._sender.send(steps_changed(self._planned, steps, self._sender.clean))
        return steps


class _WorkerRunner(Runner):
    """behave's runner, with one feature for each scenario that the gonogo runner sends."""

    def __init__(self, config: Configuration, setup: WorkerSetup, commands: queue.SimpleQueue[Job | None],
                 sender: _EventSender) -> None:
        super().__init__(config)
        self.plan = setup.plan  # read by the hooks
        self._parsed = Features(setup.features)
        self.features = self._parsed.features  # read, and sometimes changed, by the hook before_all
        self._planned = self._parsed.plan(config)
        self._running: Alone | None = None
        self._tried: messages.ScenarioFinished | None = None
        self._interrupted = False
        self._commands = commands
        self._sender = sender

    def run_with_paths(self) -> bool:
        self.context = Context(self)
        self.load_hooks()
        self.load_step_definitions()
        self._events = _EventFormatter(self._sender, self.config, self._timeline, self._on_scenario)
        self.formatters = [self._events]
        signal.signal(signal.SIGINT, self._on_interrupt)
        failed = self.run_model(self._features())
        return bool(self.hook_failures or self.aborted or (failed and not self._failed_scenarios))

    def load_hooks(self, filename: str | None = None) -> None:
        super().load_hooks(filename)
        self.hooks = contained(self.hooks, interrupted=lambda: self._interrupted,
                               problem=lambda: self._running.problem if self._running is not None else "")

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True
        signal.default_int_handler(number, frame)

    def abort(self, reason: str | None = None) -> None:
        """A step that raises KeyboardInterrupt itself has failed; it does not end the run."""
        if self._interrupted or self._running is None:
            super().abort(reason)

    def setup_capture(self, name: str | None = None) -> None:
        super().setup_capture(name)
        captured = self.capture_controller
        if captured.capture_stdout is not None:
            captured.capture_stdout = BoundedOutput()
        if captured.capture_stderr is not None:
            captured.capture_stderr = BoundedOutput()
        if captured.capture_log is not None:
            captured.capture_log.addFilter(BoundedLog())

    def teardown_capture(self) -> None:
        """behave calls this at the end of a scenario; a suite can then run it again (`scenario_autoretry`)."""
        super().teardown_capture()
        if self._running is not None:
            self._tried = self._finished(self._running)

    def _on_scenario(self) -> None:
        if self._tried is None:
            return
        self._sender.send(replace(self._tried, again=True))
        self._tried = None
        session = getattr(self.context, "gonogo", None)
        if session is not None and session.planned is not None:
            session.planned = session.planned._replace(number=session.planned.number + 1)

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
        if self._parsed.plan(self.config) != self._planned:
            raise ScenariosChanged("before_all changed the scenarios after they were planned")
        self._sender.take()
        self._sender.send(messages.WorkerReady())
        session = getattr(self.context, "gonogo", None)
        if session is not None:
            self._sender.masker = session.recorder.masker  # it learns secrets
        while (job := self._next_job()) is not None:
            self._running = running = self._parsed.alone(job.uri, job.line)
            self._events.plan(running.scenario, running.steps)
            self._sender.begin()
            GUARD.begin()
            _THREADS.begin()
            session = getattr(self.context, "gonogo", None)
            if session is not None:
                session.planned = PlannedAttempt(job.scenario, job.attempt, job.round)
            self.hook_failures = 0
            yield running.feature
            self.hook_failures = 0  # they are reported with the scenario
            self._running = self._tried = None
            finished = self._finished(running)
            self._failed_scenarios += finished.outcome.failed
            self._sender.send(replace(finished, refused=tuple(
                dict.fromkeys(self._sender.clean(str(each)) for each in GUARD.taken()))))

    def _passed(self, outcome: messages.Outcome, scenario: Scenario) -> messages.Outcome:
        """The outcome of a scenario that passes for behave: it can have failed in a thread, or prove nothing."""
        error = _THREADS.error
        if error is not None:
            text = self._sender.clean(f"in a thread: {type(error).__name__}: {messages.text_of(error)}")
            failed = isinstance(error, AssertionError)
            return replace(outcome, status=(Status.failed if failed else Status.hook_error).name, error_message=text,
                           exception_type=type(error).__name__, exception_text=text)
        silent = self.plan.environment.silent_scenarios == "block" and OFFLINE not in scenario.effective_tags
        if silent and not GUARD.has_asked:
            return replace(outcome, status=Status.error.name, error_message=_ASKED_NOTHING,
                           exception_type=AssertsNothing.__name__, exception_text=_ASKED_NOTHING)
        return outcome

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

    def _finished(self, running: Alone) -> messages.ScenarioFinished:
        clean = self._sender.clean
        feature, scenario, *_ = running
        failed_parent = next((each for each in (scenario.parent, feature) if getattr(each, "hook_failed", False)), None)
        outcome = messages.outcome_of(scenario, clean)
        marked = next((each for each in (scenario, scenario.parent, feature)
                       if each.status is Status.failed and not each.hook_failed), None)
        if marked is not None and not any(step.status.has_failed() for step in scenario.all_steps):
            words = f"a hook marked the {type(marked).__name__.lower()} as failed"
            outcome = replace(outcome, status=Status.failed.name, error_message=outcome.error_message or words)
        if outcome.status == Status.passed.name:
            outcome = self._passed(outcome, scenario)
        if failed_parent is not None:
            outcome = messages.Outcome(
                Status.hook_error.name, error_message=clean(failed_parent.error_message or ""),
                exception_type=type(failed_parent.exception).__name__, hook_failed=True)
        session = getattr(self.context, "gonogo", None)
        return messages.ScenarioFinished(
            outcome, tuple(messages.outcome_of(step, clean) for step in self._events.steps()),
            browser_lost=bool(session and session.browser_lost),
            skip_reason=clean(scenario.skip_reason or "") if scenario.should_skip else None,
            learned=self._sender.masker.learned, used=session.recorder.used if session else NO_SECRETS,
            trace_id=session.trace_id if session else "")
