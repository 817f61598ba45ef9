"""The parts of a stage's evidence that only its own process knew, as members of evidence.json, and back.

The larger part of the evidence is in the files of the stage, whose readers give it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneysEvidence
from gonogo.model.load import LoadEvidence
from gonogo.model.scenarios import ScenarioEvidence
from gonogo.records.evidence_file import EVIDENCE_FILE
from gonogo.records.journeys import read_journeys
from gonogo.records.load_reader import read_load_evidence
from gonogo.records.messages import MESSAGES_FILE, read_messages

Part = dict[str, object]

_SCENARIOS = TypeAdapter(ScenarioEvidence)


class _Journeys(BaseModel):
    """`planned` are the keys of scenarios with their lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    planned: tuple[tuple[str, int], ...]
    finished: bool
    faults: tuple[str, ...]
    began_s: float


class _Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str
    journeys: _Journeys | None = None


class _Load(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    profiles: tuple[_Profile, ...]


def scenarios_part(evidence: ScenarioEvidence) -> Part:
    """All but the scenarios themselves."""
    part: Part = _SCENARIOS.dump_python(replace(evidence, scenarios=()), mode="json")
    return part


def reread_scenarios(folder: Path, part: Mapping[str, object]) -> ScenarioEvidence:
    """The evidence in the folder of a stage, which has no record if no feature was there. Raises EvidenceError."""
    try:
        evidence = _SCENARIOS.validate_python(part)
    except ValidationError as error:
        raise _invalid(folder) from error
    record = folder / MESSAGES_FILE
    return replace(evidence, scenarios=read_messages(record).scenarios if record.exists() else ())


def load_part(profiles: tuple[LoadEvidence, ...]) -> Part:
    """The names of the profiles, and what is known of the journeys beside each."""
    return _Load(profiles=tuple(
        _Profile(profile=each.profile, journeys=_journeys_part(each.journeys) if each.journeys else None)
        for each in profiles)).model_dump(mode="json")


def reread_load(run_folder: Path, stage: str, part: Mapping[str, object]) -> tuple[LoadEvidence, ...]:
    """The evidence of each profile; a damaged record was no evidence to the run either. Raises EvidenceError."""
    try:
        load = _Load.model_validate(part)
    except ValidationError as error:
        raise _invalid(run_folder / stage) from error
    return tuple(_reread_profile(run_folder, run_folder / stage / each.profile, each) for each in load.profiles)


def _journeys_part(journeys: JourneysEvidence) -> _Journeys:
    return _Journeys(planned=tuple((each.key, line) for each, line in journeys.planned.items()),
                     finished=journeys.finished, faults=journeys.faults, began_s=journeys.began_s)


def _reread_profile(run_folder: Path, folder: Path, known: _Profile) -> LoadEvidence:
    found = LoadEvidence(profile=known.profile)
    with suppress(EvidenceError):
        found = read_load_evidence(folder)
    if known.journeys is None:
        return found
    return replace(found, journeys=_reread_journeys(run_folder, folder / "journeys", known.journeys, found.sent_s))


def _reread_journeys(run_folder: Path, folder: Path, known: _Journeys, until_s: float) -> JourneysEvidence:
    try:
        planned = {ScenarioId.from_key(key): line for key, line in known.planned}
    except ValueError as error:
        raise _invalid(folder) from error
    evidence = JourneysEvidence(planned=planned, until_s=until_s)
    with suppress(EvidenceError):
        evidence = read_journeys(folder, run_folder=run_folder, planned=planned, began_s=known.began_s, until_s=until_s)
    return replace(evidence, finished=known.finished, faults=known.faults)


def _invalid(folder: Path) -> EvidenceError:
    return EvidenceError(f"{EVIDENCE_FILE} has no valid evidence of the stage.", where=str(folder),
                         fix="run the gate again; nothing may write to the folder of a run that has ended.")
