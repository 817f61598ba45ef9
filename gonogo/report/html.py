"""report.html: one self-contained file. It shows what verdict.json says, with pictures, calls and the load figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from gonogo.config import Environment
from gonogo.model.identity import ScenarioId
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Verdict
from gonogo.report.call_tree import TreeLine, tree_lines
from gonogo.report.load_section import load_sections
from gonogo.report.report import Material, Report

REPORT_FILE = "report.html"
_MAX_PICTURES = 20
_MAX_PICTURE_BYTES = 3_000_000
_MAX_TREES = 20
_MAX_LINES = 30  # of a tree: the error's origin is seen without scrolling, the rest is a click away
_LINES_AFTER = 8  # the origin, where not all are shown


class HtmlReport(Report):
    """The page for one run. Paths link into its folder, pictures are inside."""

    file_name = REPORT_FILE

    def render(self, material: Material) -> str:
        return render_html(material.document, material.verdict, material.evidence, material.environment,
                           material.run_folder)


def render_html(document: Mapping[str, object], verdict: Verdict, evidence: RunEvidence, environment: Environment,
                run_folder: Path) -> str:
    """`document` is that of verdict.json."""
    templates = Templates(loader=PackageLoader("gonogo.report", "."), autoescape=True, undefined=StrictUndefined,
                          trim_blocks=True, lstrip_blocks=True)
    return templates.get_template("report.html.j2").render(
        run=document, pictures=_pictures(verdict, run_folder), trees=_trees(verdict, evidence),
        load=load_sections(evidence, environment))


def _pictures(verdict: Verdict, run_folder: Path) -> dict[str, str]:
    """Path → data URI of each screenshot that a finding names; the first of them only, so that the file stays small."""
    named = dict.fromkeys(path for finding in verdict.findings for path in finding.evidence if path.endswith(".png"))
    pictures: dict[str, str] = {}
    for path in list(named)[:_MAX_PICTURES]:
        file = run_folder / path
        if file.is_file() and file.stat().st_size <= _MAX_PICTURE_BYTES:
            pictures[path] = "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode("ascii")
    return pictures


def _trees(verdict: Verdict, evidence: RunEvidence) -> list[Sequence[TreeLine]]:
    """Of each finding the tree of its scenario's calls; none after the first of them, and of a long one a part."""
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


def _part_around_origin(lines: Sequence[TreeLine]) -> Sequence[TreeLine]:
    """The lines up to where the error began, and a few after it; where none did, the last: there it stopped."""
    at = next((number for number, line in enumerate(lines) if line.is_origin), len(lines))
    last = min(len(lines), max(_MAX_LINES, at + 1 + _LINES_AFTER))
    first = max(0, last - _MAX_LINES)
    return (*([TreeLine(f"… {first} lines before")] if first else []), *lines[first:last],
            *([TreeLine(f"… {len(lines) - last} lines after")] if last < len(lines) else []))
