"""The runner for journeys under load: repeats the selected scenarios in rounds, as long as the load runs.

    GONOGO_UNDER_LOAD=FILE behave -r gonogo.scenarios.running.rounds:RoundsRunner -D env=preprod --tags=@under-load

The load runs while FILE exists: the caller of this runner creates and deletes it. The suite is loaded and the workers
are started before; scenarios that run when FILE is deleted run to their end. Results go only into the record.
"""

from __future__ import annotations

import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from behave.model import Feature, Scenario

from gonogo.core.errors import UsageError
from gonogo.scenarios.running.plan import Job, Plan, Rounds
from gonogo.scenarios.running.pool import PoolSettings, WorkerPool
from gonogo.scenarios.running.run_record import RunRecord
from gonogo.scenarios.running.runner import GonogoRunner
from gonogo.scenarios.running.settings import UNDER_LOAD

if TYPE_CHECKING:
    from gonogo.history import KnownScenarios

_CHECK_EVERY_S = 0.05
_PACE_S = 1.0  # at least, between two starts: many short scenarios would take CPU from the generator


class RoundsRunner(GonogoRunner):
    """Waits for the load, then repeats rounds. If the load never starts, the caller ends this process."""

    _began = False

    def _known_scenarios(self, settings: PoolSettings) -> KnownScenarios | None:
        return None  # each round keeps the order of the features

    def _plan(self, jobs: list[Job], record: RunRecord, settings: PoolSettings) -> Plan:
        record.begin(jobs)
        last_s = -math.inf

        def on_take(job: Job) -> None:
            nonlocal last_s
            time.sleep(max(0.0, last_s + _PACE_S - time.monotonic()))
            last_s = time.monotonic()
            record.plan(job)

        return Rounds(jobs, continues=lambda: not self._began or self._load_runs, on_take=on_take)

    def _run_through(self, pool: WorkerPool, features: list[Feature], chosen: list[tuple[Job, Scenario]]) -> None:
        while not self._load_runs:
            time.sleep(_CHECK_EVERY_S)
        self._began = True
        pool.run_all()

    @property
    def _load_runs(self) -> bool:
        if UNDER_LOAD not in os.environ:
            raise UsageError(f"{UNDER_LOAD} is not set.", fix=f"set {UNDER_LOAD} to the file that exists while the "
                             "load runs; without load, use the runner gonogo.suite:Runner.")
        return Path(os.environ[UNDER_LOAD]).exists()
