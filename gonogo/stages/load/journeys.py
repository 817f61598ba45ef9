"""Journeys under load: behave as a second child next to the generator, from the end of the warm-up to the end.

It starts with the load, so that the suite and the workers are ready when the warm-up ends.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from gonogo.config import LoadProfile
from gonogo.config.features import feature_paths
from gonogo.model.journeys import JourneysEvidence
from gonogo.records.journeys import read_journeys
from gonogo.records.load_record import END_FILE, PULSE_FILE
from gonogo.records.ndjson_tail import MALFORMED, NdjsonTail
from gonogo.stages.behave_child import LOG_FILE, behave_command
from gonogo.stages.behaviour.stage import BehaviourStage
from gonogo.stages.child import Child
from gonogo.stages.load.tagged import UNDER_LOAD_TAG, journeys_in
from gonogo.stages.reading import evidence_or_none
from gonogo.stages.stage import Run

FOLDER = "journeys"
_FLAG_FILE = "load-is-on"
_RUNNER = "gonogo.scenarios.running.rounds:RoundsRunner"
_MAX_FAILURES = 10  # failed runs; more give no further evidence


@dataclass(slots=True)
class JourneysUnderLoad:
    """The journeys during one profile. The `with` block encloses the load; their processes end with it."""

    stage: str
    name: str
    profile: LoadProfile
    gate_run: Run
    _child: Child = field(init=False)
    _key: str = field(default_factory=lambda: secrets.token_hex(16), init=False)
    _began_s: float | None = field(default=None, init=False)
    _second: float = field(default=0.0, init=False)
    _pulse: NdjsonTail = field(init=False)
    _on: bool = field(default=False, init=False)
    _over: bool = field(default=False, init=False)
    _in_order: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        run = self.gate_run
        jobs = str(self.profile.journeys.jobs) if self.profile.journeys else "1"
        command = behave_command(
            feature_paths(run.root, BehaviourStage.name), environment_name=run.environment_name,
            tags=[f"@{UNDER_LOAD_TAG}"], jobs=jobs, retries=0, max_failures=_MAX_FAILURES, runner=_RUNNER)
        self._pulse = NdjsonTail(self.folder.parent / PULSE_FILE)
        self._child = Child(
            command, cwd=run.root, log=self.folder / LOG_FILE, run_folder=run.run_folder, masker=run.masker,
            plan=replace(run.plan, record_key=self._key),
            environ={**run.environ, "GONOGO_ENV": run.environment_name,
                     "GONOGO_STAGE": self.folder.relative_to(run.run_folder).as_posix(),
                     "GONOGO_RUN_DIR": str(run.run_folder), "GONOGO_UNDER_LOAD": str(self._flag)})

    @property
    def folder(self) -> Path:
        return self.gate_run.run_folder / self.stage / self.name / FOLDER

    @property
    def _flag(self) -> Path:
        return self.folder / _FLAG_FILE

    def __enter__(self) -> Self:
        self._child.__enter__()
        return self

    def on_poll(self) -> None:
        """Begin and end the journeys by the load's pulse. Call it regularly during the load."""
        self._child.record_descendants()
        for beat in self._pulse.new():
            with suppress(*MALFORMED):
                self._second = float(str(beat.get("second", 0)))
            began_s = time.time() - self._second
            self._began_s = min(began_s, self._began_s or began_s)  # a beat that is read late gives a late start
            if self._second >= self.profile.duration_s and not beat.get("users"):
                self._over = True  # the generator only finishes: no more load
        if (self.folder.parent / END_FILE).exists():
            self._over = True
        if self._over:
            self._flag.unlink(missing_ok=True)
        elif self._second >= self.profile.warm_up_s and self._began_s is not None and not self._on:
            self._on = True
            self._flag.touch()

    def load_ended(self, *, in_order: bool) -> None:
        """Let running scenarios end within a scenario's budget; if the load broke off, end them now."""
        self._flag.unlink(missing_ok=True)
        self._in_order = in_order
        if in_order and self._on:
            self._child.wait(self.gate_run.environment.budgets.scenario_s)

    def __exit__(self, *_: object) -> None:
        self._flag.unlink(missing_ok=True)
        self._child.__exit__()

    def evidence(self, sent_s: float) -> JourneysEvidence:
        """Return their evidence after the block; the load was sent for `sent_s`."""
        run = self.gate_run
        planned = run.masker.document(journeys_in(run.root))
        evidence = evidence_or_none(lambda: read_journeys(
            self.folder, run_folder=run.run_folder, planned=planned, began_s=self._began_s or time.time(),
            until_s=sent_s, key=self._key), run.watcher)
        if evidence is None:
            return JourneysEvidence(planned=planned, faults=("their record is damaged",), until_s=sent_s)
        if evidence.finished:
            return evidence
        return replace(evidence, faults=(*evidence.faults, self._why_not_finished()))

    def _why_not_finished(self) -> str:
        end = self._child.end
        if not self._on:
            return "the load ended during its warm-up, so the journeys did not begin"
        if not self._in_order:
            return f"the load and the journeys broke off after {self._second:g} of {self.profile.duration_s:g} s"
        detail = self.gate_run.masker.text(end.detail)
        return f"the journeys' process {end.ending} ({end.exit_code})" + (f": {detail}" if detail else "")
