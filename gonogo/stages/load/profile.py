"""Runs one load profile with Locust as a child process and reads its record."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Self

from gonogo.config import LoadProfile
from gonogo.model.load import LoadEvidence
from gonogo.model.progress import Progress
from gonogo.model.stages import ProcessEnd
from gonogo.records.load_reader import read_load_evidence
from gonogo.records.load_record import SAMPLES_FILE
from gonogo.records.ndjson_tail import MALFORMED, NdjsonTail
from gonogo.stages.child import Child
from gonogo.stages.load.journeys import JourneysUnderLoad
from gonogo.stages.reading import evidence_or_none
from gonogo.stages.stage import Run

LOG_FILE = "locust.log"
_START_AND_END_S = 45.0  # start of Locust, last requests, writing of the record


class ProfileChild:
    """In the `with` block a child imports Locust and the profile's files; `run` starts the load."""

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
        """Run the profile and its `journeys`. Without a record that can be read, the evidence is empty."""
        counter = _RequestCounter(self._stage, self.name, self.profile, NdjsonTail(self._folder / SAMPLES_FILE))
        self._watcher.stage_started(self._stage, f"profile {self.name}: {_size_of(self.profile)} for "
                                                 f"{self.profile.duration_s:g} s")

        def on_poll() -> None:
            if counter.count():
                self._watcher.progressed(counter.progress)
            if journeys:
                journeys.on_poll()

        with journeys or nullcontext():
            end = self._child.run_to_its_end(_max_s(self.profile) + _START_AND_END_S, on_poll)
            self._watcher.stage_ended(self._stage, end, counter.progress)
            found = (evidence_or_none(lambda: read_load_evidence(self._folder), self._watcher)
                     or LoadEvidence(profile=self.name))
            if journeys:
                # an abort for a lost objective and a knee are regular ends
                journeys.load_ended(in_order=found.finished or bool(found.aborted) or found.knee_passed)
        return end, replace(found, journeys=journeys.evidence(found.sent_s)) if journeys else found


@dataclass(slots=True)
class _RequestCounter:
    """Counts requests in the generator's record while it is written."""

    stage: str
    name: str
    profile: LoadProfile
    tail: NdjsonTail
    requests: int = 0
    failures: int = 0
    second: int = 0

    def count(self) -> bool:
        """Count new lines; return whether there were any."""
        is_changed = False
        for line in self.tail.new():
            is_changed = True
            with suppress(*MALFORMED):
                self._take(line)
        return is_changed

    def _take(self, line: Mapping[str, object]) -> None:
        self.second = max(self.second, int(str(line.get("second", 0))))
        counted, causes = line.get("requests"), line.get("failures")
        self.requests += counted if isinstance(counted, int) else 0
        self.failures += sum(causes.values()) if isinstance(causes, dict) else 0

    @property
    def progress(self) -> Progress:
        whole_s = int(self.profile.duration_s)
        return Progress(self.stage, min(self.second, whole_s), whole_s, self.failures,
                        f"{self.name}: {self.requests} requests", unit="s")


def _size_of(profile: LoadProfile) -> str:
    arrivals = profile.arrivals
    return f"{profile.users} users" if arrivals is None else f"visits, {arrivals.per_s:g} per second at the start,"


def _max_s(profile: LoadProfile) -> float:
    """Return the maximum duration, including an extension for more evidence."""
    return profile.duration_s * (2 if profile.extend else 1) + profile.grace_s
