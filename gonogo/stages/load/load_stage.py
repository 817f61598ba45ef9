"""The load stage: Locust as a child process, one profile after the other, its record read back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from gonogo.config import LoadProfile
from gonogo.model.load import LoadEvidence
from gonogo.model.progress import Progress, Watcher
from gonogo.model.run import StageRun
from gonogo.records.load_reader import read_load_evidence
from gonogo.records.load_record import SAMPLES_FILE
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.stages.child import Child
from gonogo.stages.load.journeys import JourneysBeside

LOG_FILE = "locust.log"
_START_AND_END_S = 45.0  # Locust's own start, its users' last requests, the writing of its record


@dataclass(slots=True)
class LoadStage:
    """One profile. Within the block a child imports Locust and the profile's files; load is put on with `run`."""

    name: str
    profile: LoadProfile
    root: Path
    run_folder: Path
    environment_name: str
    environ: Mapping[str, str]
    watcher: Watcher
    is_ready: bool = field(init=False, default=False)
    _child: Child = field(init=False)

    def __enter__(self) -> Self:
        self.is_ready = True
        command = [sys.executable, "-m", "locust", "-f", "load/", "--headless", "--env", self.environment_name,
                   "--profile", self.name]
        self._child = Child(
            "load", command, cwd=self.root, log=self._folder / LOG_FILE, held=True,
            environ={**self.environ, "GONOGO_ENV": self.environment_name, "GONOGO_PROFILE": self.name,
                     "GONOGO_RUN_DIR": str(self.run_folder)})
        self._child.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._child.__exit__()

    def run(self, journeys: JourneysBeside | None = None) -> tuple[StageRun, LoadEvidence]:
        """Run it to its end, and `journeys` beside it; without a record the evidence is empty and not finished."""
        counter = _RequestCounter(self.name, self.profile, NdjsonTail(self._folder / SAMPLES_FILE))
        self.watcher.stage_started("load", f"profile {self.name}: {_size_of(self.profile)} for "
                                           f"{self.profile.duration_s:g} s")

        def look() -> None:
            if counter.count():
                self.watcher.progressed(counter.progress)
            if journeys:
                journeys.look()

        with journeys or nullcontext():
            run = self._child.run_to_its_end(_most_s(self.profile) + _START_AND_END_S, look)
            self.watcher.stage_ended(run, counter.progress)
            found = read_load_evidence(self._folder)
            if journeys:
                # a load that gave up on its objectives, or found its knee, has ended as it should
                journeys.load_ended(in_order=found.finished or bool(found.aborted) or found.knee_passed)
        return run, replace(found, journeys=journeys.evidence(found.sent_s)) if journeys else found

    @property
    def _folder(self) -> Path:
        return self.run_folder / "load" / self.name


@dataclass(slots=True)
class _RequestCounter:
    """Counts requests from the generator's record as it is written."""

    name: str
    profile: LoadProfile
    tail: NdjsonTail
    requests: int = 0
    failures: int = 0
    second: int = 0

    def count(self) -> bool:
        """Take in what is new; True where there was something."""
        seen = False
        for line in self.tail.new():
            seen = True
            self.second = max(self.second, int(str(line.get("second", 0))))
            counted, causes = line.get("requests"), line.get("failures")
            self.requests += counted if isinstance(counted, int) else 0
            self.failures += sum(causes.values()) if isinstance(causes, dict) else 0
        return seen

    @property
    def progress(self) -> Progress:
        whole_s = int(self.profile.duration_s)
        return Progress("load", min(self.second, whole_s), whole_s, self.failures,
                        f"{self.name}: {self.requests} requests")


def _size_of(profile: LoadProfile) -> str:
    arrivals = profile.arrivals
    return f"{profile.users} users" if arrivals is None else f"visits, {arrivals.per_s:g} a second at first,"


def _most_s(profile: LoadProfile) -> float:
    """As long as it may go on, where it does so for more evidence."""
    return profile.duration_s * (2 if profile.extend else 1) + profile.grace_s
