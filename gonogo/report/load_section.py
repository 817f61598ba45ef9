"""The load sections of report.html: each profile's figures, objectives and comparison with the baseline. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.config import Environment, LoadProfile, Objective
from gonogo.model.load import EndpointSamples, LoadEvidence, PhaseKind
from gonogo.model.run import RunEvidence
from gonogo.model.stages import LoadResults
from gonogo.report.load_timeline import render_timeline
from gonogo.report.vitals import PageRow, page_rows
from gonogo.report.wording.load import knee_words, lost_objective
from gonogo.verdict.load.checks import budget_spent
from gonogo.verdict.load.comparison import compared
from gonogo.verdict.load.profile import knee
from gonogo.verdict.load.regression import Change, Regression

_PERCENTILES = (50, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint; `budget` is the share of the error budget that it used."""

    endpoint: str
    requests: int
    failed: int
    budget: str
    percentiles: tuple[float, ...]
    objective: str


@dataclass(frozen=True, slots=True)
class Section:
    """One profile. `facts` are sentences, `timeline` is SVG, `changes` are against the baseline."""

    name: str
    facts: tuple[str, ...]
    rows: tuple[Row, ...]
    timeline: str
    pages: tuple[PageRow, ...]
    changes: tuple[tuple[str, ...], ...]


def load_sections(evidence: RunEvidence, environment: Environment) -> list[Section]:
    """One section per profile, in the order in which they ran."""
    load = environment.load
    profiles = [profile for _, results in evidence.evidence(LoadResults) for profile in results.profiles]
    if load is None or not profiles:
        return []
    comparisons = compared(profiles, load, evidence.baseline)
    return [_section(each, load.profiles[each.profile], comparisons.get(each.profile)) for each in profiles
            if each.profile in load.profiles]


def _section(evidence: LoadEvidence, profile: LoadProfile, comparison: Regression | None) -> Section:
    journeys = profile.journeys
    stepwise = bool(profile.arrivals and profile.arrivals.steps)
    endpoints = [samples for phase in evidence.phases for samples in phase.endpoints if phase.kind is PhaseKind.STEP
                 ] if stepwise else evidence.endpoints
    return Section(
        name=evidence.profile, facts=tuple(_facts(evidence, profile)),
        rows=tuple(_row(samples, profile.objective_of(samples.endpoint)) for samples in endpoints if samples.requests),
        timeline=render_timeline(evidence, journeys.lcp_ms if journeys else None),
        pages=page_rows(evidence.journeys.visits_under_load if evidence.journeys else (),
                        journeys.objectives if journeys else {}),
        changes=tuple(map(_change, comparison.changes if comparison else ())))


def _facts(evidence: LoadEvidence, profile: LoadProfile) -> list[str]:
    failed = sum(samples.failed for samples in evidence.endpoints)
    facts = [f"{evidence.requests} requests in {evidence.sent_s:.1f} s; {failed} of the judged requests failed."]
    if evidence.arrived:
        facts.append(f"Open loop: {evidence.arrived.started} of {evidence.arrived.due} due visits started, "
                     f"{evidence.arrived.dropped} could not start; at most {evidence.peak_users} ran at once. "
                     "Latencies count from the time when a visit was due.")
    else:
        facts.append(f"Closed loop: each of at most {evidence.peak_users} users waits for an answer before the next "
                     "request, so a slow system gets fewer requests.")
    if evidence.cpu_ratio is not None and evidence.lag_p95_ms is not None:
        facts.append(f"Generator: CPU at most {evidence.cpu_ratio:.0%} of a core, lag p95 "
                     f"{evidence.lag_p95_ms:.0f} ms.")
    if profile.arrivals and profile.arrivals.steps:
        facts.append(f"Knee: {knee_words(knee(evidence, profile))}.")
    if evidence.extended:
        facts.append("Extended to twice the planned time, because objectives were undecided.")
    if evidence.aborted:
        facts.append(f"Stopped early: {lost_objective(evidence.aborted)}.")
    return facts


def _change(change: Change) -> tuple[str, ...]:
    """Endpoint, percentile, was, is, ratio with its bounds, and the smallest detectable ratio."""
    detectable_ratio = "none" if change.detectable_ratio is None else f"{change.detectable_ratio:.2f}"
    return (change.endpoint, f"p{change.percent}", f"{change.was_ms:.1f}", f"{change.now_ms:.1f}",
            f"{change.ratio:.2f} ({change.low:.2f} to {change.high:.2f})", detectable_ratio)


def _row(samples: EndpointSamples, objective: Objective | None) -> Row:
    spent = budget_spent(samples, objective) if objective else 0.0
    return Row(samples.endpoint, samples.requests, samples.failed, f"{spent:.0%}" if objective else "",
               samples.latencies.percentiles(*_PERCENTILES), _bounds(objective))


def _bounds(objective: Objective | None) -> str:
    if objective is None:
        return "none"
    bounds = [f"p{percent:g} ≤ {bound_ms:g} ms" for percent, bound_ms in objective.percentiles.items()]
    fewest = [f"≥ {objective.min_requests} requests"] if objective.min_requests > 1 else []
    return ", ".join([*bounds, f"errors ≤ {objective.error_ratio:.1%}", *fewest])
