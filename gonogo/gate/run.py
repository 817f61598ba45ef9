"""The gate: runs the stages, gathers evidence and writes one verdict. `gonogo.verdict` has the rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from gonogo import __version__
from gonogo.config import RunPlan
from gonogo.config.model import Service
from gonogo.core.errors import ProvisionError
from gonogo.core.runtime import Interrupted, Runtime
from gonogo.environment.lease import Lease
from gonogo.environment.probes import ServiceProbe, probe_environment
from gonogo.environment.provisioning import provisioned
from gonogo.environment.versions import sampled_versions
from gonogo.gate.documents import documents_of
from gonogo.gate.earlier_runs import (
    HistoryResult,
    has_images_of_baseline,
    learn,
    read_history,
    record_run,
    recorded_run,
)
from gonogo.gate.evidence import evidence_document, stage_records
from gonogo.gate.extensions import Extension, Extensions
from gonogo.gate.guard import Guard
from gonogo.gate.invariants import invariants_of
from gonogo.gate.judging import Judges
from gonogo.gate.outside import catch_mails, read_records, seconds_of, seen_of
from gonogo.gate.reporting import Reporting
from gonogo.gate.request import Request
from gonogo.gate.searching import with_searched
from gonogo.gate.trace_backend import trace_backend
from gonogo.invariants.baseline import KIND as RULES
from gonogo.invariants.baseline import RulesBaseline
from gonogo.model.exceptions import waived_objectives
from gonogo.model.findings import Severity
from gonogo.model.progress import Watcher
from gonogo.model.rules.gate import StageSkipped
from gonogo.model.run import PlatformEvidence, Probe, RunEvidence, Version
from gonogo.model.stages import ScenarioResults, StageResult
from gonogo.model.verdict import Answer, Verdict
from gonogo.outside import compare_outside
from gonogo.outside.baseline import KIND as OUTSIDE
from gonogo.outside.baseline import OutsideBaseline
from gonogo.outside.mails import Caught
from gonogo.records.evidence_file import write_evidence
from gonogo.records.run_folder import point_latest_at, write_json
from gonogo.report.calls_file import with_calls
from gonogo.report.errors_file import with_errors
from gonogo.secrets.masking import Masker
from gonogo.stages.stage import Run, Stage
from gonogo.traffic.analysis import AnalysisContext, TrafficBaseline, join
from gonogo.traffic.analysis.probed import probed_exchanges
from gonogo.traffic.collection import Traffic
from gonogo.traffic.contract.document_file import write_contracts
from gonogo.verdict.judge import is_stopped
from gonogo.verdict.rules.platform import judge_platform


def run_gate(request: Request, extensions: Extensions, runtime: Runtime, watcher: Watcher, masker: Masker, *,
             lease: Lease) -> Verdict:
    """Run the stages, judge their evidence and write the run folder; the verdict file is written last and atomically.

    `lease` is that of the environment. `masker` masks secrets in everything that this process and its children write.
    On Interrupted, all children are ended, and the verdict has the finding `interrupted`, so that it cannot be GO.
    """
    started = runtime.now().isoformat(timespec="seconds")
    request = _with_masked_names(request, masker)
    _write_run_file(request, started, masker)
    point_latest_at(request.run_folder)  # early: if this run is killed, nobody reads the last GO as its verdict
    gate = _Gate(request, extensions, runtime, watcher, masker, lease, started)
    gate.set_baseline(read_history(request.environment_name, runtime, watcher.note))
    gate.run()
    ended = runtime.now().isoformat(timespec="seconds")
    gate.write_evidence(started, ended)
    reporting = Reporting(extensions.reports, gate.judges, request.environment, request.run_folder, masker)
    verdict = reporting.conclude(gate.evidence, started=started, ended=ended)
    memory = gate.judges.memory(gate.evidence, request.environment)
    documents = {**memory.documents, **gate.documents}
    record = recorded_run(gate.evidence, verdict, gate.traffic_baseline, started, documents)
    record_run(masker.document(record), runtime, watcher.note)
    if gate.evidence.baseline is not None:
        learnt = {**memory.learnt, **(gate.documents if gate.has_learnt(verdict.answer) else {})}
        learn(gate.evidence.baseline.run, masker.document(learnt), runtime, watcher.note)
    return verdict


@dataclass(slots=True)
class _Gate:
    """One run of the stages. `evidence` is consistent at any time, so that an interrupted run can be judged.

    `traffic_baseline`, `outside_baseline` and `rules_baseline` are recorded for later runs; None if the stages did not
    complete.
    """

    request: Request
    extensions: Extensions
    runtime: Runtime
    watcher: Watcher
    masker: Masker
    lease: Lease
    started: str
    evidence: RunEvidence = field(init=False)
    judges: Judges = field(init=False)
    traffic_baseline: TrafficBaseline | None = field(init=False, default=None)
    outside_baseline: OutsideBaseline | None = field(init=False, default=None)
    rules_baseline: RulesBaseline | None = field(init=False, default=None)
    _guard: Guard = field(init=False)
    _stages: dict[str, Extension[Stage]] = field(init=False)
    _blocks: dict[str, AbstractContextManager[object] | None] = field(init=False)
    _run: Run = field(init=False)
    _traffic: Traffic = field(init=False)
    _last_traffic: TrafficBaseline | None = field(init=False, default=None)
    _last_outside: OutsideBaseline | None = field(init=False, default=None)
    _last_rules: RulesBaseline | None = field(init=False, default=None)
    _caught: Caught = field(init=False, default=Caught())
    _ended_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        request, runtime, environment = self.request, self.runtime, self.request.environment
        self._guard = Guard(environment.budgets.plugin_s)
        self._stages = dict(self._made_stages())
        self.judges = Judges(self._stages, self.extensions.clues, self._guard, request.exceptions)
        plan = RunPlan(request.environment_name, environment, request.release,
                       waived_objectives(request.exceptions, request.environment_name), request.other_urls)
        self._traffic = Traffic(
            environment, runtime.root, request.run_folder, self.masker, plan.trace_ids,
            trace_backend(environment.traces, self.extensions.trace_backends, self._guard))
        environ = {**runtime.environ, **self.lease.variables}
        self._run = Run(runtime.root, request.run_folder, plan, environ, self.watcher, self.masker, request.options)
        self._blocks = {name: self._guard.call(stage.registered, "prepare", partial(stage.target.prepare, self._run),
                                               AbstractContextManager) for name, stage in self._stages.items()}
        release = request.release
        self.evidence = RunEvidence(
            run=request.run_folder.name, environment=request.environment_name, stages=request.stages,
            partial=request.partial, tags=request.options.tags, installed_stages=tuple(self.extensions.stages),
            release=release.images if release else {}, release_configs=release.configs if release else {})

    def _made_stages(self) -> Iterator[tuple[str, Extension[Stage]]]:
        for name in self.request.stages:
            stage = self.extensions.stages[name]
            instance = self._guard.call(stage.registered, "making the stage", stage.target, Stage)
            if instance is not None:
                yield name, Extension(stage.registered, instance)

    def set_baseline(self, history: HistoryResult) -> None:
        """Set the baseline of this run."""
        self._add(baseline=history.baseline, history_problems=history.problems)
        self._run = replace(self._run, baseline=history.baseline)
        self._last_traffic, self._last_outside = history.traffic_baseline, history.outside_baseline
        self._last_rules = history.rules_baseline

    @property
    def documents(self) -> dict[str, dict[str, object]]:
        """What this run keeps of what people and partners saw, with what earlier runs have learnt, by kind."""
        kept = ((OUTSIDE, self.outside_baseline), (RULES, self.rules_baseline))
        return {kind: baseline.as_document() for kind, baseline in kept if baseline is not None}

    def has_learnt(self, answer: Answer) -> bool:
        """Whether the baseline's images passed again, so that all differences from the baseline are what varies."""
        is_whole = answer is Answer.GO or (answer is Answer.PARTIAL and bool(self.request.learns_for))
        return is_whole and self._is_baseline_again

    @property
    def _is_baseline_again(self) -> bool:
        baseline = self.evidence.baseline
        return baseline is not None and (has_images_of_baseline(self.evidence)
                                         or baseline.run == self.request.learns_for)

    def run(self) -> None:
        request = self.request
        environ = {**self.runtime.environ, **self._traffic.variables}
        try:
            with self._traffic.listening(), provisioned(
                    request.environment, request.environment_name, self.runtime.root, environ,
                    on_progress=self.watcher.note, on_change=self.lease.set_provisioned) as environment:
                inputs = request.inputs.after_start() if request.inputs and environment.started else request.inputs
                self._probe_before()
                self._run_stages_while_sampling()
                self._ended_s = time.monotonic()
                self._probe_after()
                self._join_traffic()
                if inputs:  # after the last file was read, and before `provision: down`, which may clean up
                    self._add(input_changes=inputs.changes())
        except ProvisionError as error:
            self._add(provision_error=self.masker.text(error.what))
        except Interrupted:
            self._add(interrupted=True)

    def write_evidence(self, started: str, ended: str) -> None:
        """Write what the verdict will be judged from and no file has yet: the run can be judged again from its folder.
        """
        if self.evidence.platform:  # an interrupted run has versions that it did not write
            self._write_platform_file()
        results = tuple(stage_records(self.evidence, self._stages, self._guard))
        evidence = replace(self.evidence, plugin_faults=tuple(self._guard.faults))
        document = evidence_document(self.request, evidence, results, self._traffic.gathered, self.masker,
                                     mail_problem=self._caught.problem,
                                     started=started, ended=ended)
        write_evidence(self.request.run_folder, document, self.masker)

    def _probe_before(self) -> None:
        self._add(platform=PlatformEvidence(before=self._probe()))
        self._write_platform_file()

    def _probe_after(self) -> None:
        if self.evidence.platform:
            self._add(platform=replace(self.evidence.platform, after=self._probe()))
            self._write_platform_file()

    def _run_stages_while_sampling(self) -> None:
        versions: set[Version] = set()
        try:
            with sampled_versions(self.request.environment.services, self.masker) as versions:
                self._run_stages()
        finally:
            if self.evidence.platform:
                during = tuple(sorted(versions, key=repr))
                self._add(platform=replace(self.evidence.platform, during=during))

    def _probe(self) -> tuple[Probe, ...]:
        return probe_environment(self.request.environment, {
            name: self._guarded(probe) for name, probe in self.extensions.probes.items()}, self.masker)

    def _guarded(self, probe: Extension[ServiceProbe]) -> ServiceProbe:
        """If the plug-in fails, the earlier result for the service holds, or that it did not answer."""
        def probe_service(name: str, service: Service) -> Probe:
            result = self._guard.call(probe.registered, f"probing {name}", lambda: probe.target(name, service), Probe)
            before = self.evidence.platform.before if self.evidence.platform else ()
            earlier = next((each for each in before if each.component == name), Probe(name, service.url, None))
            return result or earlier
        return probe_service

    def _run_stages(self) -> None:
        """Run the stages in order. Each is prepared while the one before it runs, and closed when it ends."""
        blocking = [finding for finding in judge_platform(self.evidence)
                    if finding.severity is Severity.INCONCLUSIVE and finding.rule != "environment-not-probed-after"]
        if blocking:
            self._add(skipped={stage: StageSkipped("unfit", blocking[0].rule) for stage in self.request.stages})
            return
        prepared: dict[str, ExitStack] = {}
        with ExitStack() as all_stages:
            for stage, following in zip(self.request.stages, (*self.request.stages[1:], ""), strict=True):
                for each in (stage, following):
                    if each in self._stages and each not in prepared:
                        prepared[each] = all_stages.enter_context(ExitStack())
                        self._prepare(each, prepared[each])
                if stage not in self._stages:
                    continue
                with prepared[stage]:
                    self._run_stage(stage, self._stages[stage])

    def _prepare(self, name: str, opened: ExitStack) -> None:
        block = self._blocks[name]
        if block is not None:
            opened.enter_context(self._guard.within(self._stages[name].registered, "prepare", block))

    def _run_stage(self, name: str, stage: Extension[Stage]) -> None:
        if stage.target.skipped_when_stopped and not self.request.keep_going and self._is_stopped_before(name):
            self._add(skipped={**self.evidence.skipped, name: StageSkipped("stopped")})
            return
        result = self._guard.call(stage.registered, "run", lambda: stage.target.run(self._run), StageResult)
        if result is not None:
            self._add(results={**self.evidence.results, name: self._masked(result)})

    def _is_stopped_before(self, stage: str) -> bool:
        earlier = self.request.stages[:self.request.stages.index(stage)]
        so_far = replace(self.evidence, stages=earlier)
        return is_stopped(self.judges.judge(so_far, self.request.environment).findings)

    def _join_traffic(self) -> None:
        """Join the exchanges and traces, after the last request."""
        documents = documents_of(self.request.environment, self.runtime)
        write_contracts(self.request.run_folder, documents, self.masker)
        context = AnalysisContext.with_documents(self.request.environment, documents)
        stages = [stage for stage, _ in self.evidence.evidence(ScenarioResults)]
        window = next((result.load_window for result in self.evidence.results.values() if result.load_window), None)
        recorded = self._traffic.recorded(stages, tuple(self.evidence.scenarios), context.parties, window,
                                          self._ended_s, probed=probed_exchanges(self.evidence, context.parties))
        wire, self.traffic_baseline = join(recorded, context, self._last_traffic)
        environment, started_s = self.request.environment, seconds_of(self.started)
        records = read_records(recorded.scenarios, self.request.run_folder)
        if environment.evidence.outside:
            self._caught = catch_mails(records, recorded, environment, self.request.run_folder, self.masker,
                                       baseline=self._last_outside, started_s=started_s)
        seen = seen_of(records, recorded, self._caught, context, environment, started_s=started_s)
        if environment.evidence.outside:
            outside, self.outside_baseline = compare_outside(seen, context.endpoints, self._last_outside,
                                                             same_images=self._is_baseline_again)
            self._add(outside=outside)
        invariants, self.rules_baseline = invariants_of(
            seen, context, self._run.plan, console=recorded.console, calls=wire.calls,
            baseline=self._last_rules, same_images=self._is_baseline_again)
        self._add(invariants=invariants)
        self.evidence = with_searched(self.evidence, recorded, context)
        results = dict(self.evidence.results)
        for stage, scenario_results in self.evidence.evidence(ScenarioResults):
            scenarios = with_errors(with_calls(scenario_results.scenarios, wire, self.request.run_folder, self.masker),
                                    self.evidence.errors, self.request.run_folder, self.masker)
            results[stage] = replace(results[stage], evidence=replace(scenario_results, scenarios=scenarios))
        self._add(wire=wire, results=results)

    def _masked(self, result: StageResult) -> StageResult:
        return replace(result, processes=tuple(replace(end, detail=self.masker.text(end.detail))
                                               for end in result.processes))

    def _add(self, **changes: object) -> None:
        self.evidence = replace(self.evidence, **changes)  # type: ignore[arg-type]

    def _write_platform_file(self) -> None:
        write_json(self.request.run_folder / "platform.json", asdict(self.evidence.platform),  # type: ignore[arg-type]
                   self.masker)


def _with_masked_names(request: Request, masker: Masker) -> Request:
    """Return `request` with masked names of journeys, as the records that name them are masked."""
    journeys = masker.document(request.environment.mandatory_journeys)
    return replace(request, environment=request.environment.model_copy(update={"mandatory_journeys": journeys}))


def _write_run_file(request: Request, started: str, masker: Masker) -> None:
    write_json(request.run_folder / "run.json", {
        "schema": 1, "run": request.run_folder.name, "environment": request.environment_name, "started": started,
        "gonogo": __version__, "argv": list(request.argv), "stages": list(request.stages), "partial": request.partial,
        "tags": list(request.options.tags),
        "inputs": dict(request.inputs.before.files) if request.inputs else {}}, masker)

