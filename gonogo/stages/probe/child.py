"""The gate's side of `send`: the child process gets the baseline's requests, is watched and ended, and its record read.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from gonogo.model.progress import Progress
from gonogo.model.stages import StageResult
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.records.probe import REQUESTS_FILE, read_probe
from gonogo.records.probe_baseline import KIND, probe_baseline
from gonogo.records.run_folder import write_masked_json
from gonogo.stages.child import Child
from gonogo.stages.reading import evidence_or_none
from gonogo.stages.stage import Run

STAGE = "probe"
BASELINE_FILE = "baseline.json"
LOG_FILE = "send.log"
_START_AND_END_S = 45.0  # imports, sign-ins and the last answer, on a busy machine
_LONGEST = 2.0  # times `seconds`: as `send` gives the baseline's requests


def send_requests(stage: str, run: Run) -> StageResult:
    """Send the requests in a child process and return its evidence. The child's exit code is not used."""
    folder, settings = run.run_folder / stage, run.environment.probe
    document = run.baseline.documents.get(KIND) if run.baseline else None
    known = probe_baseline(document) if document is not None else None
    if known is not None and document is not None:
        write_masked_json(folder / BASELINE_FILE, document, run.masker)
    counter = _RequestCounter(stage, NdjsonTail(folder / REQUESTS_FILE))
    child = Child([sys.executable, "-m", "gonogo.stages.probe.send"], cwd=run.root, log=folder / LOG_FILE,
                  run_folder=run.run_folder, masker=run.masker, plan=run.plan,
                  environ={**run.environ, "GONOGO_RUN_DIR": str(run.run_folder)})

    def look() -> None:
        if counter.count():
            run.watcher.progressed(counter.progress)

    run.watcher.stage_started(stage, _announced(settings.seconds, settings.max_requests,
                                                len(known.requests) if known else 0))
    with child:
        end = child.run_to_its_end(settings.seconds * _LONGEST + _START_AND_END_S, look)
    run.watcher.stage_ended(stage, end, counter.progress)
    record = folder / REQUESTS_FILE
    evidence = evidence_or_none(lambda: read_probe(record), run.watcher) if record.exists() else None
    if evidence is None:
        return StageResult(0, 0, processes=(end,), duration_s=end.duration_s)
    new = len(evidence.requests) - evidence.replayed
    return StageResult(evidence.planned + new, len(evidence.requests), evidence, (end,), end.duration_s)


def _announced(seconds: float, max_requests: int, known: int) -> str:
    first = f"the baseline's {known} requests again, then " if known else ""
    return f"{first}new requests, for {seconds:g} s, at most {max_requests}"


class _RequestCounter:
    """Counts requests from the record while it is written."""

    def __init__(self, stage: str, tail: NdjsonTail) -> None:
        self._stage = stage
        self._tail = tail
        self._planned = 0
        self._known = 0
        self._new = 0

    def count(self) -> bool:
        """Take in what is new; True where there was something."""
        lines = list(self._tail.new())
        for line in lines:
            planned, probed = line.get("planned"), line.get("probed")
            self._planned += planned if isinstance(planned, int) else 0
            if isinstance(probed, Mapping):
                self._known += bool(probed.get("known"))
                self._new += not probed.get("known")
        return bool(lines)

    @property
    def progress(self) -> Progress:
        return Progress(self._stage, self._known + self._new, self._planned + self._new, 0, unit="requests")
