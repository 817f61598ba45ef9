"""Journeys under load: behave as a second child, beside the generator's, from when the warm-up is over until the end.

It is started with the load, so that suite and workers are ready by then.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from gonogo.config import Environment, LoadProfile
from gonogo.config.features import feature_paths, standing_scenarios
from gonogo.core.errors import ConfigError
from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneysEvidence
from gonogo.records.journeys import read_journeys
from gonogo.records.load_record import END_FILE, PULSE_FILE
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.secrets.masking import Redactor
from gonogo.stages.behave_stage import LOG_FILE, behave_command
from gonogo.stages.child import Child

UNDER_LOAD_TAG = "under-load"
FOLDER = "journeys"
_FLAG_FILE = "load-is-on"
_RUNNER = "gonogo.scenarios.running.rounds:RoundsRunner"
_BEHAVIOUR = "behaviour"  # the stage in which the same scenarios run without load
_MOST_FAILURES = 10  # runs that failed; more of them tell nothing more


def journeys_in(root: Path) -> dict[ScenarioId, int]:
    """The scenarios that are to run under load, each with its line."""
    standing = standing_scenarios(root, feature_paths(root, _BEHAVIOUR), tag=UNDER_LOAD_TAG)
    return {each.id: each.line for each in standing}


def refuse_missing_journeys(environment: Environment, name: str, root: Path) -> None:
    """Where a profile that the gate runs asks for journeys, there must be some. Raises ConfigError."""
    load = environment.load
    if load is None or "load" not in environment.stages:
        return
    asking = [profile for profile in load.run if load.profiles[profile].journeys]
    if asking and not journeys_in(root):
        raise ConfigError(
            f"The load profile '{asking[0]}' asks for journeys, and no scenario bears @{UNDER_LOAD_TAG}.",
            where=f"environments.yml: {name} → load → profiles → {asking[0]} → journeys",
            mend=f"tag the critical scenarios in features/ with @{UNDER_LOAD_TAG}, or leave `journeys` out.")


@dataclass(slots=True)
class JourneysBeside:
    """The journeys beside one profile. The `with` block stands around the load: nothing of them is left after it."""

    name: str
    profile: LoadProfile
    root: Path
    run_folder: Path
    release: Path | None
    environment_name: str
    environ: Mapping[str, str]
    scenario_s: float
    _child: Child = field(init=False)
    _began_s: float | None = field(default=None, init=False)
    _second: float = field(default=0.0, init=False)
    _pulse: NdjsonTail = field(init=False)
    _on: bool = field(default=False, init=False)
    _over: bool = field(default=False, init=False)
    _in_order: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        jobs = str(self.profile.journeys.jobs) if self.profile.journeys else "1"
        command = behave_command(
            feature_paths(self.root, _BEHAVIOUR), environment_name=self.environment_name, release=self.release,
            tags=[f"@{UNDER_LOAD_TAG}"], jobs=jobs, retries=0, max_failures=_MOST_FAILURES, runner=_RUNNER)
        self._pulse = NdjsonTail(self.folder.parent / PULSE_FILE)
        stage = self.folder.relative_to(self.run_folder).as_posix()
        self._child = Child("load", command, cwd=self.root, log=self.folder / LOG_FILE, environ={
            **self.environ, "GONOGO_ENV": self.environment_name, "GONOGO_STAGE": stage,
            "GONOGO_RUN_DIR": str(self.run_folder), "GONOGO_UNDER_LOAD": str(self._flag)})

    @property
    def folder(self) -> Path:
        return self.run_folder / "load" / self.name / FOLDER

    @property
    def _flag(self) -> Path:
        return self.folder / _FLAG_FILE

    def __enter__(self) -> Self:
        self._child.__enter__()
        return self

    def look(self) -> None:
        """To be called while the load is on: they begin and end by its pulse."""
        self._child.meet()
        for beat in self._pulse.new():
            self._second = float(str(beat.get("second", 0)))
            began_s = time.time() - self._second
            self._began_s = min(began_s, self._began_s or began_s)  # what is heard late seems to have begun late
            if self._second >= self.profile.duration_s and not beat.get("users"):
                self._over = True  # whatever the generator does until it ends, it is no load
        if (self.folder.parent / END_FILE).exists():
            self._over = True
        if self._over:
            self._flag.unlink(missing_ok=True)
        elif self._second >= self.profile.warm_up_s and self._began_s is not None and not self._on:
            self._on = True
            self._flag.touch()

    def load_ended(self, *, in_order: bool) -> None:
        """What runs may end, within a scenario's budget; where the load broke off, all ends with it."""
        self._flag.unlink(missing_ok=True)
        self._in_order = in_order
        if in_order and self._on:
            self._child.wait(self.scenario_s)

    def __exit__(self, *_: object) -> None:
        self._flag.unlink(missing_ok=True)
        self._child.__exit__()

    def evidence(self, sent_s: float) -> JourneysEvidence:
        """What they left, once the block is left, beside a load that was sent for `sent_s`.

        Raises EvidenceError where a file is damaged.
        """
        found = read_journeys(self.folder, run_folder=self.run_folder, asked=journeys_in(self.root),
                              began_s=self._began_s or time.time(), until_s=sent_s)
        return found if found.finished else replace(found, faults=(*found.faults, self._why_not_finished()))

    def _why_not_finished(self) -> str:
        run = self._child.run
        if not self._on:
            return "the load ended before its warm-up was over, and so they did not begin"
        if not self._in_order:
            return f"the load broke off after {self._second:g} of {self.profile.duration_s:g} s, and they with it"
        said = Redactor(self.environ).text(run.detail)
        return f"their process {run.ended} ({run.exit_code})" + (f": {said}" if said else "")
