"""Writes evidence.json at the end of a run, so that it can be judged again. `rejudging` reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial

from gonogo import __version__
from gonogo.gate.extensions import Extension
from gonogo.gate.guard import Guard
from gonogo.gate.request import Request
from gonogo.model.not_checked import HistoryDamaged, HistoryUnusable
from gonogo.model.run import RunEvidence
from gonogo.model.stages import StageEvidence
from gonogo.records.evidence_file import (
    BaselineRecord,
    EvidenceDocument,
    SkippedRecord,
    StageRecord,
    TrafficRecord,
    named,
)
from gonogo.secrets.masking import Masker
from gonogo.stages.stage import Stage
from gonogo.traffic.recordings import Gathered


def evidence_document(request: Request, evidence: RunEvidence, results: tuple[StageRecord, ...],
                      gathered: Gathered | None, masker: Masker, *, mail_problem: str, started: str, ended: str,
                      ) -> EvidenceDocument:
    """What the verdict on `evidence` needs beside the files of the run folder."""
    environment, baseline = request.environment, evidence.baseline
    urls = {**{name: service.url for name, service in environment.services.items()},
            **{name: party.url for name, party in environment.third_parties.items()}}
    return EvidenceDocument(
        schema=1, gonogo=__version__, run=evidence.run, environment=evidence.environment, started=started, ended=ended,
        stages=evidence.stages, partial=evidence.partial, tags=evidence.tags, profiles=request.profiles,
        site_pages=environment.pages.max_pages if request.inputs is None else None,
        url=masker.url(environment.url), mail=masker.url(environment.mail) if environment.mail else None,
        addresses=named({name: masker.url(url) for name, url in urls.items()}),
        installed_stages=evidence.installed_stages, release=named(evidence.release),
        release_configs=named(evidence.release_configs), probed=evidence.platform is not None,
        provision_error=evidence.provision_error, interrupted=evidence.interrupted, results=results,
        skipped=tuple(SkippedRecord(stage=stage, reason=reason) for stage, reason in evidence.skipped.items()),
        baseline=BaselineRecord(run=baseline.run, promoted=baseline.promoted) if baseline else None,
        history_problems=tuple(problem for problem in evidence.history_problems
                               if isinstance(problem, HistoryDamaged | HistoryUnusable)),
        plugin_faults=evidence.plugin_faults, input_changes=evidence.input_changes,
        traffic=_traffic_record(gathered, mail_problem, request.learns_for) if gathered and evidence.wire else None)


def stage_records(evidence: RunEvidence, stages: Mapping[str, Extension[Stage]], guard: Guard) -> Iterator[StageRecord]:
    """The result of each stage that ran; a plug-in that fails here is a fault of the run."""
    for name, result in evidence.results.items():
        kept = None
        if result.evidence is not None:
            kept = guard.call(stages[name].registered, "kept", partial(_as_json, stages[name].target, result.evidence),
                              dict) or {}
        yield StageRecord(
            stage=name, planned=result.planned, executed=result.executed, processes=result.processes,
            duration_s=result.duration_s, nothing_to_do=result.nothing_to_do, load_window=result.load_window,
            evidence=kept)


def _as_json(stage: Stage, evidence: StageEvidence) -> dict[str, object]:
    """What the stage keeps, as it is read again. Raises TypeError or ValueError if that cannot be written as JSON."""
    kept: dict[str, object] = json.loads(json.dumps(stage.kept(evidence)))
    return kept


def _traffic_record(gathered: Gathered, mail_problem: str, learns_for: str) -> TrafficRecord:
    return TrafficRecord(
        trace_prefix=gathered.trace_ids.prefix, spans=len(gathered.spans), span_problems=gathered.span_problems,
        step_problems=gathered.step_problems, tap_problems=gathered.tap_problems, missed_by_tap=gathered.missed_by_tap,
        mail_problem=mail_problem, learns_for=learns_for, logs=len(gathered.logs), log_records=gathered.log_records,
        log_problems=gathered.log_problems, marks=tuple(sorted(gathered.marks)))
