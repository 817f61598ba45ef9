"""A stage that weighs pages, and a report in Markdown: what a plug-in of gonogo is made of."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests

from gonogo.core.errors import ConfigError
from gonogo.model.baseline import Baseline
from gonogo.model.findings import EndpointSubject, Finding, PluginParameters, Severity
from gonogo.model.stages import Ending, JudgedStage, ProcessEnd, StageEvidence, StageResult
from gonogo.report.report import Material, Report
from gonogo.report.wording import line_of
from gonogo.stages.stage import Policy, Run, Setup, Stage

_ANSWER_S = 10


@dataclass(frozen=True, slots=True)
class PageWeights(StageEvidence):
    """Path → bytes of its answer, without what the page loads."""

    by_path: Mapping[str, int]


class PageWeightStage(Stage):
    """`plugins: {page-weight: {max_kib: 200, paths: [/]}}` in an environment; `stages` names it."""

    name = "page-weight"

    def check(self, setup: Setup) -> None:
        max_kib = setup.environment.plugins.get(self.name, {}).get("max_kib", 200)
        if setup.requested and (not isinstance(max_kib, int) or max_kib < 1):
            raise ConfigError(f"max_kib of {self.name} must be a positive integer, got {max_kib!r}.",
                              where=setup.where("plugins", self.name, "max_kib"),
                              fix="write how many KiB a page may have, such as 200.")

    def run(self, run: Run) -> StageResult:
        paths = run.environment.plugins.get(self.name, {}).get("paths", ["/"])
        began = time.monotonic()
        run.watcher.stage_started(self.name, f"{len(paths)} pages")
        weights = {path: len(requests.get(urljoin(run.environment.url, path), timeout=_ANSWER_S).content)
                   for path in paths}
        folder = run.run_folder / self.name
        folder.mkdir()
        (folder / "weights.json").write_text(json.dumps(weights), encoding="utf-8")
        duration_s = time.monotonic() - began
        run.watcher.stage_ended(self.name, ProcessEnd(Ending.EXITED, 0, duration_s=duration_s), None)
        return StageResult(len(paths), len(weights), PageWeights(weights), duration_s=duration_s)

    def reread(self, run_folder: Path, kept: Mapping[str, object]) -> PageWeights:
        """For `gonogo rejudge`. What is in no file would come from `kept`, which a method of that name returns."""
        return PageWeights(json.loads((run_folder / self.name / "weights.json").read_text(encoding="utf-8")))

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        max_kib = policy.environment.plugins.get(self.name, {}).get("max_kib", 200)
        weights = result.evidence.by_path if isinstance(result.evidence, PageWeights) else {}
        return JudgedStage([
            Finding(self.name, "page-too-heavy", Severity.BLOCK, EndpointSubject(f"GET {path}"),
                    PluginParameters((("path", path), ("kib", weight // 1024), ("max_kib", max_kib)),
                                     "{path}: {kib} KiB; at most {max_kib} are allowed"),
                    evidence=(f"{self.name}/weights.json",))
            for path, weight in weights.items() if weight > max_kib * 1024])


class MarkdownReport(Report):
    """verdict.md, for a comment at a merge request."""

    file_name = "verdict.md"

    def render(self, material: Material) -> str:
        lines = [f"- {line_of(finding)}" for finding in material.verdict.findings]
        return "\n".join([f"# {material.verdict.answer}: {material.evidence.environment}", "", *lines]) + "\n"
