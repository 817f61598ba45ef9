"""What a load profile says about the release: whether its run can be believed, and whether its objectives were met.

Reading the record is `gonogo.records.load_reader`'s; the comparison with the last promoted run is `load_regression`'s.
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
from gonogo.verdict.load.outlook import hopeless, undecided
from gonogo.verdict.load.recovery import judge_recovery
from gonogo.verdict.load.steps import Knee, judge_steps, knee, knee_passed
from gonogo.verdict.load.validity import MAX_LAG_OF_A_MISS_MS, doubts_of, judged_arrivals, prove_nothing

__all__ = ["Knee", "hopeless", "judge_load", "knee", "knee_passed", "undecided"]

STAGE = "load"
_OBJECTIVES = ("latency", "error-ratio")
_MAX_DROPPED = 0.01  # of the visits that were due: more are failures of the release, where it was slow as well


def judge_load(evidence: LoadEvidence, profile: LoadProfile) -> tuple[Finding, ...]:
    """Findings against the release, or against believing the run; none where every objective was met.

    What speaks against the run itself makes it INCONCLUSIVE. Objectives are judged all the same, as what
    failed under less load than planned did fail; only a generator that was the bottleneck proves nothing.
    """
    if not evidence.planned_s:
        return (Finding(STAGE, "no-evidence", Severity.INCONCLUSIVE, StageSubject(STAGE, evidence.profile)),)
    doubts = doubts_of(evidence, profile)
    if prove_nothing(doubts):
        return tuple(_findings(evidence, doubts, "end.json"))
    found = _held_against_it(evidence, list(_judge_objectives(evidence, profile)))
    failed = list(_arrivals_failed(judged_arrivals(evidence, profile), found))
    if failed:  # the system explains what would else be said against the run
        doubts = [doubt for doubt in doubts if doubt.rule != "arrivals-dropped"]
    if evidence.aborted and not any(observed.severity is Severity.BLOCK for observed in found):
        doubts.append(Observation("aborted-without-cause", Severity.INCONCLUSIVE, AbortedFor(evidence.aborted)))
    found.sort(key=lambda observed: observed.severity is not Severity.BLOCK)
    return (*_findings(evidence, doubts, "end.json"), *_findings(evidence, found, "samples.ndjson"),
            *_findings(evidence, failed, "end.json"),
            *_findings(evidence, judge_memory(evidence, profile), "memory.ndjson" if evidence.memory else "end.json"))


def _held_against_it(evidence: LoadEvidence, found: list[Observation]) -> list[Observation]:
    """A late generator makes times longer, never shorter: what was met is met, and what took too long proves nothing.

    A failure is one all the same.
    """
    lag_ms = evidence.lag_p95_ms
    late = [observed for observed in found if observed.severity is Severity.BLOCK and observed.rule != "error-ratio"]
    if lag_ms is None or lag_ms <= MAX_LAG_OF_A_MISS_MS or not late:
        return found
    return [Observation("generator-late", Severity.INCONCLUSIVE, GeneratorLate(lag_ms, MAX_LAG_OF_A_MISS_MS)),
            *(observed for observed in found if observed not in late)]


def _judge_objectives(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    """Of the whole profile, or where it has steps of each step by itself."""
    if profile.arrivals is not None and profile.arrivals.steps is not None:
        yield from judge_steps(evidence, profile, profile.arrivals.steps.at_least_per_s)
        return
    yield from judge_endpoints(evidence.endpoints, profile, extended=evidence.extended)
    yield from judge_recovery(evidence, profile)


def _arrivals_failed(arrived: Arrived | None, found: Iterable[Observation]) -> Iterator[Observation]:
    """Visits that could not start are the release's failures only where it missed its objectives: else the limit of
    visits at once was too low for it, which is the profile's fault.
    """
    if arrived is None or not any(observed.rule in _OBJECTIVES and observed.severity is Severity.BLOCK
                                  for observed in found):
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
