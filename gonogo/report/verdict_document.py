"""Makes the document of verdict.json: the data of the verdict with their messages."""

from __future__ import annotations

from dataclasses import asdict

from gonogo.core.text import printable
from gonogo.model.baseline import Baseline
from gonogo.model.findings import Finding, Waived
from gonogo.model.run import RunEvidence
from gonogo.model.suspects import Suspect
from gonogo.model.verdict import Verdict
from gonogo.records.verdict_file import (
    BaselineDocument,
    FiguresDocument,
    ReasonDocument,
    SuspectDocument,
    VerdictDocument,
    WaivedDocument,
    parameters_document,
    subject_document,
)
from gonogo.report.wording import no_suspect_line, not_checked_words, suspect_why, title_of
from gonogo.verdict.rules.undocumented import undocumented_places


def verdict_document(evidence: RunEvidence, verdict: Verdict, *, started: str, ended: str) -> VerdictDocument:
    return VerdictDocument(
        schema=2, run=evidence.run, environment=evidence.environment, verdict=verdict.answer.value,
        reasons=[_reason(finding) for finding in verdict.findings],
        suspects=[_suspect(suspect) for suspect in verdict.suspects],
        no_suspect=printable(no_suspect_line(verdict.no_suspect)) if verdict.no_suspect else "",
        stages={stage: FiguresDocument(**asdict(figures)) for stage, figures in verdict.stages.items()},
        not_checked=[printable(not_checked_words(item)) for item in verdict.not_checked],
        baseline=_baseline(evidence.baseline),
        undocumented=list(undocumented_places(evidence.wire)),
        release=dict(evidence.release) or _reported_by_environment(evidence), started=started, ended=ended)


def _baseline(baseline: Baseline | None) -> BaselineDocument | None:
    return BaselineDocument(run=baseline.run, promoted=baseline.promoted) if baseline else None


def _reason(finding: Finding) -> ReasonDocument:
    return ReasonDocument(
        stage=finding.stage, rule=finding.rule, severity=finding.severity.value, title=printable(title_of(finding)),
        component=finding.component, peer=finding.peer, evidence=list(finding.evidence),
        subject=subject_document(finding.subject), parameters=parameters_document(finding.parameters),
        waived=_waived(finding.waived) if finding.waived else None)


def _waived(waived: Waived) -> WaivedDocument:
    return WaivedDocument(owner=printable(waived.owner), reason=printable(waived.reason), expires=waived.expires)


def _suspect(suspect: Suspect) -> SuspectDocument:
    return SuspectDocument(component=suspect.component, peer=suspect.peer, edge=suspect.operation,
                           why=printable(suspect_why(suspect)))


def _reported_by_environment(evidence: RunEvidence) -> dict[str, str]:
    """The images that the components report, for runs without a release.yml."""
    probes = evidence.platform.before if evidence.platform else ()
    return {probe.component: probe.image for probe in probes if probe.image}
