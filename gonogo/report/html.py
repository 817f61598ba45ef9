"""report.html: one self-contained file. It shows verdict.json with screenshots, call trees and load figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from gonogo.config import Environment
from gonogo.core.text import printable_lines
from gonogo.model.identity import ScenarioId
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Verdict
from gonogo.report.call_tree import TreeLine, tree_lines
from gonogo.report.errors_file import error_line
from gonogo.report.load_section import load_sections
from gonogo.report.report import Material, Report

REPORT_FILE = "report.html"
_MAX_PICTURES = 20
_MAX_PICTURE_BYTES = 3_000_000
_MAX_TREES = 20
_MAX_LINES = 30  # of a tree, so that the error's origin is visible without scrolling
_LINES_AFTER = 8  # lines shown after the origin


class HtmlReport(Report):
    """The page of one run. Evidence is linked in the run folder, screenshots are embedded."""

    file_name = REPORT_FILE

    def render(self, material: Material) -> str:
        return render_html(material.document, material.verdict, material.evidence, material.environment,
                           material.run_folder)


def render_html(document: Mapping[str, object], verdict: Verdict, evidence: RunEvidence, environment: Environment,
                run_folder: Path) -> str:
    """`document` is that of verdict.json."""
    templates = Templates(loader=PackageLoader("gonogo.report", "."), autoescape=True, undefined=StrictUndefined,
                          trim_blocks=True, lstrip_blocks=True, finalize=_printable)
    return templates.get_template("report.html.j2").render(
        run=document, pictures=_pictures(verdict, run_folder), trees=_trees(verdict, evidence),
        errors=_errors(verdict, evidence), load=load_sections(evidence, environment))


def _printable(value: object) -> object:
    return printable_lines(value) if type(value) is str else value  # the Markup of a filter is a subclass


def _pictures(verdict: Verdict, run_folder: Path) -> dict[str, str]:
    """Path → data URI of the findings' screenshots; limited in number and size to keep the file small."""
    named = dict.fromkeys(path for finding in verdict.findings for path in finding.evidence if path.endswith(".png"))
    pictures: dict[str, str] = {}
    for path in list(named)[:_MAX_PICTURES]:
        file = run_folder / path
        if file.is_file() and file.stat().st_size <= _MAX_PICTURE_BYTES:
            pictures[path] = "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode("ascii")
    return pictures


def _trees(verdict: Verdict, evidence: RunEvidence) -> list[Sequence[TreeLine]]:
    """The call tree of each finding's scenario, shortened; empty after the first `_MAX_TREES`."""
    trees: list[Sequence[TreeLine]] = []
    left = _MAX_TREES
    for finding in verdict.findings:
        key = finding.subject.key if isinstance(finding.subject, ScenarioId) else ""
        calls = evidence.wire.calls.get(key, ()) if evidence.wire else ()
        if not calls or not left or evidence.wire is None or not finding.evidence:
            trees.append(())
            continue
        left -= 1
        trees.append(_part_around_origin(tree_lines(calls, evidence.wire.hops.get(key, ()))))
    return trees


def _errors(verdict: Verdict, evidence: RunEvidence) -> list[list[str]]:
    """The lines of what components logged in the trace of each finding's scenario, if it failed."""
    failed = {scenario.id for scenario in evidence.scenarios if scenario.attempts and not scenario.passed}
    return [[error_line(record) for record in evidence.errors.by_scenario.get(finding.subject.key, ())]
            if isinstance(finding.subject, ScenarioId) and finding.subject in failed else []
            for finding in verdict.findings]


def _part_around_origin(lines: Sequence[TreeLine]) -> Sequence[TreeLine]:
    """The lines around the error's origin; the last lines if there is none."""
    at = next((number for number, line in enumerate(lines) if line.is_origin), len(lines))
    last = min(len(lines), max(_MAX_LINES, at + 1 + _LINES_AFTER))
    first = max(0, last - _MAX_LINES)
    return (*([TreeLine(f"… {first} lines before")] if first else []), *lines[first:last],
            *([TreeLine(f"… {len(lines) - last} lines after")] if last < len(lines) else []))
