"""Rules on the validity of a load profile's run; each finding makes it INCONCLUSIVE."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gonogo.config import LoadProfile
from gonogo.model.findings import Parameters, Severity
from gonogo.model.load import Arrived, LoadEvidence
from gonogo.model.rules.load import (
    Count,
    Duration,
    GeneratorLate,
    GeneratorSaturated,
    NotMeasured,
    NotPermitted,
    OtherSize,
    PersonaError,
    Users,
    VisitsDropped,
    VisitsMissed,
)
from gonogo.verdict.load.objectives import Observation, most_frequent_first
from gonogo.verdict.load.steps import arrived_up_to_knee

MAX_CPU_RATIO = 0.8  # above it latencies include the generator's delay (Locust warns at 0.9)
MAX_LAG_MS = 250.0  # above this lag p95 of the event loop the run is unusable
MAX_LAG_OF_A_MISS_MS = 50.0  # above this lag p95 missed latencies do not count
MIN_ACHIEVED = 0.99  # share of the due visits that must start
# These rules invalidate every figure of the run.
_UNUSABLE_RUN_RULES = ("request-not-permitted", "nothing-sent", "generator-saturated", "generator-late")

Rule = Callable[[LoadEvidence, LoadProfile], Iterator[Observation]]


def doubts_of(evidence: LoadEvidence, profile: LoadProfile) -> list[Observation]:
    """All doubts about the run."""
    return [doubt for rule in (*_OF_ITS_END, *_OF_ITS_GENERATOR) for doubt in rule(evidence, profile)]


def doubts_so_far(evidence: LoadEvidence, profile: LoadProfile) -> list[Observation]:
    """The doubts that can be decided during the run."""
    return [doubt for rule in _OF_ITS_GENERATOR for doubt in rule(evidence, profile)]


def make_unusable(doubts: list[Observation]) -> bool:
    """Whether the doubts make every figure of the run unusable."""
    return any(doubt.rule in _UNUSABLE_RUN_RULES for doubt in doubts)


def _doubt(rule: str, parameters: Parameters | None = None, endpoint: str = "") -> Observation:
    if parameters is None:
        return Observation(rule, Severity.INCONCLUSIVE, endpoint=endpoint)
    return Observation(rule, Severity.INCONCLUSIVE, parameters, endpoint=endpoint)


def _nothing_sent(evidence: LoadEvidence, _: LoadProfile) -> Iterator[Observation]:
    if not evidence.requests:
        yield _doubt("nothing-sent")


def _not_permitted(evidence: LoadEvidence, _: LoadProfile) -> Iterator[Observation]:
    """A refused request counts as failed, but it was never sent."""
    if evidence.refused:
        yield _doubt("request-not-permitted", NotPermitted(evidence.refused))


def _not_finished(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    if not evidence.finished and not evidence.refused and not _stopped_early(evidence, profile):
        yield _doubt("not-finished", Duration(evidence.sent_s, evidence.planned_s))


def _other_size(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    """A run with `-u`, `-r` or `-t`, or an old record, is not evidence for the current profile."""
    arrivals = profile.arrivals.model_dump(mode="json") if profile.arrivals else None
    profile_s = profile.duration_s
    if evidence.planned_arrivals != arrivals:
        yield _doubt("other-size", OtherSize(evidence.planned_s, profile_s, arrivals_differ=True))
    elif arrivals is not None and evidence.planned_s != profile_s:
        yield _doubt("other-size", OtherSize(evidence.planned_s, profile_s))
    elif arrivals is None:
        tried = (evidence.planned_users, evidence.planned_spawn_rate, evidence.planned_s)
        if tried != (profile.users, profile.spawn_rate, profile_s):
            yield _doubt("other-size", OtherSize(evidence.planned_s, profile_s, evidence.planned_users, profile.users,
                                                 evidence.planned_spawn_rate, profile.spawn_rate))


def _users_missing(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    if profile.arrivals is not None or _stopped_early(evidence, profile):
        return
    if evidence.peak_users < evidence.planned_users:
        yield _doubt("users-missing", Users(evidence.planned_users - evidence.peak_users, evidence.planned_users))


def _users_left(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    """The peak does not show its duration: a persona that stops itself reduces the load."""
    if profile.arrivals is None and evidence.missing_users:
        yield _doubt("users-left", Users(evidence.missing_users, evidence.planned_users))


def _too_short(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    if evidence.finished and evidence.sent_s < evidence.planned_s and not _stopped_early(evidence, profile):
        yield _doubt("too-short", Duration(evidence.sent_s, evidence.planned_s))


def _workers_lost(evidence: LoadEvidence, _: LoadProfile) -> Iterator[Observation]:
    if evidence.lost_workers:
        yield _doubt("workers-lost", Count(evidence.lost_workers))


def _persona_error(evidence: LoadEvidence, _: LoadProfile) -> Iterator[Observation]:
    for error, times in most_frequent_first(evidence.user_errors):
        yield _doubt("persona-error", PersonaError(error, times))


def _arrivals_not_counted(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    if profile.arrivals is not None and evidence.requests and (evidence.arrived is None or not evidence.arrived.due):
        yield _doubt("arrivals-not-counted")


def _generator_saturated(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    if evidence.cpu_ratio is not None and evidence.cpu_ratio > MAX_CPU_RATIO:
        yield _doubt("generator-saturated", GeneratorSaturated(evidence.cpu_ratio, MAX_CPU_RATIO,
                                                               open_loop=profile.arrivals is not None))


def _generator_late(evidence: LoadEvidence, _: LoadProfile) -> Iterator[Observation]:
    if evidence.lag_p95_ms is not None and evidence.lag_p95_ms > MAX_LAG_MS:
        yield _doubt("generator-late", GeneratorLate(evidence.lag_p95_ms, MAX_LAG_OF_A_MISS_MS))


def _generator_not_measured(evidence: LoadEvidence, _: LoadProfile) -> Iterator[Observation]:
    if not evidence.requests:
        return
    if evidence.cpu_ratio is None:
        yield _doubt("generator-not-measured", NotMeasured("cpu"))
    if evidence.lag_p95_ms is None:
        yield _doubt("generator-not-measured", NotMeasured("lag"))


def _latencies_invalid(evidence: LoadEvidence, _: LoadProfile) -> Iterator[Observation]:
    untimed: dict[str, int] = {}
    for samples in (*evidence.endpoints, *(each for phase in evidence.phases for each in phase.endpoints)):
        untimed[samples.endpoint] = max(untimed.get(samples.endpoint, 0), samples.untimed)
    for endpoint, times in untimed.items():
        if times:
            yield _doubt("latencies-invalid", Count(times), endpoint)


def _arrivals_dropped(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    arrived = judged_arrivals(evidence, profile)
    if arrived and arrived.dropped:
        yield _doubt("arrivals-dropped", VisitsDropped(arrived.dropped, arrived.due, profile.most_at_once))


def _arrivals_missed(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    arrived = judged_arrivals(evidence, profile)
    if arrived and arrived.started < MIN_ACHIEVED * arrived.due:
        yield _doubt("arrivals-missed", VisitsMissed(arrived.started, arrived.due, MIN_ACHIEVED))


def judged_arrivals(evidence: LoadEvidence, profile: LoadProfile) -> Arrived | None:
    """The visits that had to start; None in a closed loop."""
    if profile.arrivals is None:
        return None
    return arrived_up_to_knee(evidence, profile) if profile.arrivals.steps else evidence.arrived


def _stopped_early(evidence: LoadEvidence, profile: LoadProfile) -> bool:
    """Whether the run stopped as designed: on a missed objective, or after the knee."""
    return bool(evidence.aborted) or (
        evidence.knee_passed and profile.arrivals is not None and profile.arrivals.steps is not None)


_OF_ITS_END: tuple[Rule, ...] = (_not_permitted, _not_finished, _other_size, _users_missing, _too_short, _workers_lost,
                                 _users_left, _persona_error, _arrivals_not_counted)
_OF_ITS_GENERATOR: tuple[Rule, ...] = (_nothing_sent, _generator_saturated, _generator_late, _generator_not_measured,
                                       _latencies_invalid, _arrivals_dropped, _arrivals_missed)
