"""A run as its folder has it: all that its verdict was made from, and what it would be without a kind of evidence.

`rejudging` judges it. A kind is a function from a run to the same run without it, as if it had never been collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from gonogo.config import Environment, Rules
from gonogo.core.errors import EvidenceError, UsageError
from gonogo.gate.earlier_runs import HistoryResult
from gonogo.model.probing import ProbeEvidence
from gonogo.model.run import PlatformEvidence
from gonogo.model.stages import StageResult
from gonogo.model.trace_ids import TraceIds
from gonogo.records.evidence_file import EvidenceDocument, TrafficRecord
from gonogo.traffic.contract.document_file import read_contracts
from gonogo.traffic.contract.documents import Documents
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.recordings import Gathered, logs_in, spans_in, tapped_in

PLATFORM_FILE = "platform.json"
_PLATFORM = TypeAdapter(PlatformEvidence)
_Component = TypeVar("_Component", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run. `environment` is today's policy, at the addresses of then; `gathered` is None if nothing was joined."""

    folder: Path
    document: EvidenceDocument
    environment: Environment
    results: Mapping[str, StageResult]
    platform: PlatformEvidence | None
    documents: Documents
    gathered: Gathered | None
    history: HistoryResult = field(default_factory=HistoryResult)


LeaveOut = Callable[[KeptRun], KeptRun]


def kept_run(folder: Path, document: EvidenceDocument, environment: Environment,
             results: Mapping[str, StageResult]) -> KeptRun:
    """Return the run in `folder`, without its baseline. Raises EvidenceError if a file is missing or damaged."""
    environment, traffic = _at_its_addresses(environment, document), document.traffic
    load_s = next((result.load_window for result in results.values() if result.load_window), None)
    return KeptRun(
        folder, document, environment, results, _platform_in(folder) if document.probed else None,
        read_contracts(folder) if traffic else Documents(),
        _gathered_in(folder, traffic, Parties.of(environment), load_s) if traffic else None)


def without(kinds: Iterable[str], run: KeptRun) -> KeptRun:
    """Return the run without these kinds of evidence."""
    for kind in kinds:
        run = KINDS[kind](run)
    return run


def kinds_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds in texts like "traces,taps", each once. Raises UsageError for one that does not exist."""
    kinds = dict.fromkeys(name.strip() for text in texts for name in text.split(","))
    for name in kinds:
        if name not in KINDS:
            raise UsageError(f"Unknown kind of evidence '{name}'.", where="--without",
                             fix=f"use one or more of: {', '.join(KINDS)}.")
    return tuple(kinds)


def _without_baseline(run: KeptRun) -> KeptRun:
    return replace(run, history=HistoryResult())


def _without_traces(run: KeptRun) -> KeptRun:
    """Without spans; calls between components and their logs have no trace either, as without instrumentation."""
    environment = run.environment.model_copy(update={"traces": None})
    if run.gathered is None:
        return replace(run, environment=environment)
    between = tuple(replace(exchange, trace_id="", span_id="") for exchange in run.gathered.between)
    logs = tuple(replace(record, trace_id="", span_id="") for record in run.gathered.logs)
    gathered = replace(run.gathered, spans=(), between=between, logs=logs, span_problems=(), step_problems=())
    return replace(run, environment=environment, gathered=gathered)


def _without_taps(run: KeptRun) -> KeptRun:
    wire = run.environment.wire.model_copy(update={"tap": None})
    gathered = run.gathered and replace(run.gathered, between=(), tap_problems=(), missed_by_tap=())
    return replace(run, environment=run.environment.model_copy(update={"wire": wire}), gathered=gathered)


def _without_documents(run: KeptRun) -> KeptRun:
    def plain(components: Mapping[str, _Component]) -> dict[str, _Component]:
        return {name: each.model_copy(update={"openapi": None}) for name, each in components.items()}

    environment = run.environment
    return replace(run, documents=Documents(), environment=environment.model_copy(update={
        "services": plain(environment.services), "third_parties": plain(environment.third_parties)}))


def _without_outside(run: KeptRun) -> KeptRun:
    evidence = run.environment.evidence.model_copy(update={"outside": False})
    return replace(run, environment=run.environment.model_copy(update={"evidence": evidence}),
                   history=replace(run.history, outside_baseline=None))


def _without_logs(run: KeptRun) -> KeptRun:
    return replace(run, environment=run.environment.model_copy(update={"logs": []}),
                   gathered=run.gathered and replace(run.gathered, logs=(), log_records=0, log_problems=()))


def _without_probe(run: KeptRun) -> KeptRun:
    """Without the stages that probe: the run and today's environment have only the others."""
    probing = {stage for stage, result in run.results.items() if isinstance(result.evidence, ProbeEvidence)}
    stages = tuple(stage for stage in run.document.stages if stage not in probing)
    kept = [stage for stage in run.environment.stages if stage not in probing]
    return replace(run, environment=run.environment.model_copy(update={"stages": kept}),
                   document=run.document.model_copy(update={"stages": stages}),
                   results={stage: result for stage, result in run.results.items() if stage not in probing})


def _without_rules(run: KeptRun) -> KeptRun:
    rules = Rules.model_validate(dict.fromkeys(Rules.model_fields, "ignore"))
    return replace(run, environment=run.environment.model_copy(update={"rules": rules}),
                   history=replace(run.history, rules_baseline=None))


KINDS: Mapping[str, LeaveOut] = {
    "baseline": _without_baseline,
    "traces": _without_traces,
    "taps": _without_taps,
    "openapi": _without_documents,
    "logs": _without_logs,
    "outside": _without_outside,
    "rules": _without_rules,
    "probe": _without_probe,
}


def _at_its_addresses(environment: Environment, document: EvidenceDocument) -> Environment:
    """Today's environment where it was then: exchanges are of components by their addresses."""
    addresses = {each.component: each.value for each in document.addresses}

    def moved(components: Mapping[str, _Component]) -> dict[str, _Component]:
        return {name: each.model_copy(update={"url": addresses[name]}) if name in addresses else each
                for name, each in components.items()}

    return environment.model_copy(update={
        "url": document.url, "mail": document.mail, "services": moved(environment.services),
        "third_parties": moved(environment.third_parties)})


def _platform_in(folder: Path) -> PlatformEvidence:
    path = folder / PLATFORM_FILE
    try:
        return _PLATFORM.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise EvidenceError(f"{PLATFORM_FILE} is missing or damaged.", where=str(path),
                            fix="give the whole run folder.") from error


def _gathered_in(folder: Path, traffic: TrafficRecord, parties: Parties,
                 load_s: tuple[float, float] | None) -> Gathered:
    return Gathered(
        TraceIds(traffic.trace_prefix), spans_in(folder, traffic.spans), tapped_in(folder, parties), load_s,
        traffic.span_problems, traffic.step_problems, traffic.tap_problems, traffic.missed_by_tap,
        logs_in(folder, traffic.logs), traffic.log_records, traffic.log_problems, frozenset(traffic.marks))
