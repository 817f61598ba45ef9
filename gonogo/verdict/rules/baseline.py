"""The rules on the baseline: whether there is one, whether it was promoted, and which of its scenarios are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gonogo.config import Environment
from gonogo.model.findings import Finding, GateSubject, Severity, StageSubject
from gonogo.model.identity import ScenarioId
from gonogo.model.not_checked import (
    BaselineNotPromoted,
    HistoryDamaged,
    HistoryPart,
    HistoryUnusable,
    NoBaseline,
    NoBaselineScenarios,
    NotChecked,
)
from gonogo.model.rules.gate import BaselineMissing
from gonogo.model.rules.scenarios import ScenariosGone
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import ScenarioEvidence

_MAX_LISTED = 3
_COMPARED = (HistoryPart.IMAGES, HistoryPart.TRAFFIC, HistoryPart.LOAD, HistoryPart.SCENARIOS, HistoryPart.DOCUMENT)


def judge_baseline(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    """A finding if the environment requires a baseline and it is missing or damaged."""
    missing = _missing(run)
    if environment.baseline == "required" and missing is not None:
        yield Finding("gate", "no-baseline", Severity.INCONCLUSIVE, GateSubject(), missing)


def judge_scenarios_gone(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    """Findings on stages of a full run that do not have all scenarios of the baseline.

    Rows of an outline are counted, as their cells may change.
    """
    known = run.baseline.scenarios if run.baseline is not None and not run.partial else None
    for stage, keys in (known or {}).items():
        if _is_complete(stage, run):
            evidence = run.scenario_evidence(stage) or ScenarioEvidence()
            before = _by_outline(map(ScenarioId.from_key, keys))
            now = _by_outline(scenario.id for scenario in evidence.scenarios)
            yield from _gone(stage, run, before, now, environment.fewer_scenarios)


def _gone(stage: str, run: RunEvidence, before: Counter[ScenarioId], now: Counter[ScenarioId], policy: str,
          ) -> Iterator[Finding]:
    gone = before - now
    if gone and run.baseline is not None:
        blocks = policy == "block" and now.total() < before.total()
        yield Finding(stage, "scenarios-gone", Severity.BLOCK if blocks else Severity.WARN, StageSubject(stage),
                      ScenariosGone(run.baseline.run, before.total(), now.total(), gone.total(), (now - before).total(),
                                    tuple(f"{each.name} ({each.uri})" for each in list(gone)[:_MAX_LISTED])))


def _is_complete(stage: str, run: RunEvidence) -> bool:
    """Whether it is known what the stage has now; it has nothing if the environment no longer asks for it."""
    result = run.results.get(stage)
    return stage not in run.stages or (
        result is not None and (result.nothing_to_do or run.scenario_evidence(stage) is not None))


def _by_outline(scenarios: Iterable[ScenarioId]) -> Counter[ScenarioId]:
    return Counter(replace(each, cells=(), row=0) for each in scenarios)


def baseline_not_checked(run: RunEvidence) -> Iterator[NotChecked]:
    """Parts of the history that could not be read, and a baseline that is missing or not promoted."""
    yield from run.history_problems
    if run.baseline is None:
        yield NoBaseline()
    elif not run.baseline.promoted:
        yield BaselineNotPromoted(run.baseline.run)
    if run.baseline is not None and run.baseline.scenarios is None and not run.partial:
        yield NoBaselineScenarios()


def _missing(run: RunEvidence) -> BaselineMissing | None:
    for problem in run.history_problems:
        if isinstance(problem, HistoryUnusable):
            return BaselineMissing("unusable", problem.error_text)
        if isinstance(problem, HistoryDamaged) and problem.part in _COMPARED:
            return BaselineMissing("damaged", " of ".join(filter(None, (problem.part, problem.name))))
    return BaselineMissing("none") if run.baseline is None else None
