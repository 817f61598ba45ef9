"""Judges the answers to probes, from their record and the baseline. Pure.

Requests of one operation whose answers differ in the same way are one finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gonogo.model.findings import EndpointSubject, Finding, Severity, StageSubject
from gonogo.model.not_checked import (
    NotChecked,
    ProbeBaselineUnreadable,
    ProbeExcluded,
    ProbeLeftOut,
    ProbeNew,
    ProbeUnsigned,
    ProbeUnstable,
)
from gonogo.model.probing import (
    STATUS,
    AnswerDifference,
    DifferenceKind,
    KnownRequest,
    ProbeBaseline,
    ProbedRequest,
    ProbeEvidence,
)
from gonogo.model.rules.gate import ErrorReported
from gonogo.model.rules.probe import ProbeAnswered, ProbeIncomplete, ProbeNoOperation, ProbeRefused, ProbeUnanswered
from gonogo.model.stages import JudgedStage, StageFigures, StageResult
from gonogo.records.probe import REQUESTS_FILE
from gonogo.records.probe_baseline import KIND
from gonogo.stages.probe.child import STAGE
from gonogo.stages.probe.curl import curl_of
from gonogo.stages.probe.memory import is_little, is_same_system, known_requests
from gonogo.stages.stage import Policy
from gonogo.traffic.shapes.answers import answer_difference, unstable_aspects

if TYPE_CHECKING:
    from gonogo.model.baseline import Baseline

_UNSTABLE = "probe-unstable"
_RULES = {DifferenceKind.FAILED: "probe-server-error", DifferenceKind.REFUSED: "probe-refused",
          DifferenceKind.ACCEPTED: "probe-accepted", DifferenceKind.ANSWER: "probe-answer-changed",
          DifferenceKind.SHAPE: "probe-shape-changed"}


@dataclass(slots=True)
class _Shared:
    """Findings by rule and operation; the first request is the example."""

    url: str
    found: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    def add(self, rule: str, severity: Severity, probed: ProbedRequest, difference: AnswerDifference) -> None:
        request = probed.request
        key = (rule, request.operation, request.component)
        known = self.found.get(key)
        if known is not None and isinstance(known.parameters, ProbeAnswered):
            calls = known.parameters.calls or (probed.scenario if probed.span_id else "")
            parameters = replace(known.parameters, requests=known.parameters.requests + 1, calls=calls)
            self.found[key] = replace(known, parameters=parameters)
            return
        self.found[key] = Finding(
            STAGE, rule, severity, EndpointSubject(request.operation, request.component),
            ProbeAnswered(request.operation, request.change, difference.where, difference.was, difference.now,
                          curl=curl_of(request, self.url), calls=probed.scenario if probed.span_id else ""))


def judge_result(result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
    evidence = result.evidence
    if not isinstance(evidence, ProbeEvidence):
        return JudgedStage()
    known = known_requests(baseline)
    findings = [replace(each, evidence=(f"{STAGE}/{REQUESTS_FILE}",)) for each in
                (*_of_record(evidence), *_of_answers(evidence, known, policy))]
    bad = sum(each.parameters.requests for each in findings
              if isinstance(each.parameters, ProbeAnswered) and each.severity is not Severity.WARN)
    return JudgedStage(
        findings, StageFigures(result.planned, result.executed, result.executed - bad, bad,
                               duration_s=result.duration_s, unit="requests"),
        list(_not_checked(evidence, known, baseline)))


def _of_record(evidence: ProbeEvidence) -> Iterator[Finding]:
    """What the record itself lacks: whatever is not in it is not known to be good."""
    stage = StageSubject(STAGE)
    if evidence.fault:
        yield Finding(STAGE, "probe-fault", Severity.INCONCLUSIVE, stage, ErrorReported(evidence.fault))
    if evidence.sign_in_error:
        yield Finding(STAGE, "probe-sign-in-failed", Severity.INCONCLUSIVE, stage,
                      ErrorReported(evidence.sign_in_error))
    if not evidence.closed:
        yield Finding(STAGE, "record-not-closed", Severity.INCONCLUSIVE, stage)
    if evidence.refused:
        yield Finding(STAGE, "probe-request-refused", Severity.INCONCLUSIVE, stage,
                      ProbeRefused(len(evidence.refused), evidence.refused[0]))
    if evidence.stopped_by == "no answer" or (evidence.requests and not any(
            answer.status for each in evidence.requests for answer in each.answers)):
        yield Finding(STAGE, "probe-unanswered", Severity.INCONCLUSIVE, stage, ProbeUnanswered(len(evidence.requests)))
    left = evidence.planned - evidence.replayed - len(evidence.unfilled)
    explained = evidence.fault or evidence.sign_in_error or not evidence.closed or evidence.stopped_by == "no answer"
    if (left and not explained) or evidence.unfilled:
        yield Finding(STAGE, "probe-incomplete", Severity.INCONCLUSIVE, stage,
                      ProbeIncomplete(0 if explained else left, len(evidence.unfilled),
                                      next(iter(evidence.unfilled), "")))
    if not evidence.operations and not left and not explained:
        yield Finding(STAGE, "probe-no-operation", Severity.INCONCLUSIVE, stage,
                      ProbeNoOperation(next(iter(evidence.left_out), "")))


def _of_answers(evidence: ProbeEvidence, known: ProbeBaseline | None, policy: Policy) -> Iterable[Finding]:
    by_key = {each.request.key: each for each in known.requests} if known else {}
    shared = _Shared(evidence.url)
    same = is_same_system(known, policy)
    differing = [(probed, difference) for probed in evidence.requests
                 if (before := by_key.get(probed.request.key)) and (difference := _difference(probed, before))]
    by_itself = is_little(sum(each.kind is not DifferenceKind.FAILED for _, each in differing), evidence.replayed)
    for probed in evidence.requests:
        before = by_key.get(probed.request.key)
        if before is None:
            _add_new(shared, probed)
        elif (difference := _difference(probed, before)) is None:
            _add_flicker(shared, probed, before)
        elif difference.kind is DifferenceKind.FAILED:
            shared.add(_RULES[difference.kind], Severity.BLOCK, probed, difference)
        elif same:
            shared.add(_UNSTABLE, Severity.WARN if by_itself else Severity.INCONCLUSIVE, probed, difference)
        else:
            severity = Severity.BLOCK if policy.environment.probe.policy == "block" else Severity.WARN
            shared.add(_RULES[difference.kind], severity, probed, difference)
    return shared.found.values()


def _difference(probed: ProbedRequest, before: KnownRequest) -> AnswerDifference | None:
    """The difference that every answer has, or a server error of any."""
    found = [answer_difference(answer, before.answer, before.unstable, failed_before=before.failed)
             for answer in probed.answers]
    failed = next((each for each in found if each and each.kind is DifferenceKind.FAILED), None)
    return failed or (found[-1] if found and all(found) else None)


def _add_new(shared: _Shared, probed: ProbedRequest) -> None:
    """Without a baseline, only what is wrong by itself."""
    failed = next((answer for answer in probed.answers if answer.failed), None)
    if failed is not None:
        shared.add("probe-error-without-baseline", Severity.WARN, probed,
                   AnswerDifference(DifferenceKind.FAILED, STATUS, "", str(failed.status)))


def _add_flicker(shared: _Shared, probed: ProbedRequest, before: KnownRequest) -> None:
    """An answer that differed once, and not when the request was sent again."""
    for answer in probed.answers:
        difference = answer_difference(answer, before.answer, before.unstable, failed_before=before.failed)
        if difference is not None:
            shared.add(_UNSTABLE, Severity.WARN, probed, difference)
            return


def _not_checked(evidence: ProbeEvidence, known: ProbeBaseline | None,
                 baseline: Baseline | None) -> Iterator[NotChecked]:
    if not evidence.signed:
        yield ProbeUnsigned()
    if baseline is not None and known is None and KIND in baseline.documents:
        yield ProbeBaselineUnreadable(baseline.run)
    by_key = {each.request.key: each for each in known.requests} if known else {}
    new = [each for each in evidence.requests if each.request.key not in by_key]
    if new:
        yield ProbeNew(len(new))
    if evidence.excluded:
        yield ProbeExcluded(evidence.excluded)
    unstable = [each.request.operation for each in evidence.requests
                if (before := by_key.get(each.request.key)) and STATUS in before.unstable]
    unstable += [each.request.operation for each in new
                 if any(STATUS in unstable_aspects(each.answers[0], other) for other in each.answers[1:])]
    if unstable:
        yield ProbeUnstable(len(unstable), unstable[0])
    if evidence.left_out:
        yield ProbeLeftOut(len(evidence.left_out), evidence.left_out[0])
