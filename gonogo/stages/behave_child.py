"""Runs behave as a child process and reads its record. The stages select and judge the scenarios."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Self

from gonogo.config.features import DeclaredScenario, feature_paths, read_stage
from gonogo.model.progress import Progress
from gonogo.model.scenarios import Scenario, ScenarioEvidence
from gonogo.model.stages import ProcessEnd
from gonogo.records.messages import MESSAGES_FILE, read_messages
from gonogo.records.ndjson_tail import MALFORMED, NdjsonTail
from gonogo.stages.child import Child
from gonogo.stages.reading import evidence_or_none
from gonogo.stages.stage import Run

LOG_FILE = "behave.log"
# Also set here, not only in behave.ini: behave's own runner would leave no evidence.
_RUNNER = "gonogo.suite:Runner"


def behave_command(paths: Sequence[str], *, environment_name: str, tags: Sequence[str], jobs: str, retries: int,
                   max_failures: int | None = None, runner: str = _RUNNER) -> list[str]:
    """Return the command that runs the scenarios of `paths` with `tags` against an environment."""
    return [sys.executable, "-m", "behave", "--runner", runner, "-D", f"env={environment_name}",
            "-D", f"jobs={jobs}", "-D", f"retries={retries}",
            *(["-D", f"max_failures={max_failures}"] if max_failures else []),
            *(f"--tags={expression}" for expression in tags), *paths]


class BehaveChild:
    """Runs the features of `stage`. In the `with` block a child reads them and prepares its workers; `run` starts it.

    Without tags every scenario of the stage is requested, also those that behave's own settings exclude.
    """

    def __init__(self, stage: str, run: Run, *, budget_s: float) -> None:
        options, environment = run.options, run.environment
        self._stage = stage
        self._run = run
        self._budget_s = budget_s
        self._folder = run.run_folder / stage
        self._key = secrets.token_hex(16)
        command = behave_command(
            feature_paths(run.root, stage), environment_name=run.environment_name, tags=options.tags,
            jobs=options.jobs, retries=environment.retries.scenarios, max_failures=options.max_failures)
        self._child = Child(
            command, cwd=run.root, log=self._folder / LOG_FILE, run_folder=run.run_folder, masker=run.masker,
            plan=replace(run.plan, record_key=self._key), waits=True,
            environ={**run.environ, "GONOGO_ENV": run.environment_name, "GONOGO_STAGE": stage,
                     "GONOGO_RUN_DIR": str(run.run_folder)})

    def __enter__(self) -> Self:
        self._child.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._child.__exit__()

    def run(self) -> tuple[ProcessEnd, ScenarioEvidence | None]:
        """Run the scenarios to their end. The evidence is None if the child left no record, or a damaged one."""
        record, watcher, root = self._folder / MESSAGES_FILE, self._run.watcher, self._run.root
        counter = _ScenarioCounter(self._stage, NdjsonTail(record))
        watcher.stage_started(self._stage, "scenarios")

        def on_poll() -> None:
            if counter.count():
                watcher.progressed(counter.progress)

        end = self._child.run_to_its_end(self._budget_s, on_poll)
        watcher.stage_ended(self._stage, end, counter.progress)
        evidence = evidence_or_none(lambda: read_messages(record, self._key), watcher) if record.exists() else None
        if evidence is not None and not self._run.options.tags:
            declared, empty = read_stage(root, self._stage)
            # the record has masked names
            evidence = replace(evidence, left_out=_left_out(evidence, map(self._run.masker.document, declared)),
                               empty=tuple(map(self._run.masker.document, empty)))
        return end, evidence


def _left_out(evidence: ScenarioEvidence, declared: Iterable[DeclaredScenario]) -> tuple[Scenario, ...]:
    planned = {scenario.id for scenario in evidence.scenarios}
    return tuple(Scenario(each.id, each.id.name, "", each.line, tuple(tag.removeprefix("@") for tag in each.tags))
                 for each in declared if each.id not in planned)


@dataclass
class _ScenarioCounter:
    """Counts scenarios in Cucumber Messages while they are written."""

    stage: str
    tail: NdjsonTail
    planned: int = 0
    done: int = 0
    bad: set[str] = field(default_factory=set)
    failed: int = 0

    def count(self) -> bool:
        """Count new messages; return whether there were any."""
        is_changed = False
        for envelope in self.tail.new():
            is_changed = True
            with suppress(*MALFORMED):
                self._take(envelope)
        return is_changed

    def _take(self, envelope: Mapping[str, object]) -> None:
        if "testCase" in envelope:
            self.planned += 1
        elif isinstance(step := envelope.get("testStepFinished"), dict):
            if step["testStepResult"]["status"] not in ("PASSED", "SKIPPED"):
                self.bad.add(step["testCaseStartedId"])
        elif isinstance(case := envelope.get("testCaseFinished"), dict) and not case.get("willBeRetried"):
            self.done += 1
            self.failed += case["testCaseStartedId"] in self.bad

    @property
    def progress(self) -> Progress:
        return Progress(self.stage, self.done, self.planned, self.failed)
