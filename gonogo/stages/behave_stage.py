"""The platform and behaviour stages: behave as a child process, its record read back."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gonogo.evidence.messages import MESSAGES_FILE, read_messages
from gonogo.evidence.model import ScenarioEvidence, StageRun
from gonogo.stages.child import run_child
from gonogo.stages.feature_files import standing_scenarios
from gonogo.stages.ndjson_tail import NdjsonTail
from gonogo.stages.watching import Progress, Watcher

LOG_FILE = "behave.log"
# Named here as well as in behave.ini: without it behave's own would run, and leave no evidence at all.
_RUNNER = "gonogo.behave_plugin.runner:GonogoRunner"
_FEATURES = "features"
_PLATFORM = "platform"


def feature_paths(root: Path, stage: str) -> list[str]:
    """What behave is given for `stage`: features/platform for the platform, everything else for behaviour."""
    features = root / _FEATURES
    if stage == _PLATFORM:
        return [f"{_FEATURES}/{_PLATFORM}"] if any((features / _PLATFORM).rglob("*.feature")) else []
    folders = sorted(entry.name for entry in features.iterdir()) if features.is_dir() else []
    return [f"{_FEATURES}/{name}" for name in folders if name != _PLATFORM
            and (name.endswith(".feature") or any((features / name).rglob("*.feature")))]


def behave_command(paths: Sequence[str], *, environment_name: str, release: Path | None, tags: Sequence[str],
                   jobs: str, retries: int, max_failures: int | None = None, runner: str = _RUNNER) -> list[str]:
    """What runs the scenarios of `paths` that bear `tags` against an environment."""
    return [sys.executable, "-m", "behave", "--runner", runner, "-D", f"env={environment_name}",
            "-D", f"jobs={jobs}", "-D", f"retries={retries}", *(["-D", f"release={release}"] if release else []),
            *(["-D", f"max_failures={max_failures}"] if max_failures else []),
            *(f"--tags={expression}" for expression in tags), *paths]


def run_behave_stage(stage: str, *, root: Path, run_folder: Path, environment_name: str, release: Path | None,
                     tags: Sequence[str], jobs: str, retries: int, budget_s: float, environ: Mapping[str, str],
                     watcher: Watcher, max_failures: int | None = None) -> tuple[StageRun, ScenarioEvidence | None]:
    """Run the features of `stage`; evidence is None where the child left no record at all.

    `release` is the release file that the features compare the environment with, where it is not release.yml.
    Without `tags` every scenario of the stage is asked for, whatever filters behave's own settings hold.
    """
    folder = run_folder / stage
    paths = feature_paths(root, stage)
    command = behave_command(paths, environment_name=environment_name, release=release, tags=tags, jobs=jobs,
                             retries=retries, max_failures=max_failures)
    counter = _ScenarioCounter(stage, NdjsonTail(folder / MESSAGES_FILE))
    watcher.stage_started(stage, "scenarios")

    def look() -> None:
        if counter.count():
            watcher.progressed(counter.progress)

    run = run_child(stage, command, cwd=root, log=folder / LOG_FILE, budget_s=budget_s, look=look,
                    environ={**environ, "GONOGO_ENV": environment_name, "GONOGO_STAGE": stage,
                             "GONOGO_RUN_DIR": str(run_folder)})
    watcher.stage_ended(run, counter.progress)
    record = folder / MESSAGES_FILE
    if not record.exists():
        return run, None
    evidence = read_messages(record)
    return run, evidence if tags else replace(evidence, left_out=_left_out(evidence, standing_scenarios(root, paths)))


def _left_out(evidence: ScenarioEvidence, standing: Mapping[str, str]) -> tuple[str, ...]:
    planned = {scenario.location for scenario in evidence.scenarios}
    return tuple(f"{name} ({location})" for location, name in standing.items() if location not in planned)


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
