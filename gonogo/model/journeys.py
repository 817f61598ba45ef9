"""Journeys under load, as plain data: scenarios that ran while a profile was sending, and the vitals of their pages.

Seconds count from the start of the load; paths are relative to the run folder. No file is read here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gonogo.model.identity import ScenarioId

if TYPE_CHECKING:
    from gonogo.model.scenarios import Status


@dataclass(frozen=True, slots=True)
class PageVitals:
    """One visit of a page: its web vitals, None if the browser reported none; `inp_ms` also without an interaction.

    `page` is its path, without what differs from visit to visit; `scenario` the key of the scenario that visited it,
    `path` the file with its record.
    """

    scenario: str
    page: str
    started_s: float
    lcp_ms: float | None = None
    inp_ms: float | None = None
    cls: float | None = None
    ttfb_ms: float | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class JourneyRun:
    """One run of a scenario; what was planned and never executed is UNFINISHED."""

    scenario: ScenarioId
    name: str
    status: Status
    started_s: float = 0.0
    duration_s: float = 0.0
    step: str = ""
    message: str = ""
    evidence: tuple[str, ...] = ()
    line: int = 0

    @property
    def location(self) -> str:
        return f"{self.scenario.uri}:{self.line}"


@dataclass(frozen=True, slots=True)
class JourneysEvidence:
    """What the journeys beside one profile left behind.

    `planned` are the scenarios that should run (with their lines), as the gate itself found them;
    `finished` is True only where the runner closed its record; `faults` are sentences of what went wrong with it.
    `until_s` is how long the load was sent: what began later is reported, but is not evidence about load. `began_s` is
    the start of the load, in seconds since the epoch.
    """

    planned: Mapping[ScenarioId, int] = field(default_factory=dict)
    runs: tuple[JourneyRun, ...] = ()
    visits: tuple[PageVitals, ...] = ()
    finished: bool = False
    faults: tuple[str, ...] = ()
    until_s: float = math.inf
    began_s: float = 0.0

    def under_load(self, started_s: float) -> bool:
        """Return whether it began during the load."""
        return started_s <= self.until_s

    @property
    def visits_under_load(self) -> tuple[PageVitals, ...]:
        return tuple(visit for visit in self.visits if self.under_load(visit.started_s))
