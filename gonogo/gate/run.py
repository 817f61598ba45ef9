"""The gate: stages in order, evidence gathered, one verdict written last. What is judged, and how, is not here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from gonogo import __version__
from gonogo.config import ENVIRONMENTS_FILE, RELEASE_FILE, Environment, LoadProfile, load_release
from gonogo.config.features import feature_paths
from gonogo.core.errors import ProvisionError
from gonogo.core.runtime import Interrupted, Outside
from gonogo.environment.probes import probe_environment
from gonogo.environment.provisioning import provisioned
from gonogo.history import History, LastGo, LastPromoted
from gonogo.model.findings import Severity
from gonogo.model.progress import Watcher
from gonogo.model.rules.gate import StageSkipped
from gonogo.model.run import PlatformEvidence, RunEvidence, StageRun
from gonogo.model.verdict import Answer, Verdict
from gonogo.records.load_baseline import baseline_document, baselines_of
from gonogo.records.run_folder import VERDICT_FILE, point_latest_at, write_json, write_whole
from gonogo.report.calls_file import with_calls
from gonogo.report.html import REPORT_FILE, render_html
from gonogo.report.junit import JUNIT_FILE, render_junit
from gonogo.report.verdict_document import verdict_document
from gonogo.secrets.masking import Redactor, redactor_for
from gonogo.stages.behave_stage import BehaveStage
from gonogo.stages.load.journeys import JourneysBeside
from gonogo.stages.load.load_stage import LoadStage
from gonogo.traffic.analysis import Account, Means, join
from gonogo.traffic.collection import Traffic
from gonogo.verdict.judge import judge
from gonogo.verdict.rules.platform import judge_platform

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for. `release_file` None means `release.yml`, where one stands."""

    environment_name: str
    environment: Environment
    run_folder: Path
    stages: tuple[str, ...]
    partial: bool = False
    tags: tuple[str, ...] = ()
    jobs: str = "auto"
    release_file: Path | None = None
    keep_going: bool = False
    max_failures: int | None = None
    argv: tuple[str, ...] = ()


def run_gate(request: Request, outside: Outside, watcher: Watcher) -> Verdict:
    """Run the stages, judge what they left, write the run folder; the verdict file comes last, in one step.

    On Interrupted everything that was started is ended, and the verdict has the rule `interrupted` among
    its reasons (it cannot be GO); the exit code is the command line's concern.
    """
    started = outside.now().isoformat(timespec="seconds")
    _write_run_file(request, outside, started)
    point_latest_at(request.run_folder)  # already now: were this run killed, the last one's GO would be read for it
    gate = _Gate(request, outside, watcher)
    environment = request.environment_name
    known = _with_history(outside, watcher,
                          lambda history: (history.last_go(environment), history.last_promoted(environment)))
    gate.remember(*(known or (None, None)))
    gate.run()
    verdict = judge(gate.evidence, request.environment)
    ended = outside.now().isoformat(timespec="seconds")
    document = verdict_document(gate.evidence, verdict, started=started, ended=ended).as_json()
    folder = request.run_folder
    write_whole(folder / REPORT_FILE, render_html(document, verdict, gate.evidence, request.environment, folder))
    write_whole(folder / JUNIT_FILE, render_junit(gate.evidence, verdict))
    write_json(folder / VERDICT_FILE, document)
    _with_history(outside, watcher, lambda history: _record(gate, verdict, started, history))
    return verdict


@dataclass(slots=True)
class _Gate:
    """One run of the stages; `evidence` is complete at every moment, whatever comes next.

    `account` is what a later run is compared with, None where the stages were not gone through.
    """

    request: Request
    outside: Outside
    watcher: Watcher
    evidence: RunEvidence = field(init=False)
    account: Account | None = field(init=False, default=None)
    _traffic: Traffic = field(init=False)
    _last_account: Account | None = field(init=False, default=None)
    _load_s: tuple[float, float] | None = field(init=False, default=None)
    _ended_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        request = self.request
        self._traffic = Traffic(request.environment, self.outside.root, request.run_folder,
                                redactor_for(request.environment, self.outside.environ))
        self.evidence = RunEvidence(
            run=request.run_folder.name, environment=request.environment_name, stages=request.stages,
            partial=request.partial, tags=request.tags,
            platform_features=bool(feature_paths(self.outside.root, "platform")))

    def remember(self, last_go: LastGo | None, last_promoted: LastPromoted | None) -> None:
        """What this run is to be compared with."""
        if last_go is not None:
            self._add(last_go=last_go.images)
            self._last_account = Account.from_document(last_go.wire)
        if last_promoted is not None:
            self._add(load_baselines=baselines_of(last_promoted.run, last_promoted.load))

    def run(self) -> None:
        request = self.request
        environ = {**self.outside.environ, **self._traffic.variables}
        try:
            with self._traffic.listening(), provisioned(request.environment, request.environment_name,
                                                        self.outside.root, environ, told=self.watcher.told):
                self._read_release()
                self._look_before()
                self._run_stages()
                self._ended_s = time.monotonic()
                self._look_after()
                self._join_traffic()
        except ProvisionError as error:
            self._add(provision_error=error.what)
        except Interrupted:
            self._add(interrupted=True)

    def _read_release(self) -> None:
        path = self.request.release_file or self.outside.root / RELEASE_FILE
        if self.request.release_file is not None or path.exists():
            release = load_release(path)
            self._add(release=release.images, release_configs=release.configs)

    def _look_before(self) -> None:
        self._add(platform=PlatformEvidence(before=probe_environment(self.request.environment)))
        self._write_platform_file()

    def _look_after(self) -> None:
        if self.evidence.platform:
            self._add(platform=replace(self.evidence.platform, after=probe_environment(self.request.environment)))
            self._write_platform_file()

    def _run_stages(self) -> None:
        unfit = [finding for finding in judge_platform(self.evidence)
                 if finding.severity is Severity.INCONCLUSIVE and finding.rule != "environment-not-probed-after"]
        with ExitStack() as opened:
            ready = {stage: opened.enter_context(self._behave_stage(stage)) for stage in self.request.stages
                     if stage != "load" and not unfit and (stage != "platform" or self.evidence.platform_features)}
            loads = self._load_stages()
            for stage, following in zip(self.request.stages, (*self.request.stages[1:], ""), strict=True):
                if following == "load" and not unfit:
                    for first in loads[:1]:  # is made ready while the stage before it runs
                        opened.enter_context(first)
                if unfit:
                    self._skip(stage, StageSkipped("unfit", unfit[0].rule))
                elif stage in ready:
                    self._run_behave(ready[stage])
                elif stage == "load" and self._already_stopped() and not self.request.keep_going:
                    self._skip(stage, StageSkipped("stopped"))
                elif stage == "load":
                    self._run_load(loads, opened)

    def _behave_stage(self, stage: str) -> BehaveStage:
        request, budgets = self.request, self.request.environment.budgets
        return BehaveStage(
            stage, root=self.outside.root, run_folder=request.run_folder, environment_name=request.environment_name,
            release=request.release_file, tags=request.tags, jobs=request.jobs, environ=self.outside.environ,
            watcher=self.watcher, retries=request.environment.retries.scenarios, max_failures=request.max_failures,
            budget_s=budgets.platform_s if stage == "platform" else budgets.behaviour_s)

    def _run_behave(self, stage: BehaveStage) -> None:
        run, scenarios = stage.run()
        self._add_run(run)
        self._add(**{"platform_scenarios" if stage.stage == "platform" else "behaviour": scenarios})

    def _join_traffic(self) -> None:
        """What the exchanges and traces say, once nothing more is sent."""
        found = [self.evidence.platform_scenarios, self.evidence.behaviour]
        scenarios = [scenario for evidence in found if evidence for scenario in evidence.scenarios]
        means = Means.of(self.request.environment, self.outside.root)
        wire, self.account = join(self._traffic.recorded(scenarios, means.parties, self._load_s, self._ended_s),
                                  means, self._last_account)
        self._add(wire=wire, **{name: with_calls(getattr(self.evidence, name), wire, self.request.run_folder)
                                for name in ("platform_scenarios", "behaviour")})

    def _load_stages(self) -> list[LoadStage]:
        request, load = self.request, self.request.environment.load
        return [LoadStage(name, load.profiles[name], root=self.outside.root, run_folder=request.run_folder,
                          environment_name=request.environment_name, environ=self.outside.environ,
                          watcher=self.watcher) for name in load.run] if load else []

    def _run_load(self, stages: Iterable[LoadStage], opened: ExitStack) -> None:
        """One profile after the other; what is not ready yet is made so when it is its turn."""
        began_s = self.outside.now().timestamp()
        for stage in stages:
            if not stage.is_ready:
                opened.enter_context(stage)
            run, found = stage.run(self._journeys(stage.name, stage.profile))
            self._add_run(run)
            self._add(load=(*self.evidence.load, found))
        self._load_s = (began_s, self.outside.now().timestamp())

    def _journeys(self, name: str, profile: LoadProfile) -> JourneysBeside | None:
        request = self.request
        if profile.journeys is None:
            return None
        return JourneysBeside(
            name, profile, root=self.outside.root, run_folder=request.run_folder, release=request.release_file,
            environment_name=request.environment_name, environ=self.outside.environ,
            scenario_s=request.environment.budgets.scenario_s)

    def _already_stopped(self) -> bool:
        so_far = judge(replace(self.evidence, stages=tuple(name for name in self.evidence.stages if name != "load")),
                       self.request.environment)
        return any(finding.severity is Severity.BLOCK for finding in so_far.findings)

    def _skip(self, stage: str, why: StageSkipped) -> None:
        self._add(skipped={**self.evidence.skipped, stage: why})

    def _add_run(self, run: StageRun) -> None:
        detail = Redactor(self.outside.environ).text(run.detail)
        self._add(stage_runs=(*self.evidence.stage_runs, replace(run, detail=detail)))

    def _add(self, **changes: object) -> None:
        self.evidence = replace(self.evidence, **changes)  # type: ignore[arg-type]

    def _write_platform_file(self) -> None:
        write_json(self.request.run_folder / "platform.json", asdict(self.evidence.platform))  # type: ignore[arg-type]


def _write_run_file(request: Request, outside: Outside, started: str) -> None:
    inputs = [path for name in (ENVIRONMENTS_FILE, RELEASE_FILE) if (path := outside.root / name).is_file()]
    for folder in ("features", "steps", "load"):
        inputs += sorted(path for path in (outside.root / folder).rglob("*")
                         if path.suffix in (".feature", ".py") and path.is_file())
    write_json(request.run_folder / "run.json", {
        "schema": 1, "run": request.run_folder.name, "environment": request.environment_name, "started": started,
        "gonogo": __version__, "argv": list(request.argv), "stages": list(request.stages), "partial": request.partial,
        "tags": list(request.tags), "inputs": _digests(inputs, outside.root)})


def _digests(paths: Sequence[Path], root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths}


def _with_history(outside: Outside, watcher: Watcher, use: Callable[[History], Found]) -> Found | None:
    """Read or write the history. It serves comparison and speed; this run's verdict stands without it."""
    try:
        history = History.open(outside.root, outside.environ)
        try:
            return use(history)
        finally:
            history.close()
    except SQLAlchemyError as error:
        watcher.told(f"the history cannot be used ({error.__class__.__name__}); the verdict stands without it")
        return None


def _record(gate: _Gate, verdict: Verdict, started: str, history: History) -> None:
    evidence = gate.evidence
    scenarios = [scenario for found in (evidence.platform_scenarios, evidence.behaviour) if found
                 for scenario in found.scenarios if scenario.passed]
    history.record_run(evidence.run, evidence.environment, verdict.answer, started, evidence.release)
    if verdict.answer is Answer.GO and gate.account is not None:
        met = gate.account.met
        history.record_wire(evidence.run, gate.account.as_document(),
                            {scenario.key: met.get(scenario.key, frozenset()) for scenario in scenarios})
    if verdict.answer is Answer.GO:
        history.record_load(evidence.run, {found.profile: baseline_document(found) for found in evidence.load})
    history.record_durations({scenario.key: scenario.attempts[-1].duration_s for scenario in scenarios})
