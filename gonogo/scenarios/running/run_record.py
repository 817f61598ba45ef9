"""The runner's record of a run as Cucumber Messages: the plan, then each event as it happens."""

from __future__ import annotations

import base64
import json
import mimetypes
import platform
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from behave.model_type import Status

from gonogo import __version__
from gonogo.model.scenarios import StepChanges
from gonogo.records.messages import (
    ASSERTS_NOTHING,
    BROWSER_LOST,
    CHANGES_MEDIA_TYPE,
    FAULT_MEDIA_TYPE,
    LEFT_OUT,
    MARKED_FAILED,
    MESSAGES_FILE,
    REFUSED,
    SUITE_ERROR,
    UNFINISHED,
    MessagesFile,
)
from gonogo.scenarios.recording.scenario_folder import scenario_folder
from gonogo.scenarios.running.gherkin_files import GherkinFiles
from gonogo.scenarios.running.outcome import (
    Embedded,
    Outcome,
    ScenarioEvent,
    ScenarioFinished,
    StepFinished,
    StepStarted,
    WorkerAttempt,
)
from gonogo.scenarios.running.plan import Job
from gonogo.scenarios.running.step_changes import StepsChanged
from gonogo.scenarios.running.step_definitions import StepDefinitions
from gonogo.secrets.handover import SecretsSender
from gonogo.secrets.masking import Masker

PROTOCOL = "34.2.1"  # the version of Cucumber Messages
_HOOK = "hooks"
_RUN = "run"
_STATUSES = {
    Status.passed: "PASSED", Status.failed: "FAILED", Status.error: "FAILED", Status.hook_error: "FAILED",
    Status.cleanup_error: "FAILED", Status.skipped: "SKIPPED", Status.untested: "SKIPPED",
    Status.undefined: "UNDEFINED", Status.pending: "PENDING", Status.pending_warn: "PENDING",
}


@dataclass(slots=True)
class _Attempt:
    """The running attempt at a scenario; `planned` has the place of each step that it has now, None if it was added."""

    id: str
    steps: list[str]
    hooks: str
    planned: Sequence[int | None]
    running: str = ""
    started: set[str] = field(default_factory=set)

    def step(self, index: int) -> str:
        """The id of a step; "" of one that was added."""
        place = self.planned[index]
        return "" if place is None else self.steps[place]

    def left_out(self) -> Iterator[str]:
        left = set(self.planned)
        return (step for place, step in enumerate(self.steps) if place not in left)


class RunRecord:
    """Writes `evidence`/messages.ndjson; a `pool.Listener`."""

    def __init__(self, evidence: Path, files: GherkinFiles, masker: Masker, definitions: StepDefinitions,
                 key: str = "", *, secrets_to: SecretsSender | None = None) -> None:
        self._evidence = evidence
        self._files = files
        self._file = MessagesFile(evidence / MESSAGES_FILE, masker, key)
        self._definitions = definitions
        self.masker = masker
        self._secrets_to = secrets_to or SecretsSender(None)
        self._attempts: dict[int, _Attempt] = {}  # the running ones, by place

    @property
    def path(self) -> Path:
        return self._file.path

    def begin_with_plan(self, jobs: Iterable[Job]) -> None:
        """Open the record and write the plan: all scenarios to execute, before the first one runs."""
        jobs = list(jobs)
        self.begin(jobs)
        for job in jobs:
            self.plan(job)

    def begin(self, jobs: Iterable[Job]) -> None:
        """Write the start of the run; `plan` may follow for any of the scenarios of `jobs`."""
        lines: dict[str, dict[int, None]] = {}
        for job in jobs:
            lines.setdefault(job.uri, {})[job.line] = None
        self._file.write("meta", {
            "protocolVersion": PROTOCOL, "implementation": {"name": "gonogo", "version": __version__},
            "runtime": {"name": platform.python_implementation(), "version": platform.python_version()},
            "os": {"name": platform.system(), "version": platform.release()}, "cpu": {"name": platform.machine()}})
        for uri, chosen in lines.items():
            for kind, message in self._files[uri].messages:
                self._file.write(kind, message)
            for line in chosen:
                self._file.write("pickle", self._files[uri].pickles[line])
        for definition in self._definitions:
            self._file.write("stepDefinition", definition)
        self._file.write("hook", {"id": _HOOK, "name": "hooks and clean-ups",
                                  "sourceReference": {"uri": "environment.py"}})
        self._file.write("testRunStarted", {"id": _RUN, "timestamp": _stamp()})

    def plan(self, job: Job) -> None:
        """Write the plan of one job, before it runs; its scenario must be one of those given to `begin`."""
        pickle = self._files[job.uri].pickles[job.line]
        # Gherkin gives no steps to a scenario that has only those of a background; behave runs them
        pickle_steps = [{"pickleStepId": step["id"]} for step in pickle["steps"]] or [{}] * job.steps
        steps = [{"id": step_id, **pickle_step, **use} for step_id, pickle_step, use in zip(
            _step_ids(job), pickle_steps, self._definitions.used_by(job), strict=True)]
        self._file.write("testCase", {"id": f"case-{job.place}", "pickleId": pickle["id"], "testRunStartedId": _RUN,
                                      "testSteps": [*steps, {"id": _hook_step(job), "hookId": _HOOK}]})

    def attempt_started(self, job: Job, worker: int) -> None:
        self._attempts[job.place] = attempt = _Attempt(
            f"attempt-{job.place}-{job.attempt}", _step_ids(job), _hook_step(job), range(job.steps))
        self._file.write("testCaseStarted", {"id": attempt.id, "testCaseId": f"case-{job.place}",
                                             "attempt": job.attempt - 1, "workerId": str(worker),
                                             "timestamp": _stamp()})

    def on_event(self, job: Job, event: ScenarioEvent) -> None:
        attempt = self._attempts[job.place]
        match event:
            case StepsChanged():
                attempt.planned = event.planned
            case StepStarted(index):
                attempt.running = attempt.step(index)
                self._start_step(attempt, attempt.running)
            case StepFinished(index, outcome):
                if not _is_open(outcome):
                    self._finish_step(attempt, attempt.step(index), outcome)
                    attempt.running = ""
            case Embedded(mime_type, data):
                self._file.write("attachment", {
                    "testCaseStartedId": attempt.id, "testStepId": attempt.running or attempt.hooks,
                    "body": base64.b64encode(data).decode(), "contentEncoding": "BASE64", "mediaType": mime_type})

    def attempt_ended(self, job: Job, attempt: WorkerAttempt, *, again: bool) -> None:
        running = self._attempts.pop(job.place)
        if attempt.finished is not None:
            self.masker.learn(attempt.finished.learned)
            self._secrets_to.send(attempt.finished.learned)
            self._secrets_to.send(attempt.finished.used, attempt.finished.trace_id or job.scenario.key)
        if attempt.changed is not None:
            self._write_changes(running, attempt.changed.changes(job.steps))
        self._attach_files(running, job)
        if attempt.finished is not None:
            self._finish_attempt(running, attempt.finished, attempt.changed)
        else:
            self._attempt_lost(running, attempt)
        self._file.write("testCaseFinished", {"testCaseStartedId": running.id, "willBeRetried": again,
                                              "timestamp": _stamp()})

    def fault(self, text: str) -> None:
        self._file.write("attachment", {"body": text, "contentEncoding": "IDENTITY", "mediaType": FAULT_MEDIA_TYPE,
                                        "testRunStartedId": _RUN})

    def check(self) -> None:
        """Record a fault if another process has written to the record."""
        if self._file.is_altered:
            self.fault("another process changed messages.ndjson while the scenarios ran")

    def end(self, *, success: bool) -> None:
        """Write the end of the run. Without it, readers treat the run as unfinished."""
        self._file.seal()
        self._file.write("testRunFinished", {"testRunStartedId": _RUN, "success": success, "timestamp": _stamp()})

    def close(self) -> None:
        self._file.close()

    def _write_changes(self, attempt: _Attempt, changes: StepChanges) -> None:
        if changes:
            self._file.write("attachment", {
                "testCaseStartedId": attempt.id, "testStepId": attempt.hooks, "body": json.dumps(asdict(changes)),
                "contentEncoding": "IDENTITY", "mediaType": CHANGES_MEDIA_TYPE})

    def _attach_files(self, attempt: _Attempt, job: Job) -> None:
        folder = scenario_folder(self._evidence, job.scenario, job.feature, job.attempt, of_round=job.round)
        for path in sorted(folder.iterdir(), key=_reading_order) if folder.is_dir() else ():
            self._file.write("externalAttachment", {
                "testCaseStartedId": attempt.id, "testStepId": attempt.hooks,
                "url": path.relative_to(self._evidence).as_posix(),
                "mediaType": mimetypes.guess_type(path.name)[0] or "application/octet-stream"})

    def _finish_attempt(self, attempt: _Attempt, finished: ScenarioFinished, changed: StepsChanged | None) -> None:
        for index, outcome in enumerate(finished.steps):
            if _is_open(outcome):
                kind = BROWSER_LOST if finished.browser_lost else SUITE_ERROR if outcome.hook_failed else ""
                self._finish_step(attempt, attempt.step(index), outcome, kind=kind, skip_reason=finished.skip_reason)
        self._skip(attempt, attempt.left_out(), "a hook left it out", LEFT_OUT)
        outcome, kind = _outcome_of_hooks(attempt, finished, changed)
        self._finish_step(attempt, attempt.hooks, outcome, kind=kind)

    def _attempt_lost(self, attempt: _Attempt, lost: WorkerAttempt) -> None:
        """The running step has failed, or the hooks if none runs; what was not reached is skipped."""
        for event in lost.events:
            if isinstance(event, StepFinished) and event.outcome.failed:
                self._finish_step(attempt, attempt.step(event.index), event.outcome)
        step = (attempt.step(lost.running_step) if lost.running_step is not None else "") or attempt.hooks
        self._write_result(attempt, step, {"status": "FAILED", "duration": _duration(0), "message": lost.lost,
                                           "exception": {"type": UNFINISHED, "message": lost.lost}})
        rest = (each for each in (*attempt.steps, attempt.hooks) if each not in attempt.started)
        self._skip(attempt, rest, lost.lost)

    def _skip(self, attempt: _Attempt, steps: Iterable[str], reason: str, kind: str = "") -> None:
        for step in list(steps):
            self._write_result(attempt, step, {
                "status": "SKIPPED", "duration": _duration(0), "message": reason,
                **({"exception": {"type": kind, "message": reason}} if kind else {})})

    def _start_step(self, attempt: _Attempt, step: str) -> None:
        if step and step not in attempt.started:
            attempt.started.add(step)
            self._file.write("testStepStarted", {"testCaseStartedId": attempt.id, "testStepId": step,
                                                 "timestamp": _stamp()})

    def _finish_step(self, attempt: _Attempt, step: str, outcome: Outcome, *, kind: str = "",
                     skip_reason: str | None = None) -> None:
        result: dict[str, Any] = {"status": _STATUSES.get(Status[outcome.status], "UNKNOWN"),
                                  "duration": _duration(outcome.duration_s)}
        if outcome.failed:
            result["message"] = outcome.error_message or outcome.exception_text
            result["exception"] = {"type": kind or outcome.exception_type or "Error",
                                   "message": outcome.exception_text}
        elif skip_reason:
            result["message"] = skip_reason
        self._write_result(attempt, step, result)

    def _write_result(self, attempt: _Attempt, step: str, result: dict[str, Any]) -> None:
        if step:
            self._start_step(attempt, step)
            self._file.write("testStepFinished", {"testCaseStartedId": attempt.id, "testStepId": step,
                                                  "testStepResult": result, "timestamp": _stamp()})


def _is_open(outcome: Outcome) -> bool:
    """Whether the result of a step is written at the end of its scenario, when its cause is known."""
    return outcome.failed or outcome.status in (Status.skipped.name, Status.untested.name)


def _outcome_of_hooks(attempt: _Attempt, finished: ScenarioFinished, changed: StepsChanged | None,
                      ) -> tuple[Outcome, str]:
    """The outcome of all that is not a planned step, and its kind: refusals, hooks, then steps that were added."""
    outcome = finished.outcome
    if finished.refused:
        return Outcome(Status.hook_error.name, exception_text="; ".join(finished.refused)), REFUSED
    if outcome.status in (Status.hook_error.name, Status.cleanup_error.name) or outcome.hook_failed:
        return outcome, ""
    for index, step in enumerate(finished.steps):
        if step.stops and not attempt.step(index) and changed is not None:
            words = f"in the added step '{changed.steps[index].name}': {step.error_message or step.exception_text}"
            return replace(step, error_message=words, exception_text=words), (
                SUITE_ERROR if step.hook_failed else MARKED_FAILED)
    if outcome.failed and not any(step.stops for step in finished.steps):
        return outcome, "" if outcome.exception_type == ASSERTS_NOTHING else MARKED_FAILED
    return Outcome(Status.passed.name), ""


def _step_ids(job: Job) -> list[str]:
    return [f"step-{job.place}-{index}" for index in range(job.steps)]


def _hook_step(job: Job) -> str:
    return f"step-{job.place}-hooks"


def _stamp() -> dict[str, int]:
    seconds, nanos = divmod(time.time_ns(), 1_000_000_000)
    return {"seconds": seconds, "nanos": nanos}


def _duration(seconds: float) -> dict[str, int]:
    return {"seconds": int(seconds), "nanos": int(seconds % 1 * 1e9)}


def _reading_order(path: Path) -> tuple[int, str]:
    """The order in which a reader needs the files: trace, screenshot, exchanges, others."""
    order = (".zip", ".png", ".har")
    return order.index(path.suffix) if path.suffix in order else len(order), path.name
