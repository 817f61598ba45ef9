"""judge(evidence, policy) → verdict: the one place that decides.

It fails closed: the verdict is GO only if no rule has found anything that stops it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gonogo.config import Environment, LoadProfile
from gonogo.core.exit_codes import ExitCode
from gonogo.model.findings import Finding, GateSubject, Severity, StageSubject
from gonogo.model.load import LoadEvidence
from gonogo.model.rules.gate import ProcessFailed
from gonogo.model.rules.scenarios import OfScenario
from gonogo.model.run import RunEvidence, StageRun
from gonogo.model.verdict import Answer, StageFigures, Verdict
from gonogo.verdict.blame.suspects import changed_components, rank_suspects, suspect_of, why_no_suspect
from gonogo.verdict.load.comparison import compared, not_compared, regression_findings
from gonogo.verdict.load.journeys import PROVE_NOTHING, judge_journeys
from gonogo.verdict.load.profile import judge_load
from gonogo.verdict.load.regression import Regression
from gonogo.verdict.rules.not_checked import not_checked
from gonogo.verdict.rules.platform import judge_platform
from gonogo.verdict.rules.scenarios import figures_of, judge_mandatory_journeys, judge_scenarios, left_to_tags
from gonogo.verdict.rules.traffic import judge_wire

_WORST_FIRST = list(Severity)
_RULES_OF_ENDS = {"timed out": "stage-timed-out", "not started": "stage-not-started"}
_STAGES_IN_ORDER = ["gate", "platform", "behaviour", "load"]


def judge(run: RunEvidence, environment: Environment) -> Verdict:
    """The verdict on a run: every rule is asked, and the worst severity found decides."""
    comparisons = compared(run, environment)
    by_profile = _judge_profiles(run, environment, comparisons)
    by_stage = {stage: _judge_stage(stage, run, environment, by_profile) for stage in run.stages}
    found = [*_judge_gate(run, environment), *judge_platform(run)]
    for findings in by_stage.values():
        found += findings
    found += judge_wire(run, environment, changed_components(run),
                        scenarios_stop=_stops(found, "platform", "behaviour"))
    found.sort(key=_rank)
    answer = _answer(found, partial=run.partial)
    suspects = rank_suspects(run, load_failed=_stops(found, "load"))
    return Verdict(
        answer=answer,
        findings=tuple(found),
        suspects=suspects,
        no_suspect=why_no_suspect(run) if answer is Answer.NO_GO and not suspects else None,
        stages={stage: _figures(stage, run, by_profile) for stage in run.stages},
        not_checked=(*not_checked(run, environment), *not_compared(run, environment, comparisons)),
    )


def exit_code_of(answer: Answer) -> ExitCode:
    return {Answer.GO: ExitCode.GO, Answer.PARTIAL: ExitCode.GO, Answer.NO_GO: ExitCode.NO_GO,
            Answer.INCONCLUSIVE: ExitCode.INCONCLUSIVE}[answer]


def _stops(findings: Sequence[Finding], *stages: str) -> bool:
    return any(finding.severity is Severity.BLOCK and finding.stage in stages for finding in findings)


def _answer(findings: Sequence[Finding], *, partial: bool) -> Answer:
    found = {finding.severity for finding in findings}
    if Severity.VOID in found:
        return Answer.INCONCLUSIVE
    if Severity.BLOCK in found:
        return Answer.NO_GO
    if Severity.INCONCLUSIVE in found:
        return Answer.INCONCLUSIVE
    return Answer.PARTIAL if partial else Answer.GO


def _rank(finding: Finding) -> tuple[int, bool, int]:
    """Worst first; within a severity mandatory journeys first, then in the order of the stages."""
    mandatory = isinstance(finding.parameters, OfScenario) and finding.parameters.mandatory
    return (_WORST_FIRST.index(finding.severity), not mandatory,
            _STAGES_IN_ORDER.index(finding.stage))


def _judge_gate(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    if run.interrupted:
        yield Finding("gate", "interrupted", Severity.INCONCLUSIVE, GateSubject())
    if not run.stages:
        yield Finding("gate", "no-stage", Severity.INCONCLUSIVE, GateSubject())
    elif set(run.stages) == {"platform"} and not run.platform_features and not environment.services:
        yield Finding("gate", "nothing-tested", Severity.INCONCLUSIVE, GateSubject())


def _judge_stage(stage: str, run: RunEvidence, environment: Environment,
                 by_profile: Mapping[str, tuple[Finding, ...]]) -> list[Finding]:
    subject = StageSubject(stage)
    if stage in run.skipped:
        return [Finding(stage, "stage-skipped", Severity.INCONCLUSIVE, subject, run.skipped[stage])]
    if stage == "platform" and not run.platform_features:
        return []  # the gate's own probes are all that there is; listed under not_checked
    if left_to_tags(stage, run):
        return []
    children = [child for child in run.stage_runs if child.stage == stage]
    if not children:
        return [Finding(stage, "stage-not-run", Severity.INCONCLUSIVE, subject)]
    if stage == "load":
        found = [finding for findings in by_profile.values() for finding in findings]
    else:
        found = _judge_behave(stage, run, environment)
    explained = any(finding.severity is not Severity.WARN and finding.rule != "no-evidence" for finding in found)
    return found + [finding for child in children for finding in _judge_child(child, explained=explained)]


def _judge_behave(stage: str, run: RunEvidence, environment: Environment) -> list[Finding]:
    evidence = run.scenarios_of(stage)
    if evidence is None:
        return [Finding(stage, "no-evidence", Severity.INCONCLUSIVE, StageSubject(stage))]
    found = list(judge_scenarios(stage, evidence, environment, lambda scenario: suspect_of(scenario, run)))
    if stage == "behaviour" and not run.partial:
        found += judge_mandatory_journeys(evidence, environment)
    return found


def _judge_child(child: StageRun, *, explained: bool) -> Iterator[Finding]:
    """An exit code is never trusted to be good; where it is bad and nothing explains it, it is a finding."""
    failed = ProcessFailed(child.exit_code, child.budget_s, child.detail)
    rule = _RULES_OF_ENDS.get(child.ended)
    if rule:
        yield Finding(child.stage, rule, Severity.INCONCLUSIVE, StageSubject(child.stage), failed)
    elif child.exit_code != 0 and not explained:
        yield Finding(child.stage, "exit-code-unexplained", Severity.INCONCLUSIVE, StageSubject(child.stage), failed)


def _judge_profiles(run: RunEvidence, environment: Environment,
                    comparisons: Mapping[str, Regression]) -> Mapping[str, tuple[Finding, ...]]:
    load = environment.load
    if "load" not in run.stages or load is None:
        return {}
    left = {evidence.profile: evidence for evidence in run.load}
    return {name: (*_judge_profile(left.get(name, LoadEvidence(profile=name)), load.profiles[name]),
                   *regression_findings(name, comparisons.get(name), load))
            for name in load.run}


def _judge_profile(evidence: LoadEvidence, profile: LoadProfile) -> tuple[Finding, ...]:
    found = tuple(judge_load(evidence, profile))
    if profile.journeys is None or any(finding.rule in PROVE_NOTHING for finding in found):
        return found
    return (*found, *judge_journeys(evidence.profile, evidence.journeys, profile.journeys))


def _figures(stage: str, run: RunEvidence, by_profile: Mapping[str, tuple[Finding, ...]]) -> StageFigures:
    duration_s = round(sum(child.duration_s for child in run.stage_runs if child.stage == stage), 1)
    if stage != "load":
        evidence = run.scenarios_of(stage)
        return figures_of(evidence, duration_s) if evidence else StageFigures(duration_s=duration_s)
    executed = {evidence.profile for evidence in run.load if evidence.requests}
    passed = {name for name in executed
              if all(finding.severity is Severity.WARN for finding in by_profile.get(name, ()))}
    return StageFigures(planned=len(by_profile), executed=len(executed), passed=len(passed),
                        failed=len(executed - passed), duration_s=duration_s)
