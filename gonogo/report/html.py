"""report.html: one self-contained file. It shows what verdict.json says, with the pictures and the load figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from gonogo.config import Environment, Objective
from gonogo.evidence.load_model import LoadEvidence
from gonogo.evidence.model import RunEvidence
from gonogo.report.load_timeline import render_timeline
from gonogo.report.vitals import PageRow, page_rows
from gonogo.verdict.load import percentile

REPORT_FILE = "report.html"
_MOST_PICTURES = 20
_LARGEST_PICTURE = 3_000_000  # bytes
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
        run=document, pictures=_pictures(document, run_folder),
        load=[_profile(found, environment) for found in evidence.load])


def _pictures(document: Mapping[str, object], run_folder: Path) -> dict[str, str]:
    """Path → data URI of each screenshot that a reason names; the first of them only, so that the file stays small."""
    reasons = document["reasons"]
    paths = [path for reason in reasons if isinstance(reason, dict)  # type: ignore[attr-defined]
             for path in reason["evidence"] if path.endswith(".png")]
    pictures: dict[str, str] = {}
    for path in paths[:_MOST_PICTURES]:
        file = run_folder / path
        if file.is_file() and file.stat().st_size <= _LARGEST_PICTURE:
            pictures[path] = "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode("ascii")
    return pictures


def _profile(found: LoadEvidence, environment: Environment) -> _Profile:
    profile = environment.load.profiles[found.profile] if environment.load else None
    objectives = profile.objectives if profile else {}
    journeys = profile.journeys if profile else None
    rows = tuple(
        _Row(endpoint.endpoint, endpoint.requests, endpoint.failed,
             tuple(percentile(endpoint.latencies_ms, share) for share in _SHOWN_PERCENTILES),
             _objective(objectives.get(endpoint.endpoint)))
        for endpoint in sorted(found.endpoints, key=lambda endpoint: endpoint.endpoint) if endpoint.requests)
    return _Profile(
        name=found.profile, requests=found.requests, failed=sum(row.failed for row in rows), sent_s=found.sent_s,
        peak_users=found.peak_users, rows=rows, timeline=render_timeline(found, journeys.lcp_ms if journeys else None),
        pages=page_rows(found.journeys.visits, journeys.objectives if journeys else {}) if found.journeys else (),
        cpu_percent=None if found.cpu_ratio is None else round(found.cpu_ratio * 100))


def _objective(objective: Objective | None) -> str:
    if objective is None:
        return "none"
    bounds = [f"p{share} ≤ {bound:g} ms" for share, bound in
              ((50, objective.p50_ms), (95, objective.p95_ms), (99, objective.p99_ms)) if bound is not None]
    return ", ".join([*bounds, f"errors ≤ {objective.error_ratio:.1%}", f"≥ {objective.min_requests} requests"])
