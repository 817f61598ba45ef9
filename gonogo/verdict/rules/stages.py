"""Rules on every stage: it ran completely and left evidence that explains its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.model.findings import Finding, GateSubject, Severity, StageSubject
from gonogo.model.not_checked import NotChecked
from gonogo.model.rules.gate import InputsChanged, NotAllExecuted, ProcessFailed
from gonogo.model.run import RunEvidence
from gonogo.model.stages import Ending, ProcessEnd, ScenarioResults, StageResult

GATE = "gate"
_MAX_LISTED = 5


def judge_gate(run: RunEvidence, *, services_listed: bool) -> Iterator[Finding]:
    """Findings of the run as a whole."""
    if run.interrupted:
        yield Finding(GATE, "interrupted", Severity.INCONCLUSIVE, GateSubject())
    if not run.stages:
        yield Finding(GATE, "no-stage", Severity.INCONCLUSIVE, GateSubject())
    elif not services_listed and set(run.results) == set(run.stages) and all(
            result.nothing_to_do for result in run.results.values()):
        yield Finding(GATE, "nothing-tested", Severity.INCONCLUSIVE, GateSubject())
    if run.input_changes:
        yield Finding(GATE, "inputs-changed", Severity.VOID, GateSubject(),
                      InputsChanged(run.input_changes[:_MAX_LISTED], len(run.input_changes)))
    for fault in run.plugin_faults:
        yield Finding(GATE, "plugin-failed", Severity.INCONCLUSIVE, GateSubject(), fault)


def judge_stage(stage: str, run: RunEvidence, own_findings: Sequence[Finding],
                not_checked: Sequence[NotChecked] = ()) -> list[Finding]:
    """`own_findings` (the findings of the stage's own judge) with the findings of the rules on all stages.

    A stage may have nothing to do only if its judge lists that under `not_checked`.

    Exit code 0 proves nothing; another exit code is a finding unless `own_findings` explains it. A waived finding
    explains an exit code, but not that fewer scenarios or profiles were executed than planned.
    """
    subject = StageSubject(stage)
    if stage in run.skipped:
        return [Finding(stage, "stage-skipped", Severity.INCONCLUSIVE, subject, run.skipped[stage])]
    result = run.results.get(stage)
    if result is None:
        return [Finding(stage, "stage-not-run", Severity.INCONCLUSIVE, subject)]
    if is_excluded_by_tags(stage, run):
        return []
    findings = list(own_findings)
    if result.nothing_to_do and not result.planned and not_checked:
        return findings
    if result.evidence is None:
        findings.append(Finding(stage, "no-evidence", Severity.INCONCLUSIVE, subject, evidence=_logs(result)))
    problems = [each for each in findings if each.rule != "no-evidence"
               and (each.severity is not Severity.WARN or each.waived)]
    explained = bool(problems)
    processes = [each for end in result.processes for each in _judge_process(stage, end, explained=explained)]
    if all(each.waived for each in problems) and not processes:
        findings += _not_whole(stage, result)
    return findings + processes


def is_excluded_by_tags(stage: str, run: RunEvidence) -> bool:
    """Whether `--tags` selected scenarios of other stages only, so that this stage was not requested."""
    evidence = run.scenario_evidence(stage)
    if not run.tags or evidence is None or evidence.scenarios or evidence.faults or evidence.left_out:
        return False
    return any(found.scenarios.scenarios for _, found in run.evidence(ScenarioResults))


def _not_whole(stage: str, result: StageResult) -> Iterator[Finding]:
    """A finding if the stage executed nothing, or less than it planned."""
    if not result.planned or not result.executed:
        yield Finding(stage, "nothing-executed", Severity.INCONCLUSIVE, StageSubject(stage))
    elif result.executed != result.planned:
        yield Finding(stage, "not-all-executed", Severity.INCONCLUSIVE, StageSubject(stage),
                      NotAllExecuted(result.planned, result.executed))


def _judge_process(stage: str, end: ProcessEnd, *, explained: bool) -> Iterator[Finding]:
    failed = ProcessFailed(end.exit_code, end.budget_s, end.detail)
    log = (end.log,) if end.log else ()
    if end.ending is Ending.TIMED_OUT:
        rule = "stage-timed-out"
    elif end.ending is Ending.NOT_STARTED:
        rule = "stage-not-started"
    elif end.exit_code != 0 and not explained:
        rule = "exit-code-unexplained"
    else:
        return
    yield Finding(stage, rule, Severity.INCONCLUSIVE, StageSubject(stage), failed, evidence=log)


def _logs(result: StageResult) -> tuple[str, ...]:
    return tuple(end.log for end in result.processes if end.log)
