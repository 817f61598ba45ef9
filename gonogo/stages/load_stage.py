"""The load stage: Locust as a child process, one profile after the other, its record read back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from gonogo.config import LoadProfile
from gonogo.evidence.load import read_load_evidence
from gonogo.evidence.load_model import LoadEvidence
from gonogo.evidence.load_record import SAMPLES_FILE
from gonogo.evidence.model import StageRun
from gonogo.stages.child import run_child
from gonogo.stages.journeys_stage import JourneysBeside
from gonogo.stages.ndjson_tail import NdjsonTail
from gonogo.stages.watching import Progress, Watcher

LOG_FILE = "locust.log"
_START_AND_END_S = 45.0  # Locust's own start, its users' last requests, the writing of its record


def run_load_profile(name: str, profile: LoadProfile, *, root: Path, run_folder: Path, environment_name: str,
                     environ: Mapping[str, str], watcher: Watcher,
                     journeys: JourneysBeside | None = None) -> tuple[StageRun, LoadEvidence]:
    """Run one profile, and `journeys` beside it; without a record the evidence is empty and not finished."""
    folder = run_folder / "load" / name
    command = [sys.executable, "-m", "locust", "-f", "load/", "--headless", "--env", environment_name,
               "--profile", name]
    tail = NdjsonTail(folder / SAMPLES_FILE)
    requests = failures = second = 0
    watcher.stage_started("load", f"profile {name}: {_size_of(profile)} for {profile.duration_s:g} s")

    def progress() -> Progress:
        return Progress("load", min(second, int(profile.duration_s)), int(profile.duration_s), failures,
                        f"{name}: {requests} requests")

    def look() -> None:
        nonlocal requests, failures, second
        seen = False
        for line in tail.new():
            seen = True
            second = max(second, int(str(line.get("second", 0))))
            counted, causes = line.get("requests"), line.get("failures")
            requests += counted if isinstance(counted, int) else 0
            failures += sum(causes.values()) if isinstance(causes, dict) else 0
        if seen:
            watcher.progressed(progress())
        if journeys:
            journeys.look()

    with journeys or nullcontext():
        run = run_child(
            "load", command, cwd=root, log=folder / LOG_FILE, budget_s=_most_s(profile) + _START_AND_END_S,
            look=look, environ={**environ, "GONOGO_ENV": environment_name, "GONOGO_PROFILE": name,
                                "GONOGO_RUN_DIR": str(run_folder)})
        watcher.stage_ended(run, progress())
        found = read_load_evidence(folder)
        if journeys:
            # a load that gave up on its objectives, or found its knee, has ended as it should
            journeys.load_ended(in_order=found.finished or bool(found.aborted) or found.knee_passed)
    return run, replace(found, journeys=journeys.evidence(found.sent_s)) if journeys else found


def _size_of(profile: LoadProfile) -> str:
    arrivals = profile.arrivals
    return f"{profile.users} users" if arrivals is None else f"visits, {arrivals.per_s:g} a second at first,"


def _most_s(profile: LoadProfile) -> float:
    """As long as it may go on, where it does so for more evidence."""
    return profile.duration_s * (2 if profile.extend else 1) + profile.grace_s
