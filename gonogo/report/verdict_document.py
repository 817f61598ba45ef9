"""verdict.json, schema 1: the verdict as other programs read it."""

from __future__ import annotations

from dataclasses import asdict

from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Reason, Verdict
from gonogo.verdict.rules.undocumented import undocumented_places


def verdict_document(evidence: RunEvidence, verdict: Verdict, *, started: str, ended: str) -> dict[str, object]:
    """The document of `verdict.json`. Keys and their meaning are fixed; later versions only add."""
    return {
        "schema": 1,
        "run": evidence.run,
        "environment": evidence.environment,
        "verdict": str(verdict.answer),
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "suspects": [asdict(suspect) for suspect in verdict.suspects],
        "nobody": verdict.nobody,
        "stages": {stage: asdict(figures) for stage, figures in verdict.stages.items()},
        "not_checked": list(verdict.not_checked),
        "undocumented": list(undocumented_places(evidence.wire)),
        "release": dict(evidence.release) or _told_by_environment(evidence),
        "started": started,
        "ended": ended,
    }


def _reason(reason: Reason) -> dict[str, object]:
    return {"stage": reason.stage, "rule": reason.rule, "severity": str(reason.severity), "title": reason.title,
            "component": reason.component, "peer": reason.peer, "evidence": list(reason.evidence)}


def _told_by_environment(evidence: RunEvidence) -> dict[str, str]:
    """Without a release.yml: what the components themselves said that they run."""
    probes = evidence.platform.before if evidence.platform else ()
    return {probe.component: probe.image for probe in probes if probe.image}
