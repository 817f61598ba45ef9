"""`gonogo rejudge`: judges a run again from its folder, with today's rules, environments.yml and exceptions.yml.

Nothing is started, sent, recorded or promoted. `run` gathers the evidence; from there on the code is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from gonogo.config import Environment, RunPlan, load_environment, locate_environment
from gonogo.core.bounded import CallFailed, CallTimedOut, call_bounded
from gonogo.core.errors import EvidenceError, GonogoError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.earlier_runs import HistoryResult, has_images_of_baseline, mask_key, read_earlier
from gonogo.gate.extensions import Extension, Extensions
from gonogo.gate.guard import Guard
from gonogo.gate.invariants import invariants_of
from gonogo.gate.judging import Judges
from gonogo.gate.kept_run import KeptRun, kept_run, without
from gonogo.gate.outside import kept_mails, read_records, seconds_of, seen_of
from gonogo.gate.request import exceptions_of, with_profiles
from gonogo.gate.searching import with_searched
from gonogo.gate.site_request import environment_of
from gonogo.model.calls import WireEvidence
from gonogo.model.exposures import LoggedErrors
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Scenario
from gonogo.model.stages import ScenarioResults, StageEvidence, StageResult
from gonogo.model.verdict import Verdict
from gonogo.outside import compare_outside
from gonogo.records.evidence_file import EvidenceDocument, StageRecord, read_evidence
from gonogo.report.calls_file import with_written_calls
from gonogo.report.errors_file import with_written_errors
from gonogo.report.verdict_document import verdict_document
from gonogo.secrets.masking import Masker, masker_for
from gonogo.stages.stage import Stage
from gonogo.traffic.analysis import AnalysisContext, Recorded, TrafficBaseline, join
from gonogo.traffic.analysis.probed import probed_exchanges
from gonogo.traffic.recordings import ScenarioRecordings, recorded_traffic

_BASELINE = "baseline"  # the kind without which no other run is read
_Traffic = tuple[Recorded, AnalysisContext]


@dataclass(frozen=True, slots=True)
class Rejudged:
    """The verdict on a run, and its document as verdict.json has it."""

    verdict: Verdict
    document: dict[str, object]
    masker: Masker


def rejudge(run_folder: Path, extensions: Extensions, runtime: Runtime, *, leave_out: Collection[str] = (),
            baseline_folder: Path | None = None) -> Rejudged:
    """Judge the run in `run_folder`, as if the kinds of evidence `leave_out` had never been collected.

    `baseline_folder` is the folder of the run that it was compared with (default: beside `run_folder`): evidence that
    is left out is left out of that run too. Raises EvidenceError for evidence that is missing or damaged, UsageError,
    ConfigError, and HistoryError if the baseline cannot be read.
    """
    document = read_evidence(run_folder)
    environment = _environment_of(document, runtime)
    masker = masker_for(environment, runtime.environ, mask_key(runtime))
    stages = _stages_of(document.stages, extensions)
    run = _read(run_folder, document, environment, stages)
    if _BASELINE not in leave_out:
        run = replace(run, history=_baseline(run, leave_out, extensions, runtime, baseline_folder))
    run = without(leave_out, run)
    exceptions = () if document.site_pages is not None else exceptions_of(runtime)
    traffic = _traffic(run)
    evidence = _with_contents(_judged_evidence(run, traffic), run, traffic, _other_urls(document, runtime))
    judges = Judges(stages, extensions.clues, _guard(run, stages, extensions), exceptions)
    verdict = judges.judge(evidence, _with_masked_names(run.environment, masker))
    rejudged = verdict_document(evidence, verdict, started=document.started, ended=document.ended).as_json()
    return Rejudged(verdict, masker.document(rejudged), masker)


def _environment_of(document: EvidenceDocument, runtime: Runtime) -> Environment:
    if document.site_pages is not None:
        return environment_of(document.url, str(document.site_pages))[1]
    environment = load_environment(document.environment, runtime.root, runtime.environ)
    return with_profiles(environment, document.environment, document.profiles)


def _other_urls(document: EvidenceDocument, runtime: Runtime) -> tuple[str, ...]:
    if document.site_pages is not None:
        return ()
    return locate_environment(document.environment, runtime.root, runtime.environ).other_urls


def _with_masked_names(environment: Environment, masker: Masker) -> Environment:
    journeys = masker.document(environment.mandatory_journeys)
    return environment.model_copy(update={"mandatory_journeys": journeys})


def _stages_of(names: Collection[str], extensions: Extensions) -> dict[str, Extension[Stage]]:
    for name in names:
        if name not in extensions.stages:
            raise UsageError(f"The stage '{name}' of the run is not installed.", where="gonogo rejudge",
                             fix="install the plug-in that the run had; `gonogo plugins` lists what is installed.")
    return {name: Extension(extensions.stages[name].registered, extensions.stages[name].target()) for name in names}


def _read(folder: Path, document: EvidenceDocument, environment: Environment,
          stages: Mapping[str, Extension[Stage]]) -> KeptRun:
    results = {record.stage: _result(folder, record, stages, environment.budgets.plugin_s)
               for record in document.results}
    return kept_run(folder, document, environment, results)


def _result(folder: Path, record: StageRecord, stages: Mapping[str, Extension[Stage]], plugin_s: float) -> StageResult:
    evidence = None
    if record.evidence is not None:
        evidence = _reread(stages[record.stage], folder, record.evidence, plugin_s)
    return StageResult(record.planned, record.executed, evidence, record.processes, record.duration_s,
                       record.nothing_to_do, record.load_window)


def _reread(stage: Extension[Stage], folder: Path, kept: Mapping[str, object], plugin_s: float) -> StageEvidence | None:
    read = partial(stage.target.reread, folder, kept)
    if stage.registered.is_own:
        return read()
    try:
        return call_bounded(read, plugin_s)
    except (CallFailed, CallTimedOut) as error:
        if isinstance(error.__cause__, GonogoError):
            raise error.__cause__ from None
        raise EvidenceError(f"The plug-in {stage.registered} failed while reading its evidence: {error}",
                            where=str(folder), fix="fix the plug-in, or judge runs without it.") from error


def _baseline(run: KeptRun, leave_out: Collection[str], extensions: Extensions, runtime: Runtime,
              folder: Path | None) -> HistoryResult:
    """Return the baseline that the run had; without the same evidence, if any is left out."""
    known = run.document.baseline
    if known is None:
        return HistoryResult(problems=run.document.history_problems)
    history = read_earlier(known.run, run.document.environment, runtime, promoted=known.promoted)
    if not leave_out or history.traffic_baseline is None:
        return history
    folder = folder or run.folder.parent / known.run
    try:
        document = read_evidence(folder)
    except EvidenceError as error:
        raise EvidenceError(f"The folder of the baseline is needed to leave evidence out of it. {error.what}",
                            where=error.where, fix="give it with --baseline DIR, or leave out `baseline` too.",
                            ) from error
    if document.run != known.run:
        raise EvidenceError(f"This is run {document.run}; the run was compared with {known.run}.", where=str(folder),
                            fix="give the folder of that run with --baseline DIR.")
    stages = _stages_of([record.stage for record in document.results], extensions)
    earlier = without(leave_out, _read(folder, document, run.environment, stages))
    return replace(history, traffic_baseline=_traffic_of(earlier))


def _traffic_of(run: KeptRun) -> TrafficBaseline | None:
    """Return the traffic of an earlier run, as its history would have it."""
    joined = _joined(_traffic(run), None)
    return joined and joined[1].without({scenario.key for scenario in _scenarios(run) if not scenario.passed})


def _joined(traffic: _Traffic | None, baseline: TrafficBaseline | None) -> tuple[WireEvidence, TrafficBaseline] | None:
    return traffic and join(*traffic, baseline)


def _traffic(run: KeptRun) -> _Traffic | None:
    if run.gathered is None:
        return None
    context = AnalysisContext.with_documents(run.environment, run.documents)
    recordings = ScenarioRecordings.read(run.folder, _scenarios(run), context.parties)
    document = run.document
    evidence = RunEvidence(document.run, document.environment, document.stages, results=run.results)
    probed = probed_exchanges(evidence, context.parties)
    return recorded_traffic(recordings, run.gathered, context.parties, run.environment, probed), context


def _with_contents(evidence: RunEvidence, run: KeptRun, traffic: _Traffic | None,
                   other_urls: tuple[str, ...]) -> RunEvidence:
    """The evidence with what people and partners saw, what does not hold, secrets in the open, and logged errors.

    `other_urls` are those of the other environments.
    """
    kept = run.document.traffic
    if kept is None or traffic is None:
        return evidence
    recorded, context = traffic
    seen = seen_of(read_records(recorded.scenarios, run.folder), recorded, kept_mails(run.folder, kept.mail_problem),
                   context, run.environment, started_s=seconds_of(run.document.started))
    baseline = evidence.baseline
    same = has_images_of_baseline(evidence) or (baseline is not None and baseline.run == kept.learns_for)
    if run.environment.evidence.outside:
        outside, _ = compare_outside(seen, context.endpoints, run.history.outside_baseline, same_images=same)
        evidence = replace(evidence, outside=outside)
    invariants, _ = invariants_of(
        seen, context, RunPlan(run.document.environment, run.environment, other_urls=other_urls),
        console=recorded.console, calls=evidence.wire.calls if evidence.wire else {},
        baseline=run.history.rules_baseline, same_images=same)
    evidence = with_searched(replace(evidence, invariants=invariants), recorded, context)
    return replace(evidence, results={stage: _with_errors(result, evidence.errors, run.folder)
                                      for stage, result in evidence.results.items()})


def _with_errors(result: StageResult, errors: LoggedErrors, folder: Path) -> StageResult:
    evidence = result.evidence
    if not isinstance(evidence, ScenarioResults):
        return result
    scenarios = with_written_errors(evidence.scenarios, errors, folder)
    return replace(result, evidence=replace(evidence, scenarios=scenarios))


def _scenarios(run: KeptRun) -> Iterator[Scenario]:
    for result in run.results.values():
        if isinstance(result.evidence, ScenarioResults):
            yield from result.evidence.scenarios.scenarios


def _judged_evidence(run: KeptRun, traffic: _Traffic | None) -> RunEvidence:
    """Return the evidence as the gate had it. A part of today's gate is judged as one."""
    document, joined = run.document, _joined(traffic, run.history.traffic_baseline)
    return RunEvidence(
        run=document.run, environment=document.environment, stages=document.stages,
        partial=document.partial or set(document.stages) != set(run.environment.stages), tags=document.tags,
        installed_stages=document.installed_stages, release=dict(document.release),
        release_configs=dict(document.release_configs), provision_error=document.provision_error,
        interrupted=document.interrupted, platform=run.platform,
        results={stage: _with_calls(result, run.folder) for stage, result in run.results.items()},
        skipped={each.stage: each.reason for each in document.skipped}, baseline=run.history.baseline,
        history_problems=run.history.problems, wire=joined and joined[0], input_changes=document.input_changes)


def _with_calls(result: StageResult, folder: Path) -> StageResult:
    evidence = result.evidence
    if not isinstance(evidence, ScenarioResults):
        return result
    return replace(result, evidence=replace(evidence, scenarios=with_written_calls(evidence.scenarios, folder)))


def _guard(run: KeptRun, stages: Mapping[str, Extension[Stage]], extensions: Extensions) -> Guard:
    """Return a guard that knows which plug-ins failed in the run: their later results would not be those of the run."""
    plugins = [*(stage.registered for stage in stages.values()),
               *(source.registered for source in extensions.clues.values())]
    return Guard.after(run.document.plugin_faults, plugins, run.environment.budgets.plugin_s)
