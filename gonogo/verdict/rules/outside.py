"""The rule on what people and partners got to see: a difference from the baseline, by the environment's policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonogo.config import Environment
from gonogo.model.findings import Finding, Severity
from gonogo.model.identity import ScenarioId
from gonogo.model.outside import ChangeKind, OutsideChange, PlaceKind
from gonogo.model.rules.outside import OutsideChanged
from gonogo.model.run import RunEvidence
from gonogo.model.stages import ScenarioResults

RULE = "outside-changed"
MAX_FINDINGS = 50
MAX_PAIRS = 200  # of a finding
_SHOWN = (".png", "outside.json")  # what shows a reader what people saw
_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}
_WORST_FIRST = (ChangeKind.OTHERS, ChangeKind.ALTERED, ChangeKind.COUNT, ChangeKind.LOST, ChangeKind.REORDERED,
                ChangeKind.WORDING, ChangeKind.ADDED, ChangeKind.ORDER)
_NEAREST_FIRST = (PlaceKind.PAGE, PlaceKind.MAIL, PlaceKind.PARTNER, PlaceKind.DOWNLOAD, PlaceKind.ANSWER)


def judge_outside(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    """One finding for equal changes, wherever they were seen; those of data first."""
    outside = run.outside
    if outside is None:
        return
    stage_of: dict[str, str] = {}
    evidence_of: dict[str, tuple[str, ...]] = {}
    for stage, results in run.evidence(ScenarioResults):
        for scenario in results.scenarios.scenarios:
            stage_of[scenario.key] = stage
            attached = scenario.attempts[-1].attachments if scenario.attempts else ()
            evidence_of[scenario.key] = tuple(path for path in attached if path.endswith(_SHOWN))
    groups: dict[tuple[object, ...], list[OutsideChange]] = {}
    for change in outside.changes:
        same = (change.place.kind, change.place.name, change.kind, change.key, change.proven)
        groups.setdefault(same, []).append(change)
    ranked = sorted(groups.values(), key=lambda group: (not group[0].is_data, _WORST_FIRST.index(group[0].kind),
                                                        _NEAREST_FIRST.index(group[0].place.kind)))
    for group in ranked[:MAX_FINDINGS]:
        severity = _severity(group[0], environment)
        if severity is not None and group[0].scenario in stage_of:
            yield replace(_finding(stage_of[group[0].scenario], group, severity),
                          evidence=evidence_of[group[0].scenario])


def _severity(change: OutsideChange, environment: Environment) -> Severity | None:
    """What was seen too seldom to tell a change from what varies does not stop the release."""
    policy = environment.outside.data if change.is_data else environment.outside.wording
    severity = _SEVERITIES.get(policy)
    return Severity.WARN if severity is Severity.BLOCK and not change.proven else severity


def _finding(stage: str, group: Sequence[OutsideChange], severity: Severity) -> Finding:
    first = group[0]
    scenarios = {change.scenario for change in group}
    parameters = OutsideChanged(first.place, first.kind, first.where, first.now, first.was, first.key, first.proven,
                                sum(change.count for change in group if change.scenario == first.scenario),
                                len(scenarios) - 1,
                                tuple(sorted({(change.was, change.now) for change in group})[:MAX_PAIRS]))
    finding = Finding(stage, RULE, severity, ScenarioId.from_key(first.scenario), parameters)
    return replace(finding, component=first.place.component or None)
