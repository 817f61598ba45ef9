"""The pages stage: a child process opens a site's pages; only its record counts."""

from __future__ import annotations

import sys
from pathlib import Path

from gonogo.core.errors import ConfigError, EvidenceError
from gonogo.model.baseline import Baseline
from gonogo.model.pages import SiteEvidence
from gonogo.model.progress import Progress
from gonogo.model.site import is_site_address
from gonogo.model.stages import JudgedStage, StageFigures, StageResult
from gonogo.records.ndjson_tail import NdjsonTail
from gonogo.records.pages import PAGES_FILE, read_pages
from gonogo.stages.child import Child
from gonogo.stages.pages.judge import STAGE, judge_pages, pages_not_checked, passed
from gonogo.stages.stage import Policy, Run, Setup, Stage

LOG_FILE = "visit.log"
_START_AND_END_S = 30.0  # start and end of the child and its browser on a busy machine
_PAGE = 3.0  # times `load_s`: the page that is open at the end of the budget is completed


class PagesStage(Stage):
    """The page at the environment's url, and the pages of the same site that it links to."""

    name = STAGE
    extra = "browser"

    def check(self, setup: Setup) -> None:
        if self.name in setup.environment.stages and not is_site_address(setup.environment.url):
            raise ConfigError(f"The {self.name} stage cannot open this url: it has no host, or it contains a user.",
                              where=setup.where("url"), fix="write it like https://shop.example.com.")

    def run(self, run: Run) -> StageResult:
        folder = run.run_folder / self.name
        budget_s, load_s = run.environment.budgets.pages_s, run.environment.pages.load_s
        counter = _PageCounter(self.name, NdjsonTail(folder / PAGES_FILE))
        child = Child([sys.executable, "-m", "gonogo.stages.pages.visit"], cwd=run.root, log=folder / LOG_FILE,
                      run_folder=run.run_folder, plan=run.plan, masker=run.masker,
                      environ={**run.environ, "GONOGO_RUN_DIR": str(run.run_folder)})

        def on_poll() -> None:
            if counter.count():
                run.watcher.progressed(counter.progress)

        run.watcher.stage_started(self.name, "pages")
        with child:
            end = child.run_to_its_end(budget_s + load_s * _PAGE + _START_AND_END_S, on_poll)
        run.watcher.stage_ended(self.name, end, counter.progress)
        evidence = _read(folder / PAGES_FILE)
        if evidence is None:
            return StageResult(0, 0, processes=(end,), duration_s=end.duration_s)
        return StageResult(len(evidence.begun), len(evidence.pages), evidence, (end,), end.duration_s)

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        evidence, pages = result.evidence, policy.environment.pages
        if not isinstance(evidence, SiteEvidence):
            return JudgedStage()
        findings = judge_pages(evidence, pages.accessibility)
        good = passed(evidence, findings)
        figures = StageFigures(result.planned, result.executed, good, result.executed - good,
                               duration_s=result.duration_s, unit="pages")
        return JudgedStage(findings, figures, list(pages_not_checked(evidence, pages.accessibility, pages.max_pages)))


def _read(path: Path) -> SiteEvidence | None:
    """Return the record; None if it is missing or unreadable, which is judged as no evidence."""
    try:
        return read_pages(path) if path.exists() else None
    except EvidenceError:
        return None


class _PageCounter:
    """Counts pages in the record while it is written."""

    def __init__(self, stage: str, tail: NdjsonTail) -> None:
        self._stage = stage
        self._tail = tail
        self._begun = 0
        self._done = 0

    def count(self) -> bool:
        """Count new lines; return whether there were any."""
        kinds = [line.get("kind") for line in self._tail.new()]
        self._begun += kinds.count("begun")
        self._done += kinds.count("page")
        return bool(kinds)

    @property
    def progress(self) -> Progress:
        return Progress(self._stage, self._done, self._begun, 0)
