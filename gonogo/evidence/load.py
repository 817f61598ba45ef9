"""The record of one load profile: written each second while it runs, read back as LoadEvidence.

    load/<profile>/plan.json        what was to be sent; written before anything is sent
    load/<profile>/samples.ndjson   a line per second and endpoint: unrounded times, failures by cause
    load/<profile>/end.json         how it ended; without it the generator did not live to tell

Whether the figures are good enough is `gonogo.verdict.load`'s to say; no Locust here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gonogo.errors import EvidenceError
from gonogo.evidence.model import EndpointSamples, LoadEvidence
from gonogo.evidence.run_folder import write_json

PLAN_FILE = "plan.json"
SAMPLES_FILE = "samples.ndjson"
END_FILE = "end.json"
_AGAIN = "run the profile again; nothing but it may write into its folder."
_Record = TypeVar("_Record", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoadPlan(_Strict):
    """What was to be sent. `started` is ISO 8601, UTC; personas are counted by weight."""

    profile: str
    environment: str
    url: str
    started: str
    users: int
    spawn_rate: float
    duration_s: float
    shape: str
    personas: Mapping[str, int]


class SecondOfEndpoint(_Strict):
    """What an endpoint answered in one second. `second` counts from the start of the run."""

    second: int
    endpoint: str
    latencies_ms: list[float] = Field(default_factory=list)
    failures: Mapping[str, int] = Field(default_factory=dict)


class LoadEnd(_Strict):
    """How it ended. `reason` says why where `finished` is False."""

    finished: bool
    reason: str = ""
    sent_s: float
    peak_users: int
    missing_users: int = 0
    lost_workers: int = 0
    cpu_ratio: float | None = None
    user_errors: Mapping[str, int] = Field(default_factory=dict)


class LoadRecord:
    """Writes the record of one run of a profile; raises EvidenceError where it cannot."""

    def __init__(self, folder: Path, plan: LoadPlan) -> None:
        if (folder / PLAN_FILE).exists():
            raise EvidenceError(f"The profile '{plan.profile}' has already left its record here.", where=str(folder),
                                mend="choose another run folder (GONOGO_RUN_DIR), or leave it to be made.")
        self.folder = folder
        write_json(folder / PLAN_FILE, plan.model_dump())
        self._samples = (folder / SAMPLES_FILE).open("w", encoding="utf-8")

    def add(self, seconds: list[SecondOfEndpoint]) -> None:
        """Append, and hand to the system at once: a killed generator loses its last second at most."""
        try:
            for line in seconds:
                self._samples.write(line.model_dump_json() + "\n")
            self._samples.flush()
        except OSError as error:
            raise EvidenceError(f"{SAMPLES_FILE} cannot be written: {error.strerror}.", where=str(self.folder),
                                mend="free space on the disk.") from error

    def end(self, end: LoadEnd) -> None:
        self._samples.close()
        write_json(self.folder / END_FILE, end.model_dump())


def read_load_evidence(folder: Path) -> LoadEvidence:
    """The record in `folder` (load/<profile>/); what is missing reads as not sent and not finished.

    Raises EvidenceError where a file is there and is not what was written.
    """
    plan = _read(folder / PLAN_FILE, LoadPlan)
    if plan is None:
        return LoadEvidence(profile=folder.name)
    end = _read(folder / END_FILE, LoadEnd)
    sent = _read_samples(folder / SAMPLES_FILE, whole=end is not None)
    written_s = max((line.second for line in sent), default=0)
    return LoadEvidence(
        profile=plan.profile, endpoints=_by_endpoint(sent), finished=end is not None and end.finished,
        planned_s=plan.duration_s, planned_users=plan.users, sent_s=end.sent_s if end else float(written_s),
        planned_spawn_rate=plan.spawn_rate, peak_users=end.peak_users if end else 0,
        missing_users=end.missing_users if end else 0, lost_workers=end.lost_workers if end else 0,
        cpu_ratio=end.cpu_ratio if end else None, user_errors=dict(end.user_errors) if end else {})


def _by_endpoint(sent: list[SecondOfEndpoint]) -> tuple[EndpointSamples, ...]:
    latencies: dict[str, list[float]] = {}
    failures: dict[str, Counter[str]] = {}
    for line in sent:
        latencies.setdefault(line.endpoint, []).extend(line.latencies_ms)
        failures.setdefault(line.endpoint, Counter()).update(line.failures)
    return tuple(EndpointSamples(endpoint, tuple(latencies[endpoint]), dict(failures[endpoint]))
                 for endpoint in sorted(latencies))


def _read_samples(path: Path, *, whole: bool) -> list[SecondOfEndpoint]:
    """The lines of a record; the last may be cut off where the generator was killed (`whole` is False)."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    lines = text.splitlines(keepends=True)
    if not whole and lines and not lines[-1].endswith("\n"):
        lines.pop()
    return [_parse(line, SecondOfEndpoint, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _read(path: Path, model: type[_Record]) -> _Record | None:
    try:
        return _parse(path.read_text(encoding="utf-8"), model, str(path))
    except FileNotFoundError:
        return None


def _parse(text: str, model: type[_Record], where: str) -> _Record:
    try:
        return model.model_validate(json.loads(text))
    except (ValueError, ValidationError) as error:
        raise EvidenceError("The record of the load is damaged.", where=where, mend=_AGAIN) from error
