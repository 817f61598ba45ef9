"""The record of one load profile, written while it runs. Reading it back is `load`'s.

    load/<profile>/plan.json        what was to be sent; written before anything is sent
    load/<profile>/samples.ndjson   a line per second and endpoint: an HDR histogram, failures by cause
    load/<profile>/pulse.ndjson     a line a second: users or visits under way, how the generator itself fared
    load/<profile>/probe.ndjson     as samples, of what no release changes (where one is named)
    load/<profile>/memory.ndjson    what components said of their memory (where a profile asks for it)
    load/<profile>/end.json         how it ended; without it the generator did not live to tell

Seconds count from the start of the run, and a request belongs to the second in which it was due. No Locust here.
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
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedPhase(_Strict):
    """A part of the profile; `to_s` is None where it lasts to the end."""

    kind: PhaseKind
    from_s: float
    to_s: float | None = None
    per_s: float = 0.0

    def holds(self, second: int) -> bool:
        """Whether that whole second lies in it: one in which two phases meet belongs to the earlier."""
        return math.ceil(self.from_s) <= second < (math.inf if self.to_s is None else math.ceil(self.to_s))


class LoadPlan(_Strict):
    """What was to be sent. `started` is ISO 8601, UTC; personas are counted by weight.

    Of a closed loop `users` and `spawn_rate` say how many came, of an open one `arrivals`, as in environments.yml.
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
    """What became of the requests to an endpoint that were due in one second.

    `histogram` holds those with a time, as HdrHistogram's tools read it ("" for none); `untimed` counts the others.
    """

    second: int
    endpoint: str
    requests: int
    histogram: str = ""
    untimed: int = 0
    failures: Mapping[str, int] = Field(default_factory=dict)


class Pulse(_Strict):
    """One second of the generator: users or visits under way, visits of an open loop, its highest CPU use so far."""

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
    """The objective that could not be met any more; `percent` is None for a share of failures."""

    endpoint: str
    percent: float | None
    bound: float
    bad: int
    count: int


class LoadEnd(_Strict):
    """How it ended. `reason` says why where `finished` is False.

    `aborted` is the objective for which it was ended, `knee_passed` that a step missed one, which ends it too.
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
    extended: bool = False
    aborted: AbortedFor | None = None
    knee_passed: bool = False
    due: int | None = None
    started: int | None = None
    dropped: int | None = None


class LoadRecord:
    """Writes the record of one run of a profile, secrets masked; raises EvidenceError where it cannot."""

    def __init__(self, folder: Path, plan: LoadPlan, masker: Masker) -> None:
        if (folder / PLAN_FILE).exists():
            raise EvidenceError(f"The profile '{plan.profile}' has already left its record here.", where=str(folder),
                                fix="choose another run folder (GONOGO_RUN_DIR), or leave it to be made.")
        self.folder = folder
        self._masker = masker
        write_json(folder / PLAN_FILE, plan.model_dump(mode="json"), masker)
        self._files: dict[str, TextIO] = {}
        self.add([], SAMPLES_FILE)

    def add(self, lines: Sequence[BaseModel], file: str = SAMPLES_FILE) -> None:
        """Append to `file`, and hand to the system at once: a killed generator loses its last second at most."""
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
