"""The platform and behaviour stages: behave as a child process, its record read back."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from gonogo.config.features import StandingScenario, feature_paths, standing_scenarios
from gonogo.model.progress import Progress, Watcher
from gonogo.model.run import StageRun
from gonogo.model.scenarios import Scenario, ScenarioEvidence
from gonogo.records.messages import MESSAGES_FILE, read_messages
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.stages.child import Child

LOG_FILE = "behave.log"
# Named here as well as in behave.ini: without it behave's own would run, and leave no evidence at all.
_RUNNER = "gonogo.suite:Runner"


def behave_command(paths: Sequence[str], *, environment_name: str, release: Path | None, tags: Sequence[str],
                   jobs: str, retries: int, max_failures: int | None = None, runner: str = _RUNNER) -> list[str]:
    """What runs the scenarios of `paths` that bear `tags` against an environment."""
    return [sys.executable, "-m", "behave", "--runner", runner, "-D", f"env={environment_name}",
            "-D", f"jobs={jobs}", "-D", f"retries={retries}", *(["-D", f"release={release}"] if release else []),
            *(["-D", f"max_failures={max_failures}"] if max_failures else []),
            *(f"--tags={expression}" for expression in tags), *paths]


@dataclass(slots=True)
class BehaveStage:
    """The features of `stage`. Within the block a child reads them and makes its workers ready; it begins with `run`.

    So what comes next is ready when what is before it is over. `release` is the release file that the features compare
    the environment with, where it is not release.yml. Without `tags` every scenario of the stage is asked for,
    whatever filters behave's own settings hold.
    """

    stage: str
    root: Path
    run_folder: Path
    environment_name: str
    release: Path | None
    tags: Sequence[str]
    jobs: str
    retries: int
    budget_s: float
    environ: Mapping[str, str]
    watcher: Watcher
    max_failures: int | None = None
    _child: Child = field(init=False)

    def __enter__(self) -> Self:
        command = behave_command(
            feature_paths(self.root, self.stage), environment_name=self.environment_name, release=self.release,
            tags=self.tags, jobs=self.jobs, retries=self.retries, max_failures=self.max_failures)
        self._child = Child(
            self.stage, command, cwd=self.root, log=self._folder / LOG_FILE, held=True,
            environ={**self.environ, "GONOGO_ENV": self.environment_name, "GONOGO_STAGE": self.stage,
                     "GONOGO_RUN_DIR": str(self.run_folder)})
        self._child.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._child.__exit__()

    def run(self) -> tuple[StageRun, ScenarioEvidence | None]:
        """Run them to their end; evidence is None where the child left no record at all."""
        record = self._folder / MESSAGES_FILE
        counter = _ScenarioCounter(self.stage, NdjsonTail(record))
        self.watcher.stage_started(self.stage, "scenarios")

        def look() -> None:
            if counter.count():
                self.watcher.progressed(counter.progress)

        run = self._child.run_to_its_end(self.budget_s, look)
        self.watcher.stage_ended(run, counter.progress)
        evidence = read_messages(record) if record.exists() else None
        if evidence is not None and not self.tags:
            standing = standing_scenarios(self.root, feature_paths(self.root, self.stage))
            evidence = replace(evidence, left_out=_left_out(evidence, standing))
        return run, evidence

    @property
    def _folder(self) -> Path:
        return self.run_folder / self.stage


def _left_out(evidence: ScenarioEvidence, standing: Iterable[StandingScenario]) -> tuple[Scenario, ...]:
    planned = {scenario.id for scenario in evidence.scenarios}
    return tuple(Scenario(each.id, each.id.name, "", each.line, tuple(tag.removeprefix("@") for tag in each.tags))
                 for each in standing if each.id not in planned)


@dataclass
class _ScenarioCounter:
    """Counts scenarios from Cucumber Messages as they are written."""

    stage: str
    tail: NdjsonTail
    planned: int = 0
    done: int = 0
    bad: set[str] = field(default_factory=set)
    failed: int = 0

    def count(self) -> bool:
        """Take in what is new; True where there was something."""
        seen = False
        for envelope in self.tail.new():
            seen = True
            self._take(envelope)
        return seen

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
