"""report.html: one self-contained file. It shows what verdict.json says, with pictures, calls and the load figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from gonogo.config import Environment, Objective
from gonogo.evidence.load_model import LoadEvidence
from gonogo.evidence.model import RunEvidence
from gonogo.report.call_tree import WENT_WRONG
from gonogo.report.calls_file import CALLS_FILE
from gonogo.report.load_timeline import render_timeline
from gonogo.report.vitals import PageRow, page_rows

REPORT_FILE = "report.html"
_MOST_PICTURES = 20
_LARGEST_PICTURE = 3_000_000  # bytes
_MOST_TREES = 20
_MOST_LINES = 30  # of a tree: what went wrong is seen without scrolling, the rest is a click away
_LINES_AFTER = 8  # the line that went wrong, where not all are shown
_SHOWN_PERCENTILES = (50, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class _Row:
    endpoint: str
    requests: int
    failed: int
    percentiles: tuple[float, ...]
    objective: str


@dataclass(frozen=True, slots=True)
class _Profile:
    name: str
    requests: int
    failed: int
    sent_s: float
    peak_users: int
    cpu_percent: int | None
    rows: tuple[_Row, ...]
    timeline: str  # SVG
    pages: tuple[PageRow, ...]


def render_html(document: Mapping[str, object], evidence: RunEvidence, environment: Environment,
                run_folder: Path) -> str:
    """The page for one run; `document` is that of verdict.json. Paths link into `run_folder`, pictures are inside."""
    templates = Templates(loader=PackageLoader("gonogo.report", "."), autoescape=True, undefined=StrictUndefined,
                          trim_blocks=True, lstrip_blocks=True)
    return templates.get_template("report.html.j2").render(
        run=document, pictures=_pictures(document, run_folder), trees=_trees(document, run_folder),
        went_wrong=WENT_WRONG,
        load=[_profile(found, environment) for found in evidence.load])


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


def _profile(found: LoadEvidence, environment: Environment) -> _Profile:
    profile = environment.load.profiles[found.profile] if environment.load else None
    objectives = profile.objectives if profile else {}
    journeys = profile.journeys if profile else None
    rows = tuple(
        _Row(endpoint.endpoint, endpoint.requests, endpoint.failed,
             endpoint.latencies.percentiles(*_SHOWN_PERCENTILES),
             _objective(objectives.get(endpoint.endpoint)))
        for endpoint in sorted(found.endpoints, key=lambda endpoint: endpoint.endpoint) if endpoint.requests)
    return _Profile(
        name=found.profile, requests=found.requests, failed=sum(row.failed for row in rows), sent_s=found.sent_s,
        peak_users=found.peak_users, rows=rows, timeline=render_timeline(found, journeys.lcp_ms if journeys else None),
        pages=page_rows(found.journeys.visits_under_load if found.journeys else (),
                        journeys.objectives if journeys else {}),
        cpu_percent=None if found.cpu_ratio is None else round(found.cpu_ratio * 100))


def _objective(objective: Objective | None) -> str:
    if objective is None:
        return "none"
    bounds = [f"p{percent:g} ≤ {bound_ms:g} ms" for percent, bound_ms in objective.percentiles.items()]
    return ", ".join([*bounds, f"errors ≤ {objective.error_ratio:.1%}", f"≥ {objective.min_requests} requests"])
