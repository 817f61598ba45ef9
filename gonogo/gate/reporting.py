"""Writes the files that end a run: every report, then verdict.json, atomically."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gonogo.config import Environment
from gonogo.gate.extensions import Extension
from gonogo.gate.judging import Judges
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Verdict
from gonogo.records.run_folder import VERDICT_FILE, write_json, write_whole
from gonogo.report.report import Material, Report
from gonogo.report.verdict_document import verdict_document
from gonogo.secrets.masking import Masker


@dataclass(frozen=True, slots=True)
class Reporting:
    """`reports` by name, gonogo's own first; a plug-in cannot use the file names of earlier reports."""

    reports: Mapping[str, Extension[type[Report]]]
    judges: Judges
    environment: Environment
    run_folder: Path
    masker: Masker

    def conclude(self, evidence: RunEvidence, *, started: str, ended: str) -> Verdict:
        """Judge the run, and write its reports and verdict. The verdict has a finding for each report that failed."""
        guard = self.judges.guard
        while True:
            verdict = self.judges.judge(evidence, self.environment)
            document = verdict_document(evidence, verdict, started=started, ended=ended).as_json()
            fault_count = len(guard.faults)
            texts = self._render(Material(document, verdict, evidence, self.environment, self.run_folder))
            if len(guard.faults) == fault_count:
                break
        for name, text in texts.items():
            write_whole(self.run_folder / name, text, self.masker)
        write_json(self.run_folder / VERDICT_FILE, document, self.masker)
        return verdict

    def _render(self, material: Material) -> Mapping[str, str]:
        texts: dict[str, str] = {}
        taken = {path.name for path in self.run_folder.iterdir()} | {VERDICT_FILE}
        for report in self.reports.values():
            render = partial(_rendered, report.target, material, taken | texts.keys())
            rendered = self.judges.guard.call(report.registered, "render", render, tuple)
            texts |= [rendered] if rendered else []
        return texts


def _rendered(report: type[Report], material: Material, taken: set[str]) -> tuple[str, str]:
    text = report().render(material)
    if not isinstance(text, str):
        raise TypeError(f"render() returned {type(text).__name__}, not text")
    return _file_name(report, taken), text


def _file_name(report: type[Report], taken: set[str]) -> str:
    name = report.file_name
    if Path(name).name != name or name.startswith("."):
        raise ValueError(f"'{name}' is not a plain file name")
    if name in taken:
        raise ValueError(f"{name} exists already in the run folder")
    return name
