"""The evidence of the journeys that run during a load profile: results and web vitals, in seconds since load began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneyRun, JourneysEvidence, PageVitals
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.records.messages import MESSAGES_FILE, read_messages
from gonogo.records.vitals import VITALS_FILE, read_visits

_ALTERED = "another process changed messages.ndjson"
_NOT_EXECUTED = Attempt(Status.UNFINISHED, message="it was planned and never executed")


def read_journeys(folder: Path, *, run_folder: Path, planned: Mapping[ScenarioId, int], began_s: float,
                  until_s: float, key: str | None = None) -> JourneysEvidence:
    """The evidence in `folder`; missing files mean not run and not finished.

    `began_s` is the start of load in seconds since the epoch, `until_s` its duration, `key` that of the record's
    writer. Raises EvidenceError if a file is damaged.
    """
    record = folder / MESSAGES_FILE
    evidence = read_messages(record, key) if record.exists() else ScenarioEvidence()
    place = folder.parent.relative_to(run_folder).as_posix()
    return JourneysEvidence(
        planned=dict(planned), finished=evidence.finished, until_s=until_s, began_s=began_s,
        faults=(*evidence.faults, *([_ALTERED] if evidence.altered else ())),
        runs=tuple(_run(scenario, attempt, place, began_s)
                   for scenario in evidence.scenarios for attempt in scenario.attempts or (_NOT_EXECUTED,)),
        visits=tuple(sorted(_visits(folder, run_folder, began_s), key=lambda visit: visit.started_s)))


def _run(scenario: Scenario, attempt: Attempt, place: str, began_s: float) -> JourneyRun:
    return JourneyRun(
        scenario.id, scenario.name, attempt.status,
        started_s=attempt.started - began_s if attempt.started else 0.0, duration_s=attempt.duration_s,
        step=attempt.step, message=attempt.message, line=scenario.line,
        evidence=tuple(f"{place}/{path}" for path in attempt.attachments))


def _visits(folder: Path, run_folder: Path, began_s: float) -> Iterator[PageVitals]:
    for path in folder.glob(f"*/{VITALS_FILE}"):
        for visit in read_visits(path):
            yield PageVitals(visit.scenario, visit.page, visit.started - began_s, visit.lcp_ms, visit.inp_ms,
                             visit.cls, visit.ttfb_ms, path=path.relative_to(run_folder).as_posix())
