"""report.html: one self-contained file. It shows what verdict.json says, with pictures, calls and the load figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from gonogo.config import Environment
from gonogo.model.run import RunEvidence
from gonogo.report.call_tree import WENT_WRONG
from gonogo.report.calls_file import CALLS_FILE
from gonogo.report.load_section import load_sections

REPORT_FILE = "report.html"
_MOST_PICTURES = 20
_LARGEST_PICTURE = 3_000_000  # bytes
_MOST_TREES = 20
_MOST_LINES = 30  # of a tree: what went wrong is seen without scrolling, the rest is a click away
_LINES_AFTER = 8  # the line that went wrong, where not all are shown


def render_html(document: Mapping[str, object], evidence: RunEvidence, environment: Environment,
                run_folder: Path) -> str:
    """The page for one run; `document` is that of verdict.json. Paths link into `run_folder`, pictures are inside."""
    templates = Templates(loader=PackageLoader("gonogo.report", "."), autoescape=True, undefined=StrictUndefined,
                          trim_blocks=True, lstrip_blocks=True)
    return templates.get_template("report.html.j2").render(
        run=document, pictures=_pictures(document, run_folder), trees=_trees(document, run_folder),
        went_wrong=WENT_WRONG,
        load=load_sections(evidence, environment))


def _pictures(document: Mapping[str, object], run_folder: Path) -> dict[str, str]:
    """Path → data URI of each screenshot that a reason names; the first of them only, so that the file stays small."""
    pictures: dict[str, str] = {}
    for path in _evidence(document, ".png")[:_MOST_PICTURES]:
        file = run_folder / path
        if file.is_file() and file.stat().st_size <= _LARGEST_PICTURE:
            pictures[path] = "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode("ascii")
    return pictures


def _trees(document: Mapping[str, object], run_folder: Path) -> dict[str, tuple[str, ...]]:
    """Path → the lines of each tree of calls that a reason names; the first of them only, and of a long one a part."""
    trees: dict[str, tuple[str, ...]] = {}
    for path in _evidence(document, f"/{CALLS_FILE}")[:_MOST_TREES]:
        file = run_folder / path
        if file.is_file():
            trees[path] = _part_that_tells(file.read_text(encoding="utf-8").splitlines())
    return trees


def _part_that_tells(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines up to the call that went wrong, and a few after it; where none did, the last: there it stopped."""
    at = next((number for number, line in enumerate(lines) if WENT_WRONG in line), len(lines))
    last = min(len(lines), max(_MOST_LINES, at + 1 + _LINES_AFTER))
    first = max(0, last - _MOST_LINES)
    return (*([f"… {first} lines before"] if first else []), *lines[first:last],
            *([f"… {len(lines) - last} lines after"] if last < len(lines) else []))


def _evidence(document: Mapping[str, object], ending: str) -> list[str]:
    """The paths with this ending that reasons name, each once; reasons stand worst first."""
    reasons = document["reasons"]
    return list(dict.fromkeys(path for reason in reasons if isinstance(reason, dict)  # type: ignore[attr-defined]
                              for path in reason["evidence"] if path.endswith(ending)))
