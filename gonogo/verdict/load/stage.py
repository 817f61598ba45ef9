"""Judges all load profiles of a run, each on its own and against the baseline."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.config import LoadProfile
from gonogo.config.load_model import Load
from gonogo.model.baseline import Baseline
from gonogo.model.findings import Finding, Severity
from gonogo.model.load import LoadEvidence
from gonogo.model.stages import JudgedStage, StageFigures
from gonogo.verdict.load.comparison import compared, not_compared, regression_findings
from gonogo.verdict.load.journeys import UNUSABLE_RUN_RULES, judge_journeys
from gonogo.verdict.load.profile import judge_load


def judge_profiles(profiles: Sequence[LoadEvidence], load: Load, baseline: Baseline | None,
                   duration_s: float = 0.0) -> JudgedStage:
    """Judges each profile of `load.run`, also one without evidence in `profiles`."""
    comparisons = compared(profiles, load, baseline)
    by_name = {evidence.profile: evidence for evidence in profiles}
    by_profile = {name: (*_judge_profile(by_name.get(name, LoadEvidence(profile=name)), load.profiles[name]),
                         *regression_findings(name, comparisons.get(name), load)) for name in load.run}
    executed = [evidence.profile for evidence in profiles if evidence.requests]
    passed = sum(all(finding.severity is Severity.WARN for finding in by_profile.get(name, ())) for name in executed)
    return JudgedStage(
        [finding for findings in by_profile.values() for finding in findings],
        StageFigures(planned=len(by_profile), executed=len(executed), passed=passed, failed=len(executed) - passed,
                     duration_s=duration_s, unit="profiles"),
        list(not_compared(profiles, load, baseline, comparisons)))


def _judge_profile(evidence: LoadEvidence, profile: LoadProfile) -> tuple[Finding, ...]:
    findings = tuple(judge_load(evidence, profile))
    if profile.journeys is None or any(finding.rule in UNUSABLE_RUN_RULES for finding in findings):
        return findings
    return (*findings, *judge_journeys(evidence.profile, evidence.journeys, profile.journeys))
