"""The runner of journeys under load: the selected scenarios, round after round, as long as the load is on.

    GONOGO_UNDER_LOAD=FILE behave -r gonogo.scenarios.running.rounds:RoundsRunner -D env=preprod --tags=@under-load

The load is on while FILE is there: whoever starts this runner makes FILE, and takes it away. The suite is read and
the workers are started before it comes; what runs when it goes is run to its end. Results go into the record alone.
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

_LOOK_EVERY_S = 0.05
_PACE_S = 1.0  # from one run to the next at least: short ones must not take the generator's breath


class RoundsRunner(GonogoRunner):
    """Runs no round where the load never comes, and then ends as whoever started it says."""

    _began = False

    def _known_scenarios(self, settings: PoolSettings) -> KnownScenarios | None:
        return None  # each round goes through them as they stand

    def _plan(self, jobs: list[Job], record: RunRecord, settings: PoolSettings) -> Plan:
        record.opened(jobs)
        last_s = -math.inf

        def planned(job: Job) -> None:
            nonlocal last_s
            time.sleep(max(0.0, last_s + _PACE_S - time.monotonic()))
            last_s = time.monotonic()
            record.plan(job)

        return Rounds(jobs, goes_on=lambda: not self._began or self._load_is_on, planned=planned)

    def _run_through(self, pool: WorkerPool, features: list[Feature], chosen: list[tuple[Job, Scenario]]) -> None:
        while not self._load_is_on:
            time.sleep(_LOOK_EVERY_S)
        self._began = True
        pool.run_all()

    @property
    def _load_is_on(self) -> bool:
        if UNDER_LOAD not in os.environ:
            raise UsageError("Nobody says when the load is on.", fix=f"name a file in {UNDER_LOAD}, or use behave's "
                             "own settings, which name another runner.")
        return Path(os.environ[UNDER_LOAD]).exists()
