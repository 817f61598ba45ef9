"""Judges a load profile: whether its run is valid, and whether its objectives were met.

`gonogo.records.load_reader` reads the record; `comparison` compares with the baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gonogo.config import LoadProfile
from gonogo.model.findings import EndpointSubject, Finding, Severity, StageSubject
from gonogo.model.load import Arrived, LoadEvidence
from gonogo.model.rules.load import AbortedFor, ArrivalsFailed, GeneratorLate
from gonogo.verdict.load.confidence import share_bounds
from gonogo.verdict.load.memory import judge_memory
from gonogo.verdict.load.objectives import Observation, judge_endpoints
from gonogo.verdict.load.outlook import undecided, unreachable_objective
from gonogo.verdict.load.recovery import judge_recovery
from gonogo.verdict.load.steps import Knee, judge_steps, knee, knee_passed
from gonogo.verdict.load.validity import MAX_LAG_OF_A_MISS_MS, doubts_of, judged_arrivals, make_unusable

__all__ = ["Knee", "judge_load", "knee", "knee_passed", "undecided", "unreachable_objective"]

STAGE = "load"
_OBJECTIVES = ("latency", "error-ratio")
_MAX_DROPPED = 0.01  # share of the due visits; more are failures of the release if it also missed objectives


def judge_load(evidence: LoadEvidence, profile: LoadProfile) -> tuple[Finding, ...]:
    """Findings on the release or on the validity of the run; none if every objective was met.

    An invalid run is INCONCLUSIVE. Its objectives are still judged, because a failure under less load than planned is
    a failure; only an overloaded generator makes the run unusable.
    """
    if not evidence.planned_s:
        return (Finding(STAGE, "no-evidence", Severity.INCONCLUSIVE, StageSubject(STAGE, evidence.profile)),)
    doubts = doubts_of(evidence, profile)
    if make_unusable(doubts):
        return tuple(_findings(evidence, doubts, "end.json"))
    observations = _without_late_latencies(evidence, list(_judge_objectives(evidence, profile)))
    failed = list(_arrivals_failed(judged_arrivals(evidence, profile), observations))
    if failed:  # the release, not the profile, caused the dropped visits
        doubts = [doubt for doubt in doubts if doubt.rule != "arrivals-dropped"]
    if evidence.aborted and not any(observed.severity is Severity.BLOCK for observed in observations):
        doubts.append(Observation("aborted-without-cause", Severity.INCONCLUSIVE, AbortedFor(evidence.aborted)))
    observations.sort(key=lambda observed: observed.severity is not Severity.BLOCK)
    return (*_findings(evidence, doubts, "end.json"), *_findings(evidence, observations, "samples.ndjson"),
            *_findings(evidence, failed, "end.json"),
            *_findings(evidence, judge_memory(evidence, profile), "memory.ndjson" if evidence.memory else "end.json"))


def _without_late_latencies(evidence: LoadEvidence, observations: list[Observation]) -> list[Observation]:
    """`observations` without missed latencies if the generator was late: its lag only adds to latencies.

    Met objectives and failures still count.
    """
    lag_ms = evidence.lag_p95_ms
    late = [observed for observed in observations
            if observed.severity is Severity.BLOCK and observed.rule != "error-ratio"]
    if lag_ms is None or lag_ms <= MAX_LAG_OF_A_MISS_MS or not late:
        return observations
    return [Observation("generator-late", Severity.INCONCLUSIVE, GeneratorLate(lag_ms, MAX_LAG_OF_A_MISS_MS)),
            *(observed for observed in observations if observed not in late)]


def _judge_objectives(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    """Judges the whole profile, or each of its steps."""
    if profile.arrivals is not None and profile.arrivals.steps is not None:
        yield from judge_steps(evidence, profile, profile.arrivals.steps.at_least_per_s)
        return
    yield from judge_endpoints(evidence.endpoints, profile, extended=evidence.extended)
    yield from judge_recovery(evidence, profile)


def _arrivals_failed(arrived: Arrived | None, observations: Iterable[Observation]) -> Iterator[Observation]:
    """Visits that could not start are failures of the release only if it missed objectives. Otherwise the profile's
    limit of concurrent visits is too low.
    """
    if arrived is None or not any(observed.rule in _OBJECTIVES and observed.severity is Severity.BLOCK
                                  for observed in observations):
        return
    least = share_bounds(arrived.dropped, arrived.due).low or 0.0
    if least > _MAX_DROPPED:
        yield Observation("arrivals-failed", Severity.BLOCK, ArrivalsFailed(arrived.dropped, arrived.due, _MAX_DROPPED))


def _findings(evidence: LoadEvidence, observed: Iterable[Observation], file: str) -> Iterator[Finding]:
    for each in observed:
        subject = (EndpointSubject(each.endpoint, part=evidence.profile) if each.endpoint
                   else StageSubject(STAGE, evidence.profile))
        yield Finding(STAGE, each.rule, each.severity, subject, each.parameters, each.component,
                      evidence=(f"load/{evidence.profile}/{file}",))
