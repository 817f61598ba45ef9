"""Rules on a behave run (platform or behaviour stage)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from gonogo.config import Environment
from gonogo.model.findings import Finding, Parameters, Severity, StageSubject
from gonogo.model.rules.gate import ErrorReported
from gonogo.model.rules.scenarios import (
    JourneyMissing,
    NothingToRun,
    ScenarioEnded,
    ScenarioFlaky,
    ScenarioNotRun,
    StepsChanged,
)
from gonogo.model.scenarios import Scenario, ScenarioEvidence, Status, StepChanges
from gonogo.model.stages import StageFigures

MUST_TAG = "must"
_MAX_LISTED = 3

# Status of a scenario's last attempt → (rule, severity). Only PASSED gives no finding.
_BY_STATUS: dict[Status, tuple[str, Severity]] = {
    Status.FAILED: ("scenario-failed", Severity.BLOCK),
    Status.SKIPPED: ("scenario-skipped", Severity.INCONCLUSIVE),
    Status.UNDEFINED: ("step-undefined", Severity.INCONCLUSIVE),
    Status.SUITE_ERROR: ("suite-error", Severity.INCONCLUSIVE),
    Status.ASSERTS_NOTHING: ("asserts-nothing", Severity.INCONCLUSIVE),
    Status.REFUSED: ("request-refused", Severity.INCONCLUSIVE),
    Status.BROWSER_LOST: ("browser-lost", Severity.INCONCLUSIVE),
    Status.UNFINISHED: ("scenario-unfinished", Severity.INCONCLUSIVE),
}
_BY_POLICY = {"warn": Severity.WARN, "block": Severity.BLOCK}


def judge_scenarios(stage: str, evidence: ScenarioEvidence, environment: Environment) -> Iterator[Finding]:
    """Findings of one behave run, at most one per executed scenario."""
    subject = StageSubject(stage)
    if not evidence.finished:
        yield Finding(stage, "record-not-closed", Severity.INCONCLUSIVE, subject)
    if evidence.altered:
        yield Finding(stage, "record-altered", Severity.INCONCLUSIVE, subject)
    for fault in evidence.faults:
        yield Finding(stage, "runner-fault", Severity.INCONCLUSIVE, subject, ErrorReported(fault))
    if not evidence.scenarios:
        yield Finding(stage, "nothing-selected", Severity.INCONCLUSIVE, subject)
    yield from (_not_run(stage, "scenario-left-out", scenario) for scenario in evidence.left_out)
    yield from (_not_run(stage, "scenario-not-executed", scenario) for scenario in evidence.scenarios
                if not scenario.attempts)
    for scenario in evidence.scenarios:
        if scenario.attempts:
            yield from _judge_scenario(stage, scenario, environment)
    yield from _steps_changed(stage, evidence)
    yield from _nothing_to_run(stage, evidence)


def judge_mandatory_journeys(stage: str, evidence: ScenarioEvidence, environment: Environment) -> Iterator[Finding]:
    """Findings of mandatory journeys that were not planned; `judge_scenarios` checks whether they passed."""
    planned = {scenario.name for scenario in evidence.scenarios}
    for name in environment.mandatory_journeys:
        if name not in planned:
            yield Finding(stage, "mandatory-journey-missing", Severity.INCONCLUSIVE, StageSubject(stage),
                          JourneyMissing(name))


def figures_of(evidence: ScenarioEvidence, duration_s: float) -> StageFigures:
    executed = [scenario for scenario in evidence.scenarios if scenario.executed]
    passed = sum(scenario.passed for scenario in executed)
    return StageFigures(planned=len(evidence.scenarios), executed=len(executed), passed=passed,
                        failed=len(executed) - passed, flaky=sum(scenario.flaky for scenario in executed),
                        duration_s=duration_s)


def _steps_changed(stage: str, evidence: ScenarioEvidence) -> Iterator[Finding]:
    changed = {each.id: each.attempts[-1].changes for each in evidence.scenarios
               if each.attempts and each.attempts[-1].changes}
    if changed:
        total = sum(changed.values(), StepChanges())
        yield Finding(stage, "steps-changed", Severity.WARN, StageSubject(stage), StepsChanged(
            len(changed), next(iter(changed)).name, total.added, total.left_out, total.reworded))


def _nothing_to_run(stage: str, evidence: ScenarioEvidence) -> Iterator[Finding]:
    for cause, places in groupby(sorted(evidence.empty, key=attrgetter("cause")), attrgetter("cause")):
        locations = [each.location for each in places]
        yield Finding(stage, "nothing-to-run", Severity.WARN, StageSubject(stage),
                      NothingToRun(cause, len(locations), tuple(locations[:_MAX_LISTED])))


def _is_mandatory(scenario: Scenario) -> bool:
    return MUST_TAG in scenario.tags


def _not_run(stage: str, rule: str, scenario: Scenario) -> Finding:
    return Finding(stage, rule, Severity.INCONCLUSIVE, scenario.id,
                   ScenarioNotRun(scenario.name, scenario.line, _is_mandatory(scenario)))


def _judge_scenario(stage: str, scenario: Scenario, environment: Environment) -> Iterator[Finding]:
    last, first = scenario.attempts[-1], scenario.attempts[0]
    parameters: Parameters
    if scenario.flaky:
        severity = _BY_POLICY.get(environment.retries.flaky)
        if severity:
            parameters = ScenarioFlaky(scenario.name, scenario.line, _is_mandatory(scenario), len(scenario.attempts),
                                       first.message)
            yield Finding(stage, "scenario-flaky", severity, scenario.id, parameters, evidence=first.attachments)
    elif last.status is not Status.PASSED:
        rule, severity = _BY_STATUS[last.status]
        parameters = ScenarioEnded(scenario.name, scenario.line, _is_mandatory(scenario), last.step, last.message)
        yield Finding(stage, rule, severity, scenario.id, parameters, evidence=last.attachments)
