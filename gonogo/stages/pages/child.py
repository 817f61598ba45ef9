"""The gate's side of `visit`: the child process is started, watched and ended, and its record read."""

from __future__ import annotations

import sys

from gonogo.model.progress import Progress
from gonogo.model.stages import StageResult
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.records.pages import PAGES_FILE, read_pages
from gonogo.stages.child import Child
from gonogo.stages.reading import evidence_or_none
from gonogo.stages.stage import Run

LOG_FILE = "visit.log"
_START_AND_END_S = 30.0  # of the child and its browser, on a busy machine
_PAGE = 3.0  # times `load_s`: the page that is open when the time is over is still brought to its end


def open_pages(stage: str, run: Run) -> StageResult:
    """Open the pages in a child process and return its evidence. The child's exit code is not used."""
    folder = run.run_folder / stage
    budget_s, load_s = run.environment.budgets.pages_s, run.environment.pages.load_s
    counter = _PageCounter(stage, NdjsonTail(folder / PAGES_FILE))
    child = Child([sys.executable, "-m", "gonogo.stages.pages.visit"], cwd=run.root, log=folder / LOG_FILE,
                  run_folder=run.run_folder, masker=run.masker, plan=run.plan,
                  environ={**run.environ, "GONOGO_RUN_DIR": str(run.run_folder)})

    def look() -> None:
        if counter.count():
            run.watcher.progressed(counter.progress)

    run.watcher.stage_started(stage, "pages")
    with child:
        end = child.run_to_its_end(budget_s + load_s * _PAGE + _START_AND_END_S, look)
    run.watcher.stage_ended(stage, end, counter.progress)
    record = folder / PAGES_FILE
    evidence = evidence_or_none(lambda: read_pages(record), run.watcher) if record.exists() else None
    if evidence is None:
        return StageResult(0, 0, processes=(end,), duration_s=end.duration_s)
    return StageResult(len(evidence.begun), len(evidence.pages), evidence, (end,), end.duration_s)


class _PageCounter:
    """Counts pages from the record while it is written."""

    def __init__(self, stage: str, tail: NdjsonTail) -> None:
        self._stage = stage
        self._tail = tail
        self._begun = 0
        self._done = 0

    def count(self) -> bool:
        """Take in what is new; True where there was something."""
        kinds = [line.get("kind") for line in self._tail.new()]
        self._begun += kinds.count("begun")
        self._done += kinds.count("page")
        return bool(kinds)

    @property
    def progress(self) -> Progress:
        return Progress(self._stage, self._done, self._begun, 0)
