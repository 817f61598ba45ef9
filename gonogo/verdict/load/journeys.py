"""What journeys under load say about the release: scenarios that must pass while others are served, pages in time.

A page meets an objective where at least 75 % of its visits do (nearest rank), as Core Web Vitals are assessed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from gonogo.config import Journeys
from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneyRun, JourneysEvidence, PageVitals
from gonogo.model.run import Status
from gonogo.model.verdict import Reason, Severity

PERCENT = 75
# On a generator that is out of breath a browser is so too: what it saw speaks of the machine.
PROVE_NOTHING = frozenset({"generator-saturated", "generator-late"})
_EXECUTED = (Status.PASSED, Status.FAILED)


def judge_journeys(profile: str, evidence: JourneysEvidence | None, asked: Journeys) -> Iterator[Reason]:
    """Reasons of the journeys beside one load profile; none where all passed and every page met its objectives."""
    record = f"load/{profile}/journeys/messages.ndjson"
    if evidence is None:
        yield _doubt("journeys-not-run", f"{profile}: journeys are asked for, and left no evidence at all")
        return
    for title in _not_run(evidence, asked):
        yield _doubt("journeys-not-run", f"{profile}: {title}", record)
    yield from _failed(profile, evidence)
    for name, bound in asked.objectives.items():
        yield from _judge_vital(profile, name, bound, evidence.visits_under_load)


def _doubt(rule: str, title: str, *evidence: str) -> Reason:
    return Reason("load", rule, Severity.INCONCLUSIVE, title, evidence=evidence)


def _not_run(evidence: JourneysEvidence, asked: Journeys) -> Iterator[str]:
    """Whatever keeps the journeys from having been tried as they should."""
    if not evidence.asked:
        yield "no scenario bears the tag for journeys under load"
    if not evidence.finished:
        yield "; ".join(("the journeys' runner ended before it closed its record", *evidence.faults))
    else:
        for fault in evidence.faults:
            yield f"journeys: {fault}"
        for run in _first_of_each(evidence.runs):
            yield f"{_title(run)} could not be tried ({run.status}){_said(run)}"
    executed = Counter(run.scenario for run in evidence.runs
                       if run.status in _EXECUTED and evidence.under_load(run.started_s))
    for scenario, location in evidence.asked.items():
        if executed[scenario] < asked.at_least:
            yield (f"{scenario.name} ({location}) ran {_counted(executed[scenario], 'time')} under load, and "
                   f"{asked.at_least} are asked for")


def _first_of_each(runs: Sequence[JourneyRun]) -> list[JourneyRun]:
    """Of each scenario the first run that ended in none of the ways that say something about the release."""
    found: dict[tuple[ScenarioId, Status], JourneyRun] = {}
    for run in runs:
        if run.status not in _EXECUTED:
            found.setdefault((run.scenario, run.status), run)
    return list(found.values())


def _failed(profile: str, evidence: JourneysEvidence) -> Iterator[Reason]:
    """One reason a scenario: the first failure, and how many there were."""
    runs: dict[ScenarioId, list[JourneyRun]] = defaultdict(list)
    for run in evidence.runs:
        if run.status in _EXECUTED:
            runs[run.scenario].append(run)
    for of_one in runs.values():
        failed = [run for run in of_one if run.status is Status.FAILED]
        if failed:
            first = failed[0]
            yield Reason("load", "journey-failed", Severity.BLOCK,
                         f"{profile}: {_title(first)} failed {len(failed)} of {_counted(len(of_one), 'time')} under "
                         f"load, first after {first.started_s:.0f} s{_said(first)}", evidence=first.evidence)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _title(run: JourneyRun) -> str:
    return f"{run.name} ({run.location})"


def _said(run: JourneyRun) -> str:
    said = ": ".join(part for part in (run.step, run.message) if part)
    return f": {said}" if said else ""


def _judge_vital(profile: str, name: str, bound: float, visits: Sequence[PageVitals]) -> Iterator[Reason]:
    by_page = vitals_by_page(visits, name)
    shown, unit = SHOWN[name]
    if not by_page:
        yield _doubt("vitals-untold", f"{profile}: {shown} has an objective, and no page told it "
                     f"({_counted(len(visits), 'visit')})")
    for page, told in by_page.items():
        value = p75(told)
        if value > bound:
            worst = max((visit for visit in visits if visit.page == page and getattr(visit, name) is not None),
                        key=lambda visit: float(getattr(visit, name)))
            yield Reason("load", "vital", Severity.BLOCK,
                         f"{profile}: {page} {shown} p{PERCENT} {value:.4g}{unit} > {bound:g}{unit} "
                         f"({_counted(len(told), 'visit')})", evidence=(worst.path,) if worst.path else ())


# key of an objective, and field of a visit → what people call it, its unit
SHOWN = {"lcp_ms": ("LCP", " ms"), "inp_ms": ("INP", " ms"), "cls": ("CLS", ""), "ttfb_ms": ("TTFB", " ms")}


def vitals_by_page(visits: Sequence[PageVitals], name: str) -> dict[str, list[float]]:
    """Page → what its visits told of one vital; a page that told nothing of it is left out."""
    found: dict[str, list[float]] = defaultdict(list)
    for visit in visits:
        value = getattr(visit, name)
        if value is not None:
            found[visit.page].append(value)
    return dict(sorted(found.items()))


def p75(values: Sequence[float]) -> float:
    """The smallest of `values` that at least 75 % of them do not exceed."""
    return sorted(values)[math.ceil(PERCENT * len(values) / 100) - 1]
