"""judge(evidence, policy) → verdict: the one place that decides.

It fails closed: the verdict is GO only if no rule has a finding that stops the release. Each stage's own findings are
an input; the rules on all stages, on the environment and on the exchanges are applied here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gonogo.config import Environment
from gonogo.core.exit_codes import ExitCode
from gonogo.model.exceptions import RuleException
from gonogo.model.findings import Finding, Severity
from gonogo.model.rules.probe import ProbeAnswered
from gonogo.model.rules.scenarios import OfScenario
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Scenario, Status
from gonogo.model.stages import JudgedStage, LoadResults, ScenarioResults, StageFigures, figures_of
from gonogo.model.verdict import Answer, Verdict
from gonogo.verdict.blame.clues import ClueSource
from gonogo.verdict.blame.suspects import (
    changed_components,
    rank_suspects,
    suspect_of,
    suspect_of_probe,
    suspect_outside,
    why_no_suspect,
)
from gonogo.verdict.exceptions import apply_exceptions, unexplained_by_waived, unused_exceptions
from gonogo.verdict.rules.baseline import judge_baseline, judge_scenarios_gone
from gonogo.verdict.rules.invariants import judge_invariants
from gonogo.verdict.rules.not_checked import not_checked
from gonogo.verdict.rules.outside import RULE as OUTSIDE
from gonogo.verdict.rules.outside import judge_outside
from gonogo.verdict.rules.platform import STAGE as PLATFORM
from gonogo.verdict.rules.platform import judge_platform
from gonogo.verdict.rules.secrets import judge_secrets
from gonogo.verdict.rules.stages import GATE, judge_gate, judge_stage
from gonogo.verdict.rules.traffic import judge_traffic

_WORST_FIRST = list(Severity)


def judge(run: RunEvidence, environment: Environment, judged: Mapping[str, JudgedStage],
          clue_sources: Sequence[ClueSource], exceptions: Sequence[RuleException] = ()) -> Verdict:
    """The verdict on a run: all rules are applied, then `exceptions`; the worst severity decides.

    `judged` is by stage; a stage without an entry is judged by the rules on all stages alone.
    """
    def waive(findings: Iterable[Finding]) -> list[Finding]:
        return apply_exceptions(findings, exceptions, run.environment)

    findings = waive([*judge_gate(run, services_listed=bool(environment.services)),
                      *judge_baseline(run, environment), *judge_scenarios_gone(run, environment),
                      *judge_platform(run)])
    for stage in run.stages:
        own = judged.get(stage, JudgedStage())
        findings += judge_stage(stage, run, waive(own.findings), own.not_checked)
    stages_of_scenarios = {stage for stage, _ in run.evidence(ScenarioResults)}
    # A waived finding does not explain why an edge was not crossed.
    findings += waive(judge_traffic(run, environment, changed_components(run),
                                    scenarios_stop=_stops(findings, {PLATFORM, *stages_of_scenarios})))
    findings += waive(judge_outside(run, environment))
    findings += waive(judge_invariants(run, environment))
    findings += waive(judge_secrets(run, environment))
    findings += unexplained_by_waived(findings, {each.profile: each.aborted for _, results in run.evidence(LoadResults)
                                     for each in results.profiles if each.aborted}, environment.load)
    if not run.partial:
        findings += unused_exceptions(findings, exceptions, run.environment)
    failed = _failed_scenarios(run)
    findings = [_blamed(finding, failed, run, clue_sources) for finding in findings]
    order = list(dict.fromkeys([GATE, PLATFORM, *run.stages, *(finding.stage for finding in findings)]))
    findings.sort(key=lambda finding: _rank(finding, order))
    answer = _answer(findings, partial=run.partial)
    under_load = {stage for stage, result in run.results.items() if result.load_window}
    probed = [finding for finding in findings if _is_of_probe(finding) and finding.severity is Severity.BLOCK]
    seen = [finding for finding in findings if finding.rule == OUTSIDE and finding.severity is Severity.BLOCK]
    sources_of_suspects = stages_of_scenarios | under_load | {finding.stage for finding in probed}
    suspects = rank_suspects(run, clue_sources, load_failed=_stops(findings, under_load), outside=seen, probed=probed,
                             waived={finding.subject for finding in findings if finding.waived})
    return Verdict(
        answer=answer,
        findings=tuple(findings),
        suspects=suspects,
        no_suspect=why_no_suspect(run) if answer is Answer.NO_GO and not suspects and sources_of_suspects else None,
        stages={stage: _figures(stage, run, judged) for stage in run.stages},
        not_checked=(*not_checked(run, environment),
                     *(item for stage in run.stages if stage in judged for item in judged[stage].not_checked)),
    )


def exit_code_of(answer: Answer) -> ExitCode:
    return {Answer.GO: ExitCode.GO, Answer.PARTIAL: ExitCode.GO, Answer.NO_GO: ExitCode.NO_GO,
            Answer.INCONCLUSIVE: ExitCode.INCONCLUSIVE}[answer]


def is_stopped(findings: Iterable[Finding]) -> bool:
    """Whether any of them causes a NO-GO."""
    return any(finding.severity is Severity.BLOCK for finding in findings)


def _stops(findings: Iterable[Finding], stages: Iterable[str]) -> bool:
    stage_names = set(stages)
    return is_stopped(finding for finding in findings if finding.stage in stage_names)


def _answer(findings: Sequence[Finding], *, partial: bool) -> Answer:
    severities = {finding.severity for finding in findings}
    if Severity.VOID in severities:
        return Answer.INCONCLUSIVE
    if Severity.BLOCK in severities:
        return Answer.NO_GO
    if Severity.INCONCLUSIVE in severities:
        return Answer.INCONCLUSIVE
    return Answer.PARTIAL if partial else Answer.GO


def _figures(stage: str, run: RunEvidence, judged: Mapping[str, JudgedStage]) -> StageFigures:
    result, verdict = run.results.get(stage), judged.get(stage, JudgedStage())
    if verdict.figures or result is None:
        return verdict.figures or StageFigures()
    return figures_of(result, verdict.findings)


def _is_of_probe(finding: Finding) -> bool:
    return isinstance(finding.parameters, ProbeAnswered)


def _rank(finding: Finding, stages: Sequence[str]) -> tuple[int, bool, int]:
    """Worst first; within a severity mandatory journeys first, then in the order of the stages."""
    mandatory = isinstance(finding.parameters, OfScenario) and finding.parameters.mandatory
    return _WORST_FIRST.index(finding.severity), not mandatory, stages.index(finding.stage)


def _failed_scenarios(run: RunEvidence) -> Mapping[tuple[str, object], Scenario]:
    return {(stage, scenario.id): scenario for stage, results in run.evidence(ScenarioResults)
            for scenario in results.scenarios.scenarios
            if scenario.attempts and scenario.attempts[-1].status is Status.FAILED}


def _blamed(finding: Finding, failed: Mapping[tuple[str, object], Scenario], run: RunEvidence,
            clue_sources: Sequence[ClueSource]) -> Finding:
    """`finding` with its component and peer, if it is a failed scenario, a difference seen, or a differing probe."""
    if finding.rule == OUTSIDE:
        suspect = suspect_outside(finding, run)
        return replace(finding, component=suspect.component, peer=suspect.peer) if suspect else finding
    is_failure = finding.severity is Severity.BLOCK or finding.waived
    if is_failure and _is_of_probe(finding):
        suspect = suspect_of_probe(finding, run, clue_sources)
        return replace(finding, component=suspect.component, peer=suspect.peer) if suspect else finding
    scenario = failed.get((finding.stage, finding.subject)) if is_failure else None
    suspect = suspect_of(scenario, run, clue_sources) if scenario else None
    return replace(finding, component=suspect.component, peer=suspect.peer) if suspect else finding
