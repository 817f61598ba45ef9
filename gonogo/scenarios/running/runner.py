"""The runner for behave.ini: runs each scenario in a worker process, and sends the results to behave's formatters.

    behave -D env=preprod [-j N | -D jobs=auto] [-D retries=N] [-D max_failures=N]

If no scenario is executed (`--dry-run`, `--steps-catalog`), behave's own runner does the work.
"""

# behave is not typed
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from behave.configuration import Configuration
from behave.formatter._registry import make_formatters
from behave.formatter.base import StreamOpener
from behave.model import Feature, Scenario
from behave.model_type import FileLocation
from behave.runner import (  # type: ignore[attr-defined]
    Context,
    ModelRunner,
    Runner,
    the_step_registry,
)
from behave.runner_util import parse_features, print_undefined_step_snippets

from gonogo.config import Environment, RunPlan
from gonogo.core.errors import GonogoError, UsageError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.interpreter import refuse_optimization
from gonogo.core.network import use_proxy
from gonogo.core.numbers import whole_number
from gonogo.core.prestart import must_wait, read_plan_line, wait_to_begin
from gonogo.core.signals import raising
from gonogo.core.streams import flush_standard_streams, lasting, tolerate_poor_streams
from gonogo.core.text import printable_lines
from gonogo.environment.provisioning import provisioned
from gonogo.records.messages import read_messages
from gonogo.records.run_folder import new_run_folder
from gonogo.scenarios.running.closing import closing_line, exit_code_of
from gonogo.scenarios.running.gherkin_files import GherkinFiles
from gonogo.scenarios.running.guarded_formatters import Guarded
from gonogo.scenarios.running.model_copy import packed
from gonogo.scenarios.running.plan import Job, Plan, fastest_coverage_first, longest_first
from gonogo.scenarios.running.pool import PoolSettings, WorkerPool, import_ahead
from gonogo.scenarios.running.replay import replay
from gonogo.scenarios.running.run_record import RunRecord
from gonogo.scenarios.running.selection import place_of, refuse_writes, selected, suite_errors
from gonogo.scenarios.running.settings import EVIDENCE, PRIVATE, plan_of
from gonogo.scenarios.running.step_definitions import StepDefinitions
from gonogo.scenarios.running.worker import WorkerSetup, shared_config
from gonogo.secrets.handover import SecretsSender
from gonogo.secrets.masking import Masker, masker_for

if TYPE_CHECKING:
    from gonogo.history import KnownScenarios


class GonogoRunner(Runner):
    """behave's runner with worker processes for the scenarios.

    `run` returns False if all scenarios passed, True if one failed; any other result ends the
    process with its exit code (see `gonogo.core.exit_codes`).
    """

    def __init__(self, config: Configuration) -> None:
        _tolerate_poor_streams(config)  # before behave prints the runner's name
        super().__init__(config)

    def run(self) -> bool:
        if self.config.dry_run:
            return bool(super().run())
        self._waits_for_begin = must_wait(os.environ)
        self._secrets_to = SecretsSender.inherited(os.environ)
        self._masker = masker_for(None, os.environ)
        import_ahead()
        try:
            refuse_optimization()
            self._run_plan = self._received_plan()
            with suite_errors():
                self.setup_paths()
            with self.path_manager:
                code = self._run_selected()
        except GonogoError as error:
            self._print(str(error))
            code = error.exit_code
        except KeyboardInterrupt:
            self._print("interrupted: the run has no result")
            code = ExitCode.INTERRUPTED
        except (Exception, SystemExit) as error:  # noqa: BLE001  behave would end with 1, which is NO-GO
            self._print(f"the run cannot go on: {type(error).__name__}: {error} ({place_of(error)})")
            code = ExitCode.INCONCLUSIVE
        if code in (ExitCode.GO, ExitCode.NO_GO):
            return code is not ExitCode.GO
        if self.config.show_snippets and self.undefined_steps:
            print_undefined_step_snippets(self.undefined_steps, colored=self.config.has_colored_mode())
        sys.exit(code)  # behave itself only uses 0 and 1

    def _received_plan(self) -> RunPlan:
        """The plan from the gate; without the gate, a plan made here."""
        line = read_plan_line(os.environ)
        plan = plan_of(self.config.userdata, self._root, os.environ) if line is None else RunPlan.unsealed(line)
        self._record_key = plan.record_key or secrets.token_hex(16)
        return replace(plan, record_key="")  # workers get the plan, and must not know the key

    def _run_selected(self) -> ExitCode:
        root, environ = self._root, dict(os.environ)
        name, environment = self._run_plan.environment_name, self._run_plan.environment
        use_proxy(os.environ, *environment.proxy_settings)
        self._masker = masker = masker_for(environment, os.environ)
        with suite_errors():
            features = self._load_suite()
        files = GherkinFiles()
        chosen = selected(features, self.config, files)
        if not environment.permits.writes:
            refuse_writes([job for job, _ in chosen], name)
        settings = _pool_settings(environment, self.config.userdata, self.config.jobs, stop=self.config.stop)
        evidence = _evidence_folder(root, os.environ)
        with raising(KeyboardInterrupt):
            self._known = self._known_scenarios(settings)
            if self._waits_for_begin and not wait_to_begin():
                raise KeyboardInterrupt
            with provisioned(environment, name, root, environ, on_progress=self._print) if chosen else nullcontext():
                record = RunRecord(evidence, files, masker, StepDefinitions(the_step_registry, chosen),
                                   self._record_key, secrets_to=self._secrets_to)
                self._guard_formatters(record)
                return self._execute(features, chosen, environment, settings, record)

    def _load_steps(self) -> None:
        self.context = Context(self)
        self.load_hooks()
        self.hooks = {}  # workers run them; environment.py is loaded here because it can set step matchers
        self.load_step_definitions()

    def _locations(self) -> list[FileLocation]:
        return [location for location in self.feature_locations() if not self.config.exclude(location)]

    def _load_suite(self) -> list[Feature]:
        self._load_steps()
        self.features.extend(parse_features(self._locations(), language=self.config.lang))
        self.formatters = make_formatters(self.config, self.config.outputs)
        return list(self.features)

    def _guard_formatters(self, record: RunRecord) -> None:
        self.formatters = [Guarded(each, record.fault) for each in self.formatters]
        self.config.reporters = [Guarded(each, record.fault) for each in self.config.reporters]

    def _execute(self, features: list[Feature], chosen: list[tuple[Job, Scenario]], environment: Environment,
                 settings: PoolSettings, record: RunRecord) -> ExitCode:
        evidence = record.path.parent
        with contextlib.closing(record), tempfile.TemporaryDirectory(prefix="gonogo-") as private:
            plan = self._plan([job for job, _ in chosen], record, settings)
            setup = WorkerSetup(shared_config(self.config, {EVIDENCE: str(evidence), PRIVATE: private}),
                                packed(features), self._run_plan, self._masker, mark=secrets.token_hex(8))
            pool = WorkerPool(plan, setup, settings, record)
            try:
                pool.start()
                self._run_through(pool, features, chosen)
                if self.interrupted:
                    raise KeyboardInterrupt
                pool.close()
            finally:
                pool.interrupt()
            record.check()
            results = read_messages(record.path)
            code = exit_code_of(results, flaky_blocks=environment.retries.flaky == "block")
            if chosen and not results.scenarios:
                code = ExitCode.INCONCLUSIVE
            record.end(success=code is ExitCode.GO)
        for fault in results.faults:
            self._print(fault)
        self._print(closing_line(results, os.path.relpath(evidence)))
        if code is ExitCode.USAGE:
            raise UsageError("No scenario was selected.", fix="change --tags, --name or the paths.")
        return code

    def _plan(self, jobs: list[Job], record: RunRecord, settings: PoolSettings) -> Plan:
        record.begin_with_plan(jobs)
        return Plan(jobs if self._known is None else self._in_order(jobs, settings, self._known))

    def _run_through(self, pool: WorkerPool, features: list[Feature], chosen: list[tuple[Job, Scenario]]) -> None:
        """Have the pool run its plan, and send all results to behave's formatters."""
        for job, scenario in chosen:
            scenario.run = partial(_play, scenario, job, pool, self._masker)  # type: ignore[method-assign]
        self.run_model(features)

    def _known_scenarios(self, settings: PoolSettings) -> KnownScenarios | None:
        """The history of the scenarios; None if they run in the order of the features."""
        if self.config.stop or (settings.jobs == 1 and settings.max_failures is None):
            return None
        from gonogo.scenarios.running.known import known_scenarios  # noqa: PLC0415  a database library, rarely used

        return known_scenarios(self._root, self._run_plan.environment_name, os.environ, warn=self._print)

    def _in_order(self, jobs: list[Job], settings: PoolSettings, known: KnownScenarios) -> list[Job]:
        if settings.max_failures is None:
            return longest_first(jobs, known.seconds)
        return fastest_coverage_first(jobs, known.seconds, known.coverage, self._changed_since(known.images),
                                  settings.jobs)

    def _changed_since(self, images: Mapping[str, str]) -> frozenset[str]:
        """Components whose image differs from the baseline's; none if there is no baseline."""
        release = self._run_plan.release
        if not images or release is None:
            return frozenset()
        return frozenset(name for name, image in release.images.items() if images.get(name) != image)

    interrupted = False
    _waits_for_begin = False
    _run_plan: RunPlan
    _record_key: str
    _known: KnownScenarios | None = None

    @property
    def _root(self) -> Path:
        """The folder of steps/, environment.py and environments.yml."""
        return Path(self.base_dir or ".")

    def _print(self, text: str) -> None:
        # progress and errors go to stderr
        print(printable_lines(self._masker.text(text)), file=sys.stderr, flush=True)  # noqa: T201

    def abort(self, reason: str | None = None) -> None:
        self.interrupted = self.interrupted or reason == "KeyboardInterrupt"
        super().abort(reason)


def _tolerate_poor_streams(config: Configuration) -> None:
    """Let behave's formatters and reporters, which have stdout already, write to it whatever becomes of it."""
    tolerate_poor_streams()
    before = (sys.stdout, None)  # None if it was closed
    sys.stdout, sys.stderr = lasting(sys.stdout), lasting(sys.stderr)
    config.outputs = [StreamOpener(stream=sys.stdout) if each.name is None and each.stream in before else each
                      for each in config.outputs]
    for reporter in config.reporters:
        if getattr(reporter, "stream", "") in before:
            reporter.stream = sys.stdout
    atexit.register(flush_standard_streams)


def _play(scenario: Scenario, job: Job, pool: WorkerPool, masker: Masker, runner: ModelRunner) -> bool:
    """Replaces `Scenario.run`: the result comes from a worker."""
    attempt = pool.result(job.place)
    if attempt is None:
        runner.abort("scenarios were not executed: no worker was left")
        return False
    if attempt.finished is not None and len(attempt.finished.learned) > 0:
        # the events were masked before all secrets of the scenario were known
        attempt.events = [masker.document(event) for event in attempt.events]
    return replay(scenario, attempt, runner)


def _pool_settings(environment: Environment, userdata: Mapping[str, str], jobs: int, *, stop: bool) -> PoolSettings:
    requested = userdata.get("jobs", str(jobs))
    # browsers sometimes wait for the system: two more than there are cores keep all cores busy
    number = (os.cpu_count() or 1) + 2 if requested == "auto" else _number("jobs", requested, minimum=1)
    retries = _number("retries", userdata.get("retries", str(environment.retries.scenarios)), minimum=0)
    max_failures = _number("max_failures", userdata["max_failures"], minimum=1) if "max_failures" in userdata else None
    return PoolSettings(number, environment.budgets.scenario_s, retries, max_failures=1 if stop else max_failures)


def _number(name: str, text: str, *, minimum: int) -> int:
    number = whole_number(text, minimum=minimum)
    if number is None:
        auto = " or 'auto'" if name == "jobs" else ""
        raise UsageError(f"-D {name} must be an integer of {minimum} or more{auto}, got {text!r}.",
                         fix=f"use -D {name}=N.")
    return number


def _evidence_folder(root: Path, environ: Mapping[str, str]) -> Path:
    run_folder = environ.get("GONOGO_RUN_DIR")
    return (Path(run_folder) if run_folder else new_run_folder(root)) / environ.get("GONOGO_STAGE", "behaviour")
