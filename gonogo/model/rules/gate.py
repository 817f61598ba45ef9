"""Findings about the run itself, and about any stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import NoParameters, Parameters


@dataclass(frozen=True, slots=True)
class StageSkipped(Parameters):
    """`cause` is "unfit" (the environment is not) or "stopped" (the release is already); `rule` says by what."""

    cause: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ProcessFailed(Parameters):
    """How a stage's process ended: `exit_code` None where it was ended; `detail` are its last lines."""

    exit_code: int | None = None
    budget_s: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ErrorReported(Parameters):
    """An error's own text: of a plug-in, a file that cannot be read, an environment that does not come up."""

    error: str


@dataclass(frozen=True, slots=True)
class NotAllExecuted(Parameters):
    planned: int
    executed: int


@dataclass(frozen=True, slots=True)
class PluginFailed(Parameters):
    """A plug-in ("gonogo.stages: page-weight", of a distribution) that failed in `call`; `cause` is "raised", "hung" or
    "returned-nothing", `detail` the error's own text, or after how many seconds it was given up.
    """

    plugin: str
    distribution: str
    call: str
    cause: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BaselineMissing(Parameters):
    """`cause` is "none" (no run was promoted or ended in GO), "unusable" (the history) or "damaged" (a part of it)."""

    cause: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class InputsChanged(Parameters):
    """`changes` are what changed during the run, `count` of them in all ("features/a.feature changed")."""

    changes: tuple[str, ...]
    count: int


RULES: Mapping[str, type[Parameters]] = {
    "no-baseline": BaselineMissing, "inputs-changed": InputsChanged,
    "interrupted": NoParameters, "no-stage": NoParameters, "nothing-tested": NoParameters,
    "plugin-failed": PluginFailed, "nothing-executed": NoParameters, "not-all-executed": NotAllExecuted,
    "stage-skipped": StageSkipped, "stage-not-run": NoParameters, "no-evidence": NoParameters,
    "stage-timed-out": ProcessFailed, "stage-not-started": ProcessFailed, "exit-code-unexplained": ProcessFailed,
}
