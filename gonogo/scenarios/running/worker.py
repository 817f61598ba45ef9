"""A worker: a process that runs scenarios one by one with behave's own runner, and tells what happens.

It decides nothing: which scenario, how often and what it means are the runner's (`pool`, `plan`).
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
from dataclasses import dataclass
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
from gonogo.scenarios.recording.timeline import Timeline
from gonogo.scenarios.running import outcome as told
from gonogo.scenarios.running.model_copy import Features
from gonogo.scenarios.running.plan import Job
from gonogo.scenarios.session import PlannedAttempt
from gonogo.secrets.masking import Masker

MARK = "GONOGO_WORKER"  # environment variable; inherited by whatever a worker starts
_UNSHARED = ("reporters", "formatters", "outputs", "outfiles", "format")


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What each worker of a run is given. `config` holds the members of behave's Configuration, `features` what
    `model_copy.packed` made of the chosen ones.
    """

    config: dict[str, Any]
    features: bytes
    plan: RunPlan
    masker: Masker
    mark: str


def shared_config(config: Configuration, userdata: dict[str, str]) -> dict[str, Any]:
    """What a worker needs of the runner's configuration: all but its outputs and its reasons to stop."""
    shared = {name: value for name, value in vars(config).items() if name not in _UNSHARED}
    return {**shared, "userdata": UserData({**(config.userdata or {}), **userdata}),
            "stop": False, "show_skipped": False}


def work(connection: Connection, setup: WorkerSetup) -> None:
    """A worker process from its beginning to its end."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in a terminal reaches the runner alone, which then ends its workers in order
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # blocked where it was forked from (see `pool`)
    os.environ[MARK] = setup.mark
    os.environ.update(setup.masker.variables)
    os.dup2(2, 1)  # what a step's own child processes print must not get between the formatters' lines
    commands: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, commands), daemon=True).start()
    telling = _Telling(connection, setup.masker)
    sys.stdout = telling
    fault = ""
    try:
        if _WorkerRunner(_configuration(setup.config), setup, commands, telling).run():
            fault = telling.take().strip() or "the suite ended the run (context.abort)"
    except Exception as error:  # noqa: BLE001  a worker that cannot even begin says so
        fault = f"{type(error).__name__}: {error}"
    finally:
        sys.stdout = sys.__stdout__
    connection.send(told.WorkerEnded(setup.masker.text(fault)))


def _listen(connection: Connection, commands: queue.SimpleQueue[Job | None]) -> None:
    """Pass the runner's commands on; where the runner is gone, so is this process and all that it started."""
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


class _Telling(io.TextIOBase):
    """Sends happenings to the runner, and stands for stdout where behave captures nothing."""

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
        return self.masker.text(text)

    def take(self) -> str:
        """What was printed since the last happening."""
        text = "".join(self._printed)
        self._printed.clear()
        return text

    def tell(self, happening: object) -> None:  # type: ignore[override]
        printed = self.take()
        if printed:
            self._connection.send(told.Printed(self.clean(printed)))
        self._connection.send(happening)


class _TellingFormatter(Formatter):
    """Tells each step as it begins and ends."""

    def __init__(self, telling: _Telling, config: Configuration, timeline: Callable[[], Timeline | None]) -> None:
        super().__init__(StreamOpener(stream=io.StringIO()), config)
        self._telling = telling
        self._timeline = timeline
        self._steps: list[str] = []
        self._index = -1

    def scenario(self, scenario: Scenario) -> None:
        self._index = -1
        self._steps.clear()

    def step(self, step: Step) -> None:
        self._steps.append(step.name)

    def match(self, match: Match) -> None:
        self._index += 1
        timeline = self._timeline()
        if timeline is not None:
            timeline.begin_step(self._index, self._steps[self._index])
        self._telling.tell(told.StepStarted(self._index))

    def result(self, step: Step) -> None:
        timeline = self._timeline()
        if timeline is not None:
            timeline.end_step(failed=step.status.has_failed())
        self._telling.tell(told.StepFinished(self._index, told.outcome_of(step, self._telling.clean)))

    def embedding(self, mime_type: str, data: bytes) -> None:
        self._telling.tell(told.Embedded(mime_type, self._telling.masker.data(data, mime_type)))


class _WorkerRunner(Runner):
    """behave's runner, whose features come from the plan: one for each scenario, with nothing else in it."""

    def __init__(self, config: Configuration, setup: WorkerSetup, commands: queue.SimpleQueue[Job | None],
                 telling: _Telling) -> None:
        super().__init__(config)
        self.plan = setup.plan  # which the hooks look for
        self._read = Features(setup.features)
        self._commands = commands
        self._telling = telling

    def run_with_paths(self) -> bool:
        self.context = Context(self)
        self.load_hooks()
        self.load_step_definitions()
        self.formatters = [_TellingFormatter(self._telling, self.config, self._timeline)]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        failed = self.run_model(self._features())
        return bool(self.hook_failures or self.aborted or (failed and not self._failed_scenarios))

    _failed_scenarios = 0

    def _features(self) -> Iterator[Feature]:
        if self.aborted:  # before_all raised: nothing may run
            return
        self._telling.take()
        self._telling.tell(told.WorkerReady())
        session = getattr(self.context, "gonogo", None)
        if session is not None:
            self._telling.masker = session.recorder.masker  # which learns
        while (job := self._next_job()) is not None:
            feature, scenario = self._read.alone(job.uri, job.line)
            session = getattr(self.context, "gonogo", None)
            if session is not None:
                session.planned = PlannedAttempt(job.scenario, job.attempt, job.round)
            self.hook_failures = 0
            yield feature
            self.hook_failures = 0  # they are the scenario's, and told with it
            self._failed_scenarios += scenario.status.has_failed()
            self._tell_end(feature, scenario)

    def _timeline(self) -> Timeline | None:
        world = getattr(getattr(self.context, "gonogo", None), "world", None)
        return world.timeline if world is not None else None

    def _next_job(self) -> Job | None:
        """The next scenario to run; None where the work is done, or the run is interrupted."""
        if self.aborted:
            return None
        try:
            return self._commands.get()
        except KeyboardInterrupt:
            return None

    def _tell_end(self, feature: Feature, scenario: Scenario) -> None:
        clean = self._telling.clean
        above = next((each for each in (scenario.parent, feature) if getattr(each, "hook_failed", False)), None)
        outcome = told.outcome_of(scenario, clean)
        if above is not None:
            outcome = told.Outcome(Status.hook_error.name, error_message=clean(above.error_message or ""),
                                   exception_type=type(above.exception).__name__, hook_failed=True)
        session = getattr(self.context, "gonogo", None)
        self._telling.tell(told.ScenarioFinished(
            outcome, tuple(told.outcome_of(step, clean) for step in scenario.all_steps),
            browser_lost=bool(session and session.browser_lost),
            skip_reason=clean(scenario.skip_reason or "") if scenario.should_skip else None,
            learned=self._telling.masker.learned))
