"""What a load profile says about the release: whether its run can be believed, and whether its objectives were met.

Reading the record is `gonogo.records.load_reader`'s; the comparison with the last promoted run is `load_regression`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gonogo.config import LoadProfile
from gonogo.model.load import Arrived, LoadEvidence
from gonogo.model.verdict import NO_EVIDENCE, Reason, Severity
from gonogo.verdict.load.confidence import share_bounds
from gonogo.verdict.load.memory import judge_memory
from gonogo.verdict.load.objectives import Finding, judge_endpoints
from gonogo.verdict.load.outlook import hopeless, undecided
from gonogo.verdict.load.recovery import judge_recovery
from gonogo.verdict.load.steps import Knee, judge_steps, knee, knee_passed
from gonogo.verdict.load.validity import LAG_OF_A_MISS_MS, doubts_of, judged_arrivals, lateness, prove_nothing

__all__ = ["Knee", "hopeless", "judge_load", "knee", "knee_passed", "undecided"]

_OBJECTIVES = ("latency", "error-ratio")
_MOST_DROPPED = 0.01  # of the visits that were due: more are failures of the release, where it was slow as well


def judge_load(evidence: LoadEvidence, profile: LoadProfile) -> tuple[Reason, ...]:
    """Reasons against the release, or against believing the run; none where every objective was met.

    What speaks against the run itself makes it INCONCLUSIVE. Objectives are judged all the same, as what
    failed under less load than planned did fail; only a generator that was out of breath proves nothing.
    """
    if not evidence.planned_s:
        return (Reason("load", NO_EVIDENCE, Severity.INCONCLUSIVE, f"{evidence.profile}: it left no evidence at all"),)
    doubts = doubts_of(evidence, profile)
    if prove_nothing(doubts):
        return tuple(_reasons(evidence, doubts, "end.json"))
    found = _held_against_it(evidence, list(_judge_objectives(evidence, profile)))
    failed = list(_arrivals_failed(judged_arrivals(evidence, profile), found))
    if failed:  # the system explains what would else be said against the run
        doubts = [doubt for doubt in doubts if doubt.rule != "arrivals-dropped"]
    if evidence.aborted and not any(finding.severity is Severity.BLOCK for finding in found):
        doubts.append(Finding("aborted-without-cause", Severity.INCONCLUSIVE, (
            f"it was ended early as an objective was lost ({evidence.aborted}), which the record does not show")))
    found.sort(key=lambda finding: finding.severity is not Severity.BLOCK)
    return (*_reasons(evidence, doubts, "end.json"), *_reasons(evidence, found, "samples.ndjson"),
            *_reasons(evidence, failed, "end.json"),
            *_reasons(evidence, judge_memory(evidence, profile), "memory.ndjson" if evidence.memory else "end.json"))


def _held_against_it(evidence: LoadEvidence, found: list[Finding]) -> list[Finding]:
    """A late generator makes times longer, never shorter: what was met is met, and what took too long proves nothing.

    A failure is one all the same.
    """
    lag_ms = evidence.lag_p95_ms
    late = [finding for finding in found if finding.severity is Severity.BLOCK and finding.rule != "error-ratio"]
    if lag_ms is None or lag_ms <= LAG_OF_A_MISS_MS or not late:
        return found
    return [Finding("generator-late", Severity.INCONCLUSIVE, lateness(lag_ms)),
            *(finding for finding in found if finding not in late)]


def _judge_objectives(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Finding]:
    """Of the whole profile, or where it has steps of each step by itself."""
    if profile.arrivals is not None and profile.arrivals.steps is not None:
        yield from judge_steps(evidence, profile, profile.arrivals.steps.at_least_per_s)
        return
    for endpoint, finding in judge_endpoints(evidence.endpoints, profile, extended=evidence.extended):
        yield Finding(finding.rule, finding.severity, f"{endpoint} {finding.title}")
    yield from judge_recovery(evidence, profile)


def _arrivals_failed(arrived: Arrived | None, found: Iterable[Finding]) -> Iterator[Finding]:
    """Visits that could not start are the release's failures only where it missed its objectives: else the limit of
    visits at once was too low for it, which is the profile's fault.
    """
    if arrived is None or not any(finding.rule in _OBJECTIVES and finding.severity is Severity.BLOCK
                                  for finding in found):
        return
    least = share_bounds(arrived.dropped, arrived.due).low or 0.0
    if least > _MOST_DROPPED:
        yield Finding("arrivals-failed", Severity.BLOCK, (
            f"{arrived.dropped} of {arrived.due} visits could not start ({arrived.dropped / arrived.due:.1%} > "
            f"{_MOST_DROPPED:.0%}), as earlier ones were still waiting for answers"))


def _reasons(evidence: LoadEvidence, findings: Iterable[Finding], file: str) -> Iterator[Reason]:
    for finding in findings:
        yield Reason("load", finding.rule, finding.severity, f"{evidence.profile}: {finding.title}", finding.component,
                     evidence=(f"load/{evidence.profile}/{file}",))
