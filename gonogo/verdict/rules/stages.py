"""Rules that hold for every stage, whatever it does: that it ran, whole, and left evidence that explains its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.model.findings import Finding, GateSubject, Severity, StageSubject
from gonogo.model.rules.gate import NotAllExecuted, ProcessFailed
from gonogo.model.run import RunEvidence
from gonogo.model.stages import Ending, ProcessEnd, ScenarioResults, StageResult

GATE = "gate"


def judge_gate(run: RunEvidence, *, services_listed: bool) -> Iterator[Finding]:
    """Findings of the run as a whole."""
    if run.interrupted:
        yield Finding(GATE, "interrupted", Severity.INCONCLUSIVE, GateSubject())
    if not run.stages:
        yield Finding(GATE, "no-stage", Severity.INCONCLUSIVE, GateSubject())
    elif not services_listed and set(run.results) == set(run.stages) and all(
            result.nothing_to_do for result in run.results.values()):
        yield Finding(GATE, "nothing-tested", Severity.INCONCLUSIVE, GateSubject())
    for fault in run.plugin_faults:
        yield Finding(GATE, "plugin-failed", Severity.INCONCLUSIVE, GateSubject(), fault)


def judge_stage(stage: str, run: RunEvidence, found: Sequence[Finding]) -> list[Finding]:
    """`found` is what the stage's own judge found in its result: with it, whatever else speaks against the stage.

    An exit code is never trusted to be good; where it is bad and nothing found explains it, that is a finding. What is
    waived explains it, and does not excuse that not all was executed.
    """
    subject = StageSubject(stage)
    if stage in run.skipped:
        return [Finding(stage, "stage-skipped", Severity.INCONCLUSIVE, subject, run.skipped[stage])]
    result = run.results.get(stage)
    if result is None:
        return [Finding(stage, "stage-not-run", Severity.INCONCLUSIVE, subject)]
    if left_to_tags(stage, run):
        return []
    if result.nothing_to_do and not result.planned:
        return list(found)
    of_evidence = list(found)
    if result.evidence is None:
        of_evidence.append(Finding(stage, "no-evidence", Severity.INCONCLUSIVE, subject, evidence=_logs(result)))
    against = [each for each in of_evidence if each.rule != "no-evidence"
               and (each.severity is not Severity.WARN or each.waived)]
    explained = bool(against)
    processes = [each for end in result.processes for each in _judge_process(stage, end, explained=explained)]
    if all(each.waived for each in against) and not processes:
        of_evidence += _not_whole(stage, result)
    return of_evidence + processes


def left_to_tags(stage: str, run: RunEvidence) -> bool:
    """Whether `--tags` chose scenarios of another stage and none of this one: it is no part of what was requested."""
    mine = run.scenario_evidence(stage)
    if not run.tags or mine is None or mine.scenarios or mine.faults or mine.left_out:
        return False
    return any(found.scenarios.scenarios for _, found in run.evidence(ScenarioResults))


def _not_whole(stage: str, result: StageResult) -> Iterator[Finding]:
    """What its own judge let pass: a stage that executed nothing, or not all that it planned, is no success."""
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
