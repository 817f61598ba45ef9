"""Draws one load profile over time as SVG: request rate, latency, journeys and the LCP of their pages.

Pure: evidence → text, without scripts, for light and dark pages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneyRun, JourneysEvidence, PageVitals
from gonogo.model.load import Bucket, LoadEvidence, PhaseKind
from gonogo.model.scenarios import Status
from gonogo.report.picture import FOOT, HEAD, LEFT, RIGHT, WIDTH, Panel, axis, clock, nice_top, text_at

_P95_HEIGHT, _RATE_HEIGHT, _LCP_HEIGHT, _LANE_HEIGHT = 130.0, 70.0, 100.0, 36.0
_TOP = 18.0  # for the names of phases
_MAX_POINTS = 600  # in a longer profile each point is several seconds
_STYLE = """<style>
.timeline text { font: 12px system-ui, sans-serif; fill: var(--soft, #5a6475); }
.timeline .head { font-weight: 600; fill: var(--ink, #1c2330); }
.timeline .grid { stroke: var(--line, #d9dee7); stroke-width: 1; }
.timeline .warm-up { fill: var(--wash, #f5f7fa); }
.timeline .p95 { fill: none; stroke: var(--part, #14608a); stroke-width: 2;
  stroke-linejoin: round; stroke-linecap: round; }
.timeline .rate { fill: var(--soft, #5a6475); fill-opacity: .35; }
.timeline .passed { fill: var(--go, #146c3c); fill-opacity: .75; }
.timeline .failed { fill: var(--no, #b3261e); }
.timeline .lost { fill: none; stroke: var(--unsure, #8a5a00); stroke-width: 2; stroke-dasharray: 3 2; }
.timeline .cross { stroke: var(--paper, #fff); stroke-width: 2; }
.timeline .lcp { fill: var(--unsure, #8a5a00); fill-opacity: .8; }
.timeline .bound { stroke: var(--no, #b3261e); stroke-width: 1; stroke-dasharray: 6 4; }
</style>"""


@dataclass(frozen=True, slots=True)
class _Span:
    """The load in an interval; `p95_ms` is that of the slowest endpoint, None without requests."""

    from_s: float
    to_s: float
    per_s: float
    p95_ms: float | None


_Drawn = tuple[float, list[str]]  # the height of a panel, and its SVG parts; no parts without data


def render_timeline(evidence: LoadEvidence, lcp_bound_ms: float | None = None) -> str:
    """The SVG of one profile; "" without data."""
    journeys = evidence.journeys or JourneysEvidence()
    seconds = _seconds(evidence, journeys)
    spans = _spans(evidence.timeline, seconds)
    if not spans and not journeys.runs and not journeys.visits:
        return ""
    parts: list[str] = []
    top = _TOP
    draws: tuple[Callable[[float], _Drawn], ...] = (
        partial(_p95, spans, seconds), partial(_rates, spans, seconds), partial(_lanes, journeys.runs, seconds),
        partial(_lcp, journeys.visits, lcp_bound_ms, seconds))
    for draw in draws:
        height, drawn = draw(top + HEAD)
        if drawn:
            parts += drawn
            top += HEAD + height
    frame = Panel(seconds, 0.0, top)
    return (f'<svg class="timeline" viewBox="0 0 {WIDTH:g} {top + FOOT:g}" role="img" '
            f'aria-label="{escape(summary(evidence))}">{_STYLE}'
            + "".join([*_warm_up(evidence, frame), *clock(frame), *parts]) + "</svg>")


def summary(evidence: LoadEvidence) -> str:
    """The content of the SVG as text, for screen readers."""
    journeys = evidence.journeys or JourneysEvidence()
    seconds = _seconds(evidence, journeys)
    spans = _spans(evidence.timeline, seconds)
    parts = [f"Load profile {evidence.profile} over {seconds:.0f} seconds"]
    slow = max((span for span in spans if span.p95_ms is not None), key=lambda span: span.p95_ms or 0.0, default=None)
    if slow is not None:
        parts.append(f"at most {max(span.per_s for span in spans):.0f} requests a second")
        parts.append(f"the slowest p95 of an endpoint {slow.p95_ms:.0f} ms, at {slow.from_s:.0f} s")
    if journeys.runs:
        passed = sum(run.status is Status.PASSED for run in journeys.runs)
        parts.append(f"{passed} of {len(journeys.runs)} journeys passed")
    late = _latest(journeys.visits)
    if late is not None:
        parts.append(f"the latest LCP {late.lcp_ms:.0f} ms, of {late.page} at {late.started_s:.0f} s")
    return "; ".join(parts) + "."


def _seconds(evidence: LoadEvidence, journeys: JourneysEvidence) -> float:
    ends = [evidence.sent_s, *(bucket.from_s + 1.0 for bucket in evidence.timeline),
            *(run.started_s + run.duration_s for run in journeys.runs),
            *(visit.started_s + (visit.lcp_ms or 0.0) / 1000 for visit in journeys.visits)]
    return max(1.0, math.ceil(max(ends)))


def _spans(buckets: Sequence[Bucket], seconds: float) -> list[_Span]:
    """The load per second from the start; per several seconds in long profiles."""
    if not buckets:
        return []
    width = math.ceil(seconds / _MAX_POINTS)
    requests: dict[int, int] = {}
    slowest: dict[int, float] = {}
    for bucket in buckets:
        index = bucket.from_s // width
        requests[index] = requests.get(index, 0) + bucket.requests
        if bucket.requests:
            slowest[index] = max(slowest.get(index, 0.0), bucket.p95_ms)
    return [_Span(index * width, (index + 1) * width, requests.get(index, 0) / width, slowest.get(index))
            for index in range(max(requests) + 1)]


def _p95(spans: Sequence[_Span], seconds: float, top: float) -> _Drawn:
    values = [span.p95_ms for span in spans if span.p95_ms is not None]
    if not values:
        return 0.0, []
    panel = Panel(seconds, top, _P95_HEIGHT, nice_top(max(values)))
    path, pen, stroke = [], "M", "h0"  # a second between two without requests is a dot
    for span in spans:
        if span.p95_ms is None:
            pen, stroke = "M", "h0"
            continue
        path.append(f"{pen}{panel.x((span.from_s + span.to_s) / 2)} {panel.y(span.p95_ms)}{stroke}")
        pen, stroke = "L", ""
    return panel.height, [*axis(panel, "p95 of the slowest endpoint, ms"), f'<path class="p95" d="{" ".join(path)}"/>']


def _rates(spans: Sequence[_Span], seconds: float, top: float) -> _Drawn:
    if not spans:
        return 0.0, []
    panel = Panel(seconds, top, _RATE_HEIGHT, nice_top(max(span.per_s for span in spans)))
    steps = " ".join(f"V{panel.y(span.per_s)} H{panel.x(span.to_s)}" for span in spans)
    return panel.height, [*axis(panel, "Requests a second"),
                          f'<path class="rate" d="M{panel.x(0)} {panel.foot} {steps} V{panel.foot} Z"/>']


def _lanes(runs: Sequence[JourneyRun], seconds: float, top: float) -> _Drawn:
    """A lane per scenario, a bar per run; failed runs are crossed out, runs without a result are hollow."""
    if not runs:
        return 0.0, []
    by_scenario: dict[ScenarioId, list[JourneyRun]] = {}
    for run in runs:
        by_scenario.setdefault(run.scenario, []).append(run)
    panel = Panel(seconds, top, _LANE_HEIGHT * len(by_scenario))
    drawn = [text_at(0, top - 8, "Journeys", "head")]
    for index, of_one in enumerate(by_scenario.values()):
        y = top + _LANE_HEIGHT * index
        passed = sum(run.status is Status.PASSED for run in of_one)
        drawn.append(text_at(LEFT, y + 12, f"{of_one[0].name}: {passed} of {len(of_one)} passed"))
        drawn += [_bar(run, panel, y + 17) for run in of_one]
    return panel.height, drawn


def _bar(run: JourneyRun, panel: Panel, y: float) -> str:
    left, right = panel.x(run.started_s), panel.x(run.started_s + run.duration_s)
    width = max(right - left - 1, 2.0)
    kind = {Status.PASSED: "passed", Status.FAILED: "failed"}.get(run.status, "lost")
    when = f"{run.name}, {run.status} at {run.started_s:.1f} s after {run.duration_s:.1f} s"
    title = ": ".join(part for part in (when, run.step, run.message) if part)
    middle = left + width / 2
    cross = (f'<path class="cross" d="M{middle - 4:.1f} {y + 2} l8 8 m0 -8 l-8 8"/>' if kind == "failed" else "")
    return (f'<g><title>{escape(title)}</title><rect class="{kind}" x="{left}" y="{y}" width="{width:.1f}" height="12" '
            f'rx="2"/>{cross}</g>')


def _lcp(visits: Sequence[PageVitals], bound_ms: float | None, seconds: float, top: float) -> _Drawn:
    late = _latest(visits)
    if late is None or late.lcp_ms is None:
        return 0.0, []
    panel = Panel(seconds, top, _LCP_HEIGHT, nice_top(max(late.lcp_ms, bound_ms or 0.0)))
    objective = f" (objective: {bound_ms:g})" if bound_ms else ""
    drawn = axis(panel, f"Largest Contentful Paint of each visit, ms{objective}")
    if bound_ms:
        drawn.append(f'<path class="bound" d="M{LEFT} {panel.y(bound_ms)} H{WIDTH - RIGHT}"/>')
    for visit in visits:
        if visit.lcp_ms is not None:
            x, y = panel.x(visit.started_s + visit.lcp_ms / 1000), panel.y(visit.lcp_ms)
            title = escape(f"{visit.page}: {visit.lcp_ms:.0f} ms, visited at {visit.started_s:.1f} s")
            drawn.append(f'<circle class="lcp" cx="{x}" cy="{y}" r="4"><title>{title}</title></circle>')
    x = panel.x(late.started_s + late.lcp_ms / 1000)
    left = x > WIDTH / 2  # so that the label stays inside
    drawn.append(text_at(x - 8 if left else x + 8, panel.y(late.lcp_ms) + 4, f"{late.page} {late.lcp_ms:.0f} ms",
                       anchor="end" if left else "start"))
    return panel.height, drawn


def _latest(visits: Sequence[PageVitals]) -> PageVitals | None:
    return max((visit for visit in visits if visit.lcp_ms is not None), key=lambda visit: visit.lcp_ms or 0.0,
               default=None)


def _warm_up(evidence: LoadEvidence, frame: Panel) -> Iterator[str]:
    for phase in evidence.phases:
        if phase.kind is PhaseKind.WARM_UP:
            left, right = frame.x(phase.from_s), frame.x(phase.to_s)
            yield f'<rect class="warm-up" x="{left}" y="0" width="{right - left:.1f}" height="{frame.height}"/>'
            yield text_at(left + (right - left) / 2, 14, "warm-up", anchor="middle")
