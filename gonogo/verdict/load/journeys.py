"""Rules on journeys under load: scenarios must pass and pages must meet their web vitals while the load runs.

A page meets an objective if at least 75 % of its visits do (nearest rank), as Core Web Vitals are assessed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonogo.config import Journeys
from gonogo.model.findings import Finding, NoParameters, Parameters, Severity, StageSubject, Subject
from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneyRun, JourneysEvidence, PageVitals
from gonogo.model.rules.load import JourneyFailed, JourneysNotRun, VitalNotReported, VitalTooHigh
from gonogo.model.scenarios import Status

PERCENT = 75
# A browser on an overloaded generator is overloaded too, so its results show the machine, not the release.
UNUSABLE_RUN_RULES = frozenset({"generator-saturated", "generator-late"})
STAGE = "load"
_EXECUTED = (Status.PASSED, Status.FAILED)


def judge_journeys(profile: str, evidence: JourneysEvidence | None, settings: Journeys) -> Iterator[Finding]:
    """Findings of the journeys during one load profile; none if all passed and every page met its objectives."""
    subject = StageSubject(STAGE, profile)
    if evidence is None:
        yield _doubt(subject, "journeys-not-run", JourneysNotRun("no-evidence"))
        return
    for scenario, parameters in _not_run(evidence, settings):
        yield _doubt(scenario or subject, "journeys-not-run", replace(parameters, profile=profile),
                     f"load/{profile}/journeys/messages.ndjson")
    yield from _failed(profile, evidence)
    for name, bound in settings.objectives.items():
        yield from _judge_vital(subject, name, bound, evidence.visits_under_load)


def _doubt(subject: Subject, rule: str, parameters: Parameters = NoParameters(), *evidence: str) -> Finding:
    return Finding(STAGE, rule, Severity.INCONCLUSIVE, subject, parameters, evidence=evidence)


def _not_run(evidence: JourneysEvidence, settings: Journeys) -> Iterator[tuple[ScenarioId | None, JourneysNotRun]]:
    """What kept journeys from running as configured, with the scenario if it concerns one."""
    if not evidence.planned:
        yield None, JourneysNotRun("no-tag")
    if not evidence.finished:
        yield None, JourneysNotRun("not-closed", faults=evidence.faults)
    else:
        for fault in evidence.faults:
            yield None, JourneysNotRun("fault", faults=(fault,))
        for run in _first_of_each(evidence.runs):
            yield run.scenario, JourneysNotRun("not-tried", run.name, run.line, status=run.status, step=run.step,
                                               message=run.message)
    executed = Counter(run.scenario for run in evidence.runs
                       if run.status in _EXECUTED and evidence.under_load(run.started_s))
    for scenario, line in evidence.planned.items():
        if executed[scenario] < settings.at_least:
            yield scenario, JourneysNotRun("too-few", scenario.name, line, runs=executed[scenario],
                                           required=settings.at_least)


def _first_of_each(runs: Sequence[JourneyRun]) -> list[JourneyRun]:
    """The first run of each scenario and status that neither passed nor failed."""
    first_runs: dict[tuple[ScenarioId, Status], JourneyRun] = {}
    for run in runs:
        if run.status not in _EXECUTED:
            first_runs.setdefault((run.scenario, run.status), run)
    return list(first_runs.values())


def _failed(profile: str, evidence: JourneysEvidence) -> Iterator[Finding]:
    """One finding per scenario: the first failure and the number of failures."""
    runs: dict[ScenarioId, list[JourneyRun]] = defaultdict(list)
    for run in evidence.runs:
        if run.status in _EXECUTED:
            runs[run.scenario].append(run)
    for scenario, of_one in runs.items():
        failed = [run for run in of_one if run.status is Status.FAILED]
        if failed:
            first = failed[0]
            yield Finding(STAGE, "journey-failed", Severity.BLOCK, scenario, JourneyFailed(
                profile, first.name, first.line, len(failed), len(of_one), first.started_s, first.step, first.message),
                evidence=first.evidence)


def _judge_vital(subject: StageSubject, name: str, bound: float, visits: Sequence[PageVitals]) -> Iterator[Finding]:
    by_page = vitals_by_page(visits, name)
    if not by_page:
        yield _doubt(subject, "vitals-not-reported", VitalNotReported(name, len(visits)))
    for page, reported in by_page.items():
        value = p75(reported)
        if value > bound:
            worst = max((visit for visit in visits if visit.page == page and getattr(visit, name) is not None),
                        key=lambda visit: float(getattr(visit, name)))
            parameters = VitalTooHigh(name, page, value, bound, len(reported))
            yield Finding(STAGE, "vital", Severity.BLOCK, subject, parameters,
                          evidence=(worst.path,) if worst.path else ())


def vitals_by_page(visits: Sequence[PageVitals], name: str) -> dict[str, list[float]]:
    """Page → the values of one vital; pages without values are left out."""
    values: dict[str, list[float]] = defaultdict(list)
    for visit in visits:
        value = getattr(visit, name)
        if value is not None:
            values[visit.page].append(value)
    return dict(sorted(values.items()))


def p75(values: Sequence[float]) -> float:
    """The 75th percentile by nearest rank; `values` must not be empty."""
    return sorted(values)[math.ceil(PERCENT * len(values) / 100) - 1]
