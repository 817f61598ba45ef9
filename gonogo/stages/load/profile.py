"""One load profile: Locust as a child process, its record read back."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Self

from gonogo.config import LoadProfile
from gonogo.model.load import LoadEvidence
from gonogo.model.progress import Progress
from gonogo.model.stages import ProcessEnd
from gonogo.records.load_reader import read_load_evidence
from gonogo.records.load_record import SAMPLES_FILE
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.stages.child import Child
from gonogo.stages.load.journeys import JourneysUnderLoad
from gonogo.stages.stage import Run

LOG_FILE = "locust.log"
_START_AND_END_S = 45.0  # Locust's own start, its users' last requests, the writing of its record


class ProfileChild:
    """Within the block a child imports Locust and the profile's files; load is put on with `run`."""

    def __init__(self, stage: str, name: str, profile: LoadProfile, run: Run) -> None:
        self.name = name
        self.profile = profile
        self._stage = stage
        self._watcher = run.watcher
        self._folder = run.run_folder / stage / name
        command = [sys.executable, "-m", "locust", "-f", "load/", "--headless", "--env", run.environment_name,
                   "--profile", name]
        self._child = Child(
            command, cwd=run.root, log=self._folder / LOG_FILE, run_folder=run.run_folder, masker=run.masker,
            plan=run.plan, waits=True,
            environ={**run.environ, "GONOGO_ENV": run.environment_name, "GONOGO_PROFILE": name,
                     "GONOGO_RUN_DIR": str(run.run_folder)})

    def __enter__(self) -> Self:
        self._child.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._child.__exit__()

    def run(self, journeys: JourneysUnderLoad | None = None) -> tuple[ProcessEnd, LoadEvidence]:
        """Run it to its end, and `journeys` beside it; without a record the evidence is empty and not finished."""
        counter = _RequestCounter(self._stage, self.name, self.profile, NdjsonTail(self._folder / SAMPLES_FILE))
        self._watcher.stage_started(self._stage, f"profile {self.name}: {_size_of(self.profile)} for "
                                                 f"{self.profile.duration_s:g} s")

        def look() -> None:
            if counter.count():
                self._watcher.progressed(counter.progress)
            if journeys:
                journeys.look()

        with journeys or nullcontext():
            end = self._child.run_to_its_end(_max_s(self.profile) + _START_AND_END_S, look)
            self._watcher.stage_ended(self._stage, end, counter.progress)
            found = read_load_evidence(self._folder)
            if journeys:
                # a load that gave up on its objectives, or found its knee, has ended as it should
                journeys.load_ended(in_order=found.finished or bool(found.aborted) or found.knee_passed)
        return end, replace(found, journeys=journeys.evidence(found.sent_s)) if journeys else found


@dataclass(slots=True)
class _RequestCounter:
    """Counts requests from the generator's record as it is written."""

    stage: str
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
        return Progress(self.stage, min(self.second, whole_s), whole_s, self.failures,
                        f"{self.name}: {self.requests} requests", unit="s")


def _size_of(profile: LoadProfile) -> str:
    arrivals = profile.arrivals
    return f"{profile.users} users" if arrivals is None else f"visits, {arrivals.per_s:g} a second at first,"


def _max_s(profile: LoadProfile) -> float:
    """As long as it may go on, where it does so for more evidence."""
    return profile.duration_s * (2 if profile.extend else 1) + profile.grace_s
