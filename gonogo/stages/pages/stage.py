"""A site's pages before promotion: opened by a child process, of which only the record counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.core.errors import ConfigError
from gonogo.model.site import is_site_address
from gonogo.stages.stage import Policy, Run, Setup, Stage

if TYPE_CHECKING:
    from gonogo.model.baseline import Baseline
    from gonogo.model.stages import JudgedStage, StageEvidence, StageResult


class PagesStage(Stage):
    """The page at the environment's url, and what it links to within its site."""

    name = "pages"
    extra = "browser"

    def check(self, setup: Setup) -> None:
        if self.name in setup.environment.stages and not is_site_address(setup.environment.url):
            raise ConfigError(f"The {self.name} stage cannot open this url: it has no host, or a user in it.",
                              where=setup.where("url"), fix="write it like https://shop.example.com.")

    def run(self, run: Run) -> StageResult:
        from gonogo.stages.pages.child import open_pages  # noqa: PLC0415  processes, which a run alone needs

        return open_pages(self.name, run)

    def reread(self, run_folder: Path, kept: Mapping[str, object]) -> StageEvidence:
        from gonogo.records.pages import PAGES_FILE, read_pages  # noqa: PLC0415  after a run

        return read_pages(run_folder / self.name / PAGES_FILE)

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        from gonogo.stages.pages.judge import judge_result  # noqa: PLC0415  rules, after a run

        return judge_result(result, policy.environment.pages)
