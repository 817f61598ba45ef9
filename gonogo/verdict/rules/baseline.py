"""The rule on the baseline: whether there is an earlier run to compare with, and which one it is."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import Environment
from gonogo.model.findings import Finding, GateSubject, Severity
from gonogo.model.not_checked import (
    BaselineNotPromoted,
    HistoryDamaged,
    HistoryPart,
    HistoryUnusable,
    NoBaseline,
    NotChecked,
)
from gonogo.model.rules.gate import BaselineMissing
from gonogo.model.run import RunEvidence

_COMPARED = (HistoryPart.IMAGES, HistoryPart.TRAFFIC, HistoryPart.LOAD)


def judge_baseline(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    """An environment that requires a baseline takes none that is damaged, either."""
    missing = _missing(run)
    if environment.baseline == "required" and missing is not None:
        yield Finding("gate", "no-baseline", Severity.INCONCLUSIVE, GateSubject(), missing)


def baseline_not_checked(run: RunEvidence) -> Iterator[NotChecked]:
    """What of the history could not be read, and whether the baseline is what it should be: a promoted run."""
    yield from run.history_problems
    if run.baseline is None:
        yield NoBaseline()
    elif not run.baseline.promoted:
        yield BaselineNotPromoted(run.baseline.run)


def _missing(run: RunEvidence) -> BaselineMissing | None:
    for problem in run.history_problems:
        if isinstance(problem, HistoryUnusable):
            return BaselineMissing("unusable", problem.error_text)
        if isinstance(problem, HistoryDamaged) and problem.part in _COMPARED:
            return BaselineMissing("damaged", " of ".join(filter(None, (problem.part, problem.profile))))
    return BaselineMissing("none") if run.baseline is None else None
