"""Writes the record of one load profile during its run; `load_reader` reads it.

    load/<profile>/plan.json        the planned load; written before the first request
    load/<profile>/samples.ndjson   one line per second and endpoint: an HDR histogram, failures by cause
    load/<profile>/pulse.ndjson     one line per second: active users or visits, CPU use of the generator
    load/<profile>/probe.ndjson     as samples, of the reference probe that no release changes (if configured)
    load/<profile>/memory.ndjson    the memory that components report (if the profile measures it)
    load/<profile>/end.json         the end of the run; missing if the generator was killed

Seconds count from the start of the run. A request belongs to the second in which it was due. No Locust here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel, ConfigDict, Field

from gonogo.core.errors import EvidenceError
from gonogo.model.load import PhaseKind
from gonogo.records.run_folder import write_json
from gonogo.secrets.masking import Masker

PLAN_FILE = "plan.json"
SAMPLES_FILE = "samples.ndjson"
PULSE_FILE = "pulse.ndjson"
PROBE_FILE = "probe.ndjson"
MEMORY_FILE = "memory.ndjson"
END_FILE = "end.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PlannedPhase(_Strict):
    """A phase of the profile; `to_s` is None if it lasts to the end."""

    kind: PhaseKind
    from_s: float
    to_s: float | None = None
    per_s: float = 0.0

    def holds(self, second: int) -> bool:
        """Whether that second lies in it; a second in which two phases meet belongs to the earlier one."""
        return math.ceil(self.from_s) <= second < (math.inf if self.to_s is None else math.ceil(self.to_s))


class LoadPlan(_Strict):
    """The planned load. `started` is ISO 8601, UTC; `personas` are weights by name.

    A closed workload model has `users` and `spawn_rate`, an open one `arrivals`, as in environments.yml.
    """

    profile: str
    environment: str
    url: str
    started: str
    users: int
    spawn_rate: float
    arrivals: Mapping[str, object] | None = None
    duration_s: float
    shape: str
    personas: Mapping[str, int]
    phases: Sequence[PlannedPhase]


class SecondOfEndpoint(_Strict):
    """The results of the requests to an endpoint that were due in one second.

    `histogram` has the latencies in HdrHistogram's encoding ("" for none); `untimed` counts requests without one.
    """

    second: int
    endpoint: str
    requests: int
    histogram: str = ""
    untimed: int = 0
    failures: Mapping[str, int] = Field(default_factory=dict)


class Pulse(_Strict):
    """One second of the generator: active users or visits, the visits of an open model so far, the highest CPU use."""

    second: int
    users: int
    due: int = 0
    started: int = 0
    dropped: int = 0
    cpu_ratio: float | None = None


class MemoryOfComponent(_Strict):
    second: int
    component: str
    rss_bytes: int


class AbortedFor(_Strict):
    """The objective that could no longer be met; `percent` is None for an error ratio."""

    endpoint: str
    percent: float | None
    bound: float
    bad: int
    count: int


class LoadEnd(_Strict):
    """The end of the run. `reason` is set if `finished` is False.

    `aborted` is the objective whose violation ended the run; `knee_passed` is True if a step violated one.
    """

    finished: bool
    reason: str = ""
    sent_s: float
    peak_users: int
    missing_users: int = 0
    lost_workers: int = 0
    cpu_ratio: float | None = None
    lag_p95_ms: float | None = None
    user_errors: Mapping[str, int] = Field(default_factory=dict)
    refused: Sequence[str] = ()
    extended: bool = False
    aborted: AbortedFor | None = None
    knee_passed: bool = False
    due: int | None = None
    started: int | None = None
    dropped: int | None = None


class LoadRecord:
    """Writes the record of one run of a profile, with secrets masked. Raises EvidenceError."""

    def __init__(self, folder: Path, plan: LoadPlan, masker: Masker) -> None:
        if (folder / PLAN_FILE).exists():
            raise EvidenceError(f"The profile '{plan.profile}' already has a record here.", where=str(folder),
                                fix="set GONOGO_RUN_DIR to another run folder, or unset it to create a new one.")
        self.folder = folder
        self._masker = masker
        write_json(folder / PLAN_FILE, plan.model_dump(mode="json"), masker)
        self._files: dict[str, TextIO] = {}
        self.add([], SAMPLES_FILE)

    def add(self, lines: Sequence[BaseModel], file: str = SAMPLES_FILE) -> None:
        """Append to `file` and flush: a killed generator loses its last second at most. Raises EvidenceError."""
        try:
            if file not in self._files:
                self._files[file] = (self.folder / file).open("w", encoding="utf-8")
            documents = [self._masker.only_known_in(line.model_dump(mode="json")) for line in lines]
            self._files[file].writelines(json.dumps(each, separators=(",", ":")) + "\n" for each in documents)
            self._files[file].flush()
        except OSError as error:
            raise EvidenceError(f"{file} cannot be written: {error.strerror}.", where=str(self.folder),
                                fix="free space on the disk.") from error

    def end(self, end: LoadEnd) -> None:
        for file in self._files.values():
            file.close()
        write_json(self.folder / END_FILE, end.model_dump(), self._masker)
