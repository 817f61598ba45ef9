"""The events that a worker sends to the runner while it runs a scenario, as plain data.

behave's own model objects cannot be pickled after a run.
"""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from behave.capture import Captured
from behave.model import Scenario, Step
from behave.model_type import Status

from gonogo.scenarios.running.assertions import AssertsNothing
from gonogo.scenarios.running.bounds import cut
from gonogo.scenarios.running.step_changes import StepsChanged
from gonogo.secrets.known import NO_SECRETS, Secrets

Clean = Callable[[str], str]  # masks secrets


@dataclass(frozen=True, slots=True)
class CapturedOutput:
    """Output that behave captured; `name` is its source ("step", "scenario", a hook's name)."""

    name: str
    failed: bool
    stdout: str
    stderr: str
    log: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step or a scenario ended; `status` is the name of behave's own Status."""

    status: str
    duration_s: float = 0.0
    error_message: str | None = None
    exception_type: str = ""
    exception_text: str = ""
    captured: tuple[CapturedOutput, ...] = ()
    hook_failed: bool = False

    @property
    def failed(self) -> bool:
        return bool(Status[self.status].has_failed())

    @property
    def stops(self) -> bool:
        """Whether a step with this outcome keeps its scenario from passing."""
        return self.status not in (Status.passed.name, Status.skipped.name, Status.untested.name)


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """The hook before_all has succeeded: the worker waits for its first scenario."""


@dataclass(frozen=True, slots=True)
class StepStarted:
    index: int


@dataclass(frozen=True, slots=True)
class StepFinished:
    index: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Printed:
    """Text written to stdout and not captured by behave."""

    text: str


@dataclass(frozen=True, slots=True)
class Embedded:
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ScenarioFinished:
    """`steps` has every step, the background's first; `skip_reason` is None unless it was skipped; `learned` has the
    secrets that were discovered during the scenario, `used` those that count within its trace, whose id is `trace_id`
    ("" without one); `again`: the suite itself runs the scenario once more.
    """

    outcome: Outcome
    steps: tuple[Outcome, ...]
    browser_lost: bool = False
    skip_reason: str | None = None
    learned: Secrets = NO_SECRETS
    used: Secrets = NO_SECRETS
    trace_id: str = ""
    refused: tuple[str, ...] = ()  # requests that the environment does not permit
    again: bool = False


@dataclass(frozen=True, slots=True)
class WorkerEnded:
    """The last event of a worker; `fault` is the error of before_all, after_all or their clean-ups."""

    fault: str = ""


ScenarioEvent = StepsChanged | StepStarted | StepFinished | Printed | Embedded


@dataclass(slots=True)
class WorkerAttempt:
    """One attempt, in the runner: its events in order, and its end.

    If `finished` is None, the attempt was lost, and `lost` is the reason.
    """

    events: list[ScenarioEvent] = field(default_factory=list)
    finished: ScenarioFinished | None = None
    lost: str = ""
    running_step: int | None = None

    @property
    def changed(self) -> StepsChanged | None:
        """The steps that it had at its end, if they are not those of the plan."""
        return next((event for event in reversed(self.events) if isinstance(event, StepsChanged)), None)

    @property
    def passed(self) -> bool:
        return (self.finished is not None and self.finished.outcome.status == Status.passed.name
                and not self.finished.refused)

    @property
    def worth_another_try(self) -> bool:
        """Whether a retry can have another result: not if a step is undefined or pending, or nothing failed."""
        if self.finished is None:
            return True
        if self.finished.refused:
            return False
        permanent = (Status.undefined.name, Status.pending.name)
        return self.finished.outcome.failed and not any(step.status in permanent for step in self.finished.steps)


def outcome_of(statement: Scenario | Step, clean: Clean) -> Outcome:
    """The outcome of a step or scenario that behave has run."""
    error = statement.exception
    message = statement.error_message or (str(error) if isinstance(error, AssertsNothing) else "")
    return Outcome(
        status=statement.status.name, duration_s=float(statement.duration),
        error_message=cut(clean(message)) if message else None,
        exception_type=type(error).__name__ if error is not None else "",
        exception_text=cut(clean(text_of(error))) if error is not None else "",
        captured=tuple(CapturedOutput(each.name or "", each.failed, clean(each.stdout), clean(each.stderr),
                                      clean(each.log)) for each in statement.captured.captures),
        hook_failed=statement.hook_failed)


def put_outcome(outcome: Outcome, statement: Scenario | Step) -> None:
    """Apply `outcome` to `statement`, a step or a scenario that was run in another process."""
    statement.captured.reset()
    for each in outcome.captured:
        statement.captured.add_captured(
            Captured(each.stdout, each.stderr, each.log, name=each.name, failed=each.failed), use_merge=False)
    statement.error_message = outcome.error_message
    if outcome.exception_type:
        # formatters name the class and print the text; the class itself may not exist in this process
        statement.exception = type(outcome.exception_type, (Exception,), {})(outcome.exception_text)
    statement.hook_failed = outcome.hook_failed
    statement.set_status(Status[outcome.status])


def text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001  str() of a suite's own exception can raise anything
        return f"(str() of the exception raised {type(broken).__name__})"
