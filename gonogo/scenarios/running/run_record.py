"""The runner's record of a run as Cucumber Messages: the plan, then each event as it happens."""

from __future__ import annotations

import base64
import mimetypes
import platform
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from behave.model_type import Status

from gonogo import __version__
from gonogo.records.messages import (
    BROWSER_LOST,
    FAULT_MEDIA_TYPE,
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
from gonogo.secrets.masking import Masker

_HOOK = "hooks"
_STATUSES = {
    Status.passed: "PASSED", Status.failed: "FAILED", Status.error: "FAILED", Status.hook_error: "FAILED",
    Status.cleanup_error: "FAILED", Status.skipped: "SKIPPED", Status.untested: "SKIPPED",
    Status.undefined: "UNDEFINED", Status.pending: "PENDING", Status.pending_warn: "PENDING",
}


class RunRecord:
    """Writes `evidence`/messages.ndjson; a `pool.Listener`."""

    def __init__(self, evidence: Path, files: GherkinFiles, masker: Masker) -> None:
        self._evidence = evidence
        self._files = files
        self._file = MessagesFile(evidence / MESSAGES_FILE, masker)
        self.masker = masker
        self._steps: dict[int, list[str]] = {}

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
            "protocolVersion": "30.0.0", "implementation": {"name": "gonogo", "version": __version__},
            "runtime": {"name": platform.python_implementation(), "version": platform.python_version()},
            "os": {"name": platform.system(), "version": platform.release()}, "cpu": {"name": platform.machine()}})
        for uri, chosen in lines.items():
            for kind, message in self._files[uri].messages:
                self._file.write(kind, message)
            for line in chosen:
                self._file.write("pickle", self._files[uri].pickles[line])
        self._file.write("hook", {"id": _HOOK, "name": "hooks and clean-ups",
                                  "sourceReference": {"uri": "environment.py"}})
        self._file.write("testRunStarted", {"id": "run", "timestamp": _stamp()})

    def plan(self, job: Job) -> None:
        """Write the plan of one job, before it runs; its scenario must be one of those given to `begin`."""
        self._plan_case(job, self._files[job.uri].pickles[job.line])

    def attempt_started(self, job: Job, worker: int) -> None:
        self._file.write("testCaseStarted", {"id": _attempt_id(job), "testCaseId": f"case-{job.place}",
                                             "attempt": job.attempt - 1, "workerId": str(worker),
                                             "timestamp": _stamp()})

    def on_event(self, job: Job, event: ScenarioEvent) -> None:
        match event:
            case StepStarted(index):
                self._start_step(job, self._steps[job.place][index])
            case StepFinished(index, outcome) if not outcome.failed:
                self._finish_step(job, self._steps[job.place][index], outcome)
            case Embedded(mime_type, data):
                self._file.write("attachment", {
                    "testCaseStartedId": _attempt_id(job), "body": base64.b64encode(data).decode(),
                    "contentEncoding": "BASE64", "mediaType": mime_type})

    def attempt_ended(self, job: Job, attempt: WorkerAttempt, *, again: bool) -> None:
        if attempt.finished is not None:
            self.masker.learn(attempt.finished.learned)
            self._finish_attempt(job, attempt.finished)
        else:
            self._attempt_lost(job, attempt)
        folder = scenario_folder(self._evidence, job.scenario, job.feature, job.attempt, of_round=job.round)
        for path in sorted(folder.iterdir(), key=_reading_order) if folder.is_dir() else ():
            self._file.write("externalAttachment", {
                "testCaseStartedId": _attempt_id(job), "url": path.relative_to(self._evidence).as_posix(),
                "mediaType": mimetypes.guess_type(path.name)[0] or "application/octet-stream"})
        self._file.write("testCaseFinished", {"testCaseStartedId": _attempt_id(job), "willBeRetried": again,
                                              "timestamp": _stamp()})

    def fault(self, text: str) -> None:
        self._file.write("attachment", {"body": text, "contentEncoding": "IDENTITY", "mediaType": FAULT_MEDIA_TYPE})

    def end(self, *, success: bool) -> None:
        """Write the end of the run. Without it, readers treat the run as unfinished."""
        self._file.write("testRunFinished", {"testRunStartedId": "run", "success": success, "timestamp": _stamp()})

    def close(self) -> None:
        self._file.close()

    def _plan_case(self, job: Job, pickle: Mapping[str, Any]) -> None:
        ids = [f"step-{job.place}-{index}" for index in range(job.steps)]
        self._steps[job.place] = ids
        # Gherkin gives no steps to a scenario that has only those of a background; behave runs them
        pickle_steps = [step["id"] for step in pickle["steps"]] or [""] * len(ids)
        steps: list[dict[str, str]] = [
            {"id": step_id, **({"pickleStepId": pickle_step} if pickle_step else {})}
            for step_id, pickle_step in zip(ids, pickle_steps, strict=True)]
        self._file.write("testCase", {"id": f"case-{job.place}", "pickleId": pickle["id"], "testRunStartedId": "run",
                                      "testSteps": [*steps, {"id": _hook_step(job), "hookId": _HOOK}]})

    def _finish_attempt(self, job: Job, finished: ScenarioFinished) -> None:
        for step_id, outcome in zip(self._steps[job.place], finished.steps, strict=True):
            if outcome.failed or outcome.status in (Status.skipped.name, Status.untested.name):
                kind = BROWSER_LOST if finished.browser_lost else SUITE_ERROR if outcome.hook_failed else ""
                self._finish_step(job, step_id, outcome, kind=kind, skip_reason=finished.skip_reason)
        outcome = finished.outcome
        if finished.refused:
            words = "; ".join(finished.refused)
            self._finish_step(job, _hook_step(job), Outcome(Status.hook_error.name, exception_text=words), kind=REFUSED)
        elif outcome.status in (Status.hook_error.name, Status.cleanup_error.name) or outcome.hook_failed:
            self._finish_step(job, _hook_step(job), outcome)
        elif outcome.failed and not any(step.stops for step in finished.steps):
            self._finish_step(job, _hook_step(job), outcome, kind=MARKED_FAILED)
        else:
            self._finish_step(job, _hook_step(job), Outcome(Status.passed.name))

    def _attempt_lost(self, job: Job, attempt: WorkerAttempt) -> None:
        for event in attempt.events:
            if isinstance(event, StepFinished) and event.outcome.failed:
                self._finish_step(job, self._steps[job.place][event.index], event.outcome)
        index = attempt.running_step
        step_id = self._steps[job.place][index] if index is not None else _hook_step(job)
        self._write_result(job, step_id, {
            "status": "UNKNOWN", "duration": _duration(0), "message": attempt.lost,
            "exception": {"type": UNFINISHED, "message": attempt.lost}})

    def _start_step(self, job: Job, step_id: str) -> None:
        self._file.write("testStepStarted", {"testCaseStartedId": _attempt_id(job), "testStepId": step_id,
                                             "timestamp": _stamp()})

    def _finish_step(self, job: Job, step_id: str, outcome: Outcome, *, kind: str = "",
                     skip_reason: str | None = None) -> None:
        result: dict[str, Any] = {"status": _STATUSES.get(Status[outcome.status], "UNKNOWN"),
                                  "duration": _duration(outcome.duration_s)}
        if outcome.failed:
            result["message"] = outcome.error_message or outcome.exception_text
            result["exception"] = {"type": kind or outcome.exception_type or "Error",
                                   "message": outcome.exception_text}
        elif skip_reason:
            result["message"] = skip_reason
        self._write_result(job, step_id, result)

    def _write_result(self, job: Job, step_id: str, result: dict[str, Any]) -> None:
        self._file.write("testStepFinished", {"testCaseStartedId": _attempt_id(job), "testStepId": step_id,
                                              "testStepResult": result, "timestamp": _stamp()})


def _attempt_id(job: Job) -> str:
    return f"attempt-{job.place}-{job.attempt}"


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
