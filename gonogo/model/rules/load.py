"""Findings about a load profile: doubts about its run, objectives missed, regressions, journeys beside it.

The subject is the profile, or an endpoint under it; what holds for a component names that as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import NoParameters, Parameters
from gonogo.model.load import LostObjective


@dataclass(frozen=True, slots=True)
class Duration(Parameters):
    """For how long it was sent, of how long it was to be."""

    sent_s: float
    planned_s: float


@dataclass(frozen=True, slots=True)
class OtherSize(Parameters):
    """The size of the run, as tried, and that of the profile; without users if only duration or arrivals differ."""

    tried_s: float
    profile_s: float
    tried_users: int | None = None
    profile_users: int | None = None
    tried_spawn_rate: float | None = None
    profile_spawn_rate: float | None = None
    arrivals_differ: bool = False


@dataclass(frozen=True, slots=True)
class Users(Parameters):
    """`missing` of `planned` users."""

    missing: int
    planned: int


@dataclass(frozen=True, slots=True)
class Count(Parameters):
    count: int


@dataclass(frozen=True, slots=True)
class PersonaError(Parameters):
    error: str
    times: int


@dataclass(frozen=True, slots=True)
class GeneratorSaturated(Parameters):
    """1.0 is one whole core; `open_loop` says whether visits or users are to become fewer."""

    cpu_ratio: float
    limit: float
    open_loop: bool


@dataclass(frozen=True, slots=True)
class GeneratorLate(Parameters):
    lag_p95_ms: float
    limit_ms: float


@dataclass(frozen=True, slots=True)
class NotMeasured(Parameters):
    """`what` is "cpu" or "lag"."""

    what: str


@dataclass(frozen=True, slots=True)
class VisitsDropped(Parameters):
    """`dropped` of `due` visits could not start, as `limit` were under way already."""

    dropped: int
    due: int
    limit: int


@dataclass(frozen=True, slots=True)
class VisitsMissed(Parameters):
    """`started` of `due` visits; `required` is a share."""

    started: int
    due: int
    required: float


@dataclass(frozen=True, slots=True)
class ArrivalsFailed(Parameters):
    """`allowed` is a share of the visits that were due."""

    dropped: int
    due: int
    allowed: float


@dataclass(frozen=True, slots=True)
class AbortedFor(Parameters):
    """The objective for which a run was ended early."""

    objective: LostObjective


@dataclass(frozen=True, slots=True)
class FailuresTooMany(Parameters):
    """`failed` of `requests`; `allowed` is a share, `at_least` its lower bound with 95 % confidence where known."""

    failed: int
    requests: int
    allowed: float
    cause: str
    cause_count: int
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class LatencyTooHigh(Parameters):
    """The `percent`-th percentile, its limit, and its lower bound with 95 % confidence."""

    percent: float
    latency_ms: float
    limit_ms: float
    at_least_ms: float
    requests: int


@dataclass(frozen=True, slots=True)
class RequestsTooFew(Parameters):
    requests: int
    required: int


@dataclass(frozen=True, slots=True)
class Undecided(Parameters):
    """Bounds with 95 % confidence of a percentile in ms, or of the share of failures where `percent` is None.

    `needed` requests would decide, None where hardly any number would; `extended` says that it went on for more.
    """

    percent: float | None
    low: float | None
    high: float | None
    limit: float
    requests: int
    needed: int | None
    extended: bool = False


@dataclass(frozen=True, slots=True)
class NotRecovered(Parameters):
    """What was still missed `within_s` after a spike."""

    within_s: float
    missed: FailuresTooMany | LatencyTooHigh


Missed = FailuresTooMany | LatencyTooHigh | RequestsTooFew | Undecided | NoParameters


@dataclass(frozen=True, slots=True)
class KneeTooLow(Parameters):
    """The objectives are met up to `reached_per_s` visits a second. `at_per_s` is the next step, whose `endpoint`
    failed or could not be decided for `cause`; 0 where there is none.
    """

    reached_per_s: float
    required_per_s: float
    at_per_s: float = 0.0
    endpoint: str = ""
    cause: Missed = NoParameters()
    cause_rule: str = ""


@dataclass(frozen=True, slots=True)
class MemoryNotReported(Parameters):
    """How often a component reported its memory after the warm-up; a trend needs `required`."""

    reports: int = 0
    required: int = 0


@dataclass(frozen=True, slots=True)
class MemoryGrows(Parameters):
    """The slope, its bounds with 95 % confidence (None where unknown), and the limit: MiB an hour."""

    slope: float
    low: float | None
    high: float | None
    limit: float


@dataclass(frozen=True, slots=True)
class Regressed(Parameters):
    """A percentile against run `baseline`; `ratio` is corrected by the probe's, its lower bound is `at_least`.

    `unfelt_below_ms` is the objective, if the growth is too far below it to be felt.
    """

    percent: int
    was_ms: float
    latency_ms: float
    ratio: float
    at_least: float
    chance: float
    baseline: str
    probe_ratio: float | None = None
    unfelt_below_ms: float | None = None


@dataclass(frozen=True, slots=True)
class JourneysNotRun(Parameters):
    """`cause` is "no-evidence", "no-tag", "not-closed", "fault", "not-tried" or "too-few".

    `name` and `line` are of the scenario that is the subject, where one is; `status` is how its first such run ended,
    `runs` how often it ran of how often it was `required` to.
    """

    cause: str
    name: str = ""
    line: int = 0
    faults: tuple[str, ...] = ()
    status: str = ""
    step: str = ""
    message: str = ""
    runs: int = 0
    required: int = 0
    profile: str = ""


@dataclass(frozen=True, slots=True)
class JourneyFailed(Parameters):
    """`failed` of `runs` beside the load of `profile`, the first `after_s` seconds from its start."""

    profile: str
    name: str
    line: int
    failed: int
    runs: int
    after_s: float
    step: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class VitalNotReported(Parameters):
    """`vital` is a key of environments.yml ("lcp_ms")."""

    vital: str
    visits: int


@dataclass(frozen=True, slots=True)
class VitalTooHigh(Parameters):
    """The 75th percentile of a page's visits, and its limit."""

    vital: str
    page: str
    value: float
    limit: float
    visits: int


@dataclass(frozen=True, slots=True)
class NotPermitted(Parameters):
    """Requests that were not sent ("GET http://shop/ (unknown-host)")."""

    requests: tuple[str, ...]


RULES: Mapping[str, type[Parameters]] = {
    "request-not-permitted": NotPermitted,
    "nothing-sent": NoParameters, "not-finished": Duration, "too-short": Duration, "other-size": OtherSize,
    "users-missing": Users, "users-left": Users, "workers-lost": Count, "persona-error": PersonaError,
    "arrivals-not-counted": NoParameters, "generator-saturated": GeneratorSaturated, "generator-late": GeneratorLate,
    "generator-not-measured": NotMeasured, "latencies-invalid": Count, "arrivals-dropped": VisitsDropped,
    "arrivals-missed": VisitsMissed, "arrivals-failed": ArrivalsFailed, "aborted-without-cause": AbortedFor,
    "error-ratio": FailuresTooMany, "latency": LatencyTooHigh, "endpoint-not-reached": NoParameters,
    "too-few-requests": RequestsTooFew, "undecided": Undecided, "not-recovered": NotRecovered,
    "recovery-not-observed": NoParameters, "knee-too-low": KneeTooLow, "knee-undecided": KneeTooLow,
    "memory-not-reported": MemoryNotReported, "memory-grows": MemoryGrows, "memory-undecided": MemoryGrows,
    "regression": Regressed, "journeys-not-run": JourneysNotRun, "journey-failed": JourneyFailed,
    "vitals-not-reported": VitalNotReported, "vital": VitalTooHigh,
}
