"""The rule on what people and partners got to see: a difference from the baseline, by the environment's policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonogo.config import Environment
from gonogo.model.findings import Finding, Severity, StageSubject
from gonogo.model.identity import ScenarioId
from gonogo.model.outside import ChangeKind, OutsideChange, OutsideEvidence, PlaceKind
from gonogo.model.rules.outside import OutsideChanged, OutsideNotCompared
from gonogo.model.run import RunEvidence
from gonogo.model.stages import ScenarioResults

RULE = "outside-changed"
MAX_FINDINGS = 50  # but for those that stop the release
MAX_PAIRS = 200  # of a finding
_SHOWN = (".png", "outside.json")  # what shows a reader what people saw
_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}
_WORST_FIRST = (ChangeKind.OTHERS, ChangeKind.ALTERED, ChangeKind.COUNT, ChangeKind.LOST, ChangeKind.REORDERED,
                ChangeKind.WORDING, ChangeKind.ADDED, ChangeKind.ORDER)
_NEAREST_FIRST = (PlaceKind.PAGE, PlaceKind.MAIL, PlaceKind.PARTNER, PlaceKind.DOWNLOAD, PlaceKind.ANSWER)


def judge_outside(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    """One finding for equal changes, wherever they were seen; those that stop the release first.

    With `data: block`, what should have been compared and was not known in full is INCONCLUSIVE.
    """
    outside = run.outside
    scenarios = {scenario.key: (stage, scenario) for stage, results in run.evidence(ScenarioResults)
                 for scenario in results.scenarios.scenarios}
    if outside is None or not scenarios:
        return
    if environment.outside.data == "block" and outside.had_baseline and outside.problems:
        stage = next(iter(scenarios.values()))[0]
        yield Finding(stage, "outside-not-compared", Severity.INCONCLUSIVE, StageSubject(stage),
                      OutsideNotCompared(len(outside.problems), outside.problems[0]))
    for severity, group in groups_of(outside, environment)[0]:
        stage, scenario = scenarios[group[0].scenario]
        shown = tuple(path for path in scenario.attachments if path.endswith(_SHOWN))
        yield replace(_finding(stage, group, severity), evidence=shown)


def groups_of(outside: OutsideEvidence, environment: Environment,
              ) -> tuple[list[tuple[Severity, list[OutsideChange]]], int]:
    """Equal changes with what they mean, those that stop the release first, and how many more kinds there are.

    None of those that stop the release is left out: with all that are listed approved, the rest would pass.
    """
    groups: dict[tuple[object, ...], list[OutsideChange]] = {}
    for change in outside.changes:
        same = (change.place.kind, change.place.name, change.kind, change.key, change.proven)
        groups.setdefault(same, []).append(change)
    judged = [(severity, group) for group in groups.values() if (severity := _severity(group[0], environment))]
    judged.sort(key=lambda each: (
        each[0] is not Severity.BLOCK, not each[1][0].is_data, _WORST_FIRST.index(each[1][0].kind),
        _NEAREST_FIRST.index(each[1][0].place.kind)))
    limit = max(MAX_FINDINGS, sum(severity is Severity.BLOCK for severity, _ in judged))
    return judged[:limit], len(judged[limit:])


def _severity(change: OutsideChange, environment: Environment) -> Severity | None:
    """What was seen too seldom to tell a change from what varies does not stop the release."""
    policy = environment.outside.data if change.is_data else environment.outside.wording
    severity = _SEVERITIES.get(policy)
    return Severity.WARN if severity is Severity.BLOCK and not change.proven else severity


def _finding(stage: str, group: Sequence[OutsideChange], severity: Severity) -> Finding:
    first = group[0]
    scenarios = {change.scenario for change in group}
    pairs = sorted({(change.was, change.now) for change in group})
    parameters = OutsideChanged(
        first.place, first.kind, first.where, first.now, first.was, first.key, first.proven,
        times=sum(change.count for change in group if change.scenario == first.scenario), more=len(scenarios) - 1,
        pairs=tuple(pairs[:MAX_PAIRS]), pairs_left_out=max(0, len(pairs) - MAX_PAIRS))
    subject = ScenarioId.from_key(first.scenario)
    return Finding(stage, RULE, severity, subject, parameters, first.place.component or None)
