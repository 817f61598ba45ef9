"""The rule on the baseline: whether there is one, and whether it is a promoted run."""

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
    """A finding if the environment requires a baseline and it is missing or damaged."""
    missing = _missing(run)
    if environment.baseline == "required" and missing is not None:
        yield Finding("gate", "no-baseline", Severity.INCONCLUSIVE, GateSubject(), missing)


def baseline_not_checked(run: RunEvidence) -> Iterator[NotChecked]:
    """Parts of the history that could not be read, and a baseline that is missing or not promoted."""
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
