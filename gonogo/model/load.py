"""What one load profile left behind, as plain data. Seconds count from the start of the run; no file is read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.model.histogram import Histogram
from gonogo.model.journeys import JourneysEvidence


@dataclass(frozen=True, slots=True)
class EndpointSamples:
    """All requests to one endpoint: how long each took (failed ones too), and failures by cause.

    `untimed` counts those with an invalid time, `unjudged` those whose time is not judged and that must
    not fail all the same (of a spike).
    """

    endpoint: str
    latencies: Histogram = field(default_factory=Histogram)
    failures: Mapping[str, int] = field(default_factory=dict)
    untimed: int = 0
    unjudged: int = 0

    @property
    def requests(self) -> int:
        return self.latencies.count + self.untimed + self.unjudged

    @property
    def failed(self) -> int:
        return sum(self.failures.values())


class PhaseKind(StrEnum):
    """A part of a profile, and what its figures are for."""

    WARM_UP = "warm-up"  # shown, not judged
    LOAD = "load"  # judged
    SPIKE = "spike"  # shown; requests may take longer, and must not fail
    RECOVERY = "recovery"  # as a spike
    STEP = "step"  # judged by itself, on the way to the knee


@dataclass(frozen=True, slots=True)
class Arrived:
    """Visits of an open loop: those that were due by the timetable, those that began, and those that could not.

    One that could not begin found as many under way as are allowed at once.
    """

    due: int = 0
    started: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Phase:
    """What began from `from_s` on and before `to_s`; `per_s` is the rate of a step's visits, 0 elsewhere.

    `arrived` are its visits, None where they were counted for the whole run alone.
    """

    kind: PhaseKind
    from_s: float
    to_s: float
    per_s: float = 0.0
    endpoints: tuple[EndpointSamples, ...] = ()
    arrived: Arrived | None = None

    @property
    def requests(self) -> int:
        return sum(found.requests for found in self.endpoints)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One endpoint's requests that began within some seconds from `from_s` on; percentiles in ms."""

    endpoint: str
    from_s: int
    requests: int
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class MemorySample:
    """A component's report of its resident memory."""

    component: str
    at_s: float
    rss_bytes: int


@dataclass(frozen=True, slots=True)
class LostObjective:
    """An objective that could no longer be met: `bad` of `count` requests took longer than `bound` ms, or failed.

    `percent` is that of a percentile, None for failures, whose `bound` is a share.
    """

    endpoint: str
    percent: float | None
    bound: float
    bad: int
    count: int


@dataclass(frozen=True, slots=True)
class LoadEvidence:
    """What one load profile left behind.

    `finished` is True only where the generator closed its record. `endpoints` are the judged phases' requests
    together, and those of spikes as `unjudged`. `peak_users` is the most users (or visits) that ran at once,
    `missing_users` those that should have run at the end and did not; `lost_workers` those that died, never came or
    could not be understood. `cpu_ratio` is the generator's highest CPU use, 1.0 = one whole core; `lag_p95_ms` how
    late its event loop was for 5 % of the time, both None where not measured. `aborted` is the objective that
    could no longer be met; `knee_passed`: it ended with the first step that missed one; `extended`: it continued for
    more evidence. `arrived` is None in a closed loop. `timeline` has a bucket a second, `buckets` one for every few, of
    what was judged; `probe` is the address that no release changes, measured beside the load. `user_errors` counts
    exceptions in the personas' own code, `refused` are requests that the environment does not permit. `journeys` are
    the scenarios that ran at the same time, None if none are configured.
    """

    profile: str
    endpoints: tuple[EndpointSamples, ...] = ()
    finished: bool = False
    planned_s: float = 0.0
    sent_s: float = 0.0
    planned_users: int = 0
    planned_spawn_rate: float = 0.0
    planned_arrivals: Mapping[str, object] | None = None
    peak_users: int = 0
    missing_users: int = 0
    lost_workers: int = 0
    cpu_ratio: float | None = None
    lag_p95_ms: float | None = None
    user_errors: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    aborted: LostObjective | None = None
    knee_passed: bool = False
    extended: bool = False
    arrived: Arrived | None = None
    phases: tuple[Phase, ...] = ()
    timeline: tuple[Bucket, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    probe: tuple[Bucket, ...] = ()
    memory: tuple[MemorySample, ...] = ()
    journeys: JourneysEvidence | None = None

    @property
    def is_open(self) -> bool:
        """Whether visits came by a timetable, so that latencies count from when each was due."""
        return self.arrived is not None

    @property
    def requests(self) -> int:
        return sum(phase.requests for phase in self.phases) or sum(found.requests for found in self.endpoints)


@dataclass(frozen=True, slots=True)
class LoadBaseline:
    """What is kept of a profile of the last promoted run, for later ones to be compared with: its size and buckets."""

    run: str
    planned_s: float
    planned_users: int
    planned_spawn_rate: float
    planned_arrivals: Mapping[str, object] | None = None
    buckets: tuple[Bucket, ...] = ()
    probe: tuple[Bucket, ...] = ()
