"""The chart of a load profile: well-formed, complete, described in text, and without anything that a page could run."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneyRun, JourneysEvidence, PageVitals
from gonogo.model.load import Bucket, LoadEvidence, Phase, PhaseKind
from gonogo.model.scenarios import Status
from gonogo.report.load_timeline import render_timeline, summary
from gonogo.report.picture import LEFT, RIGHT, WIDTH, Panel, nice_top
from gonogo.report.vitals import page_rows

SVG = "{http://www.w3.org/2000/svg}"
TIMELINE = tuple(Bucket(endpoint, second, 10, 0, 5.0, p95_ms, 0.0) for second in range(10)
                 for endpoint, p95_ms in (("/fast", 20.0), ("/slow", 300.0 if second == 7 else 50.0)))
PAYS = JourneyRun(ScenarioId("a", "", "Ana pays"), "Ana <pays> & flies", Status.PASSED, 2.0, 3.0)
FAILS = replace(PAYS, status=Status.FAILED, started_s=5.0, step="she pays", message="it says \"no\"")
LOST = replace(PAYS, status=Status.UNFINISHED, started_s=8.0, duration_s=0.0)
VISITS = (PageVitals("a:3", "/", 2.0, 400.0), PageVitals("a:3", "/pay", 6.0, 1600.0), PageVitals("a:3", "/", 8.0))
LOAD = LoadEvidence("mix", timeline=TIMELINE, sent_s=10.0, phases=(Phase(PhaseKind.WARM_UP, 0, 2),),
                    journeys=JourneysEvidence({}, (PAYS, FAILS, LOST), VISITS))


def drawn(evidence: LoadEvidence, bound_ms: float | None = None) -> ET.Element:
    return ET.fromstring(render_timeline(evidence, bound_ms).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def of_class(picture: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in picture.iter() if element.get("class") == name]


def test_each_run_and_each_paint_is_marked_and_labelled() -> None:
    """Outcomes differ in form (hollow, filled or crossed out), not only in colour."""
    picture = drawn(LOAD, 2500)
    assert [len(of_class(picture, kind)) for kind in ("passed", "failed", "lost", "cross", "lcp", "bound")] == [
        1, 1, 1, 1, 2, 1]
    titles = [title.text for title in picture.iter(f"{SVG}title")]
    assert 'Ana <pays> & flies, failed at 5.0 s after 3.0 s: she pays: it says "no"' in titles
    assert "/pay: 1600 ms, visited at 6.0 s" in titles
    words = [text.text for text in picture.iter(f"{SVG}text")]
    assert "Ana <pays> & flies: 1 of 3 passed" in words
    assert "/pay 1600 ms" in words
    assert "warm-up" in words


def test_run_is_drawn_to_scale() -> None:
    """A run that began at 2 s and took 3 s is drawn so on the time axis of the load, which ended at 10 s."""
    bar, = of_class(drawn(LOAD), "passed")
    second = (WIDTH - LEFT - RIGHT) / 10
    assert float(bar.get("x") or 0) == pytest.approx(LEFT + 2 * second, abs=0.1)
    assert float(bar.get("width") or 0) == pytest.approx(3 * second, abs=1.2)


def test_slowest_endpoint_is_drawn_and_all_requests_are_counted() -> None:
    line, = of_class(drawn(LOAD), "p95")
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", line.get("d") or "")
    assert len(points) == 10
    assert min(range(10), key=lambda index: float(points[index][1])) == 7
    assert "at most 20 requests a second" in summary(LOAD)


def test_second_without_requests_is_a_gap() -> None:
    buckets = tuple(replace(bucket, requests=0 if bucket.from_s == 4 else 10) for bucket in TIMELINE)
    line, = of_class(drawn(replace(LOAD, timeline=buckets)), "p95")
    assert (line.get("d") or "").count("M") == 2


def test_label_describes_the_chart() -> None:
    assert drawn(LOAD).get("aria-label") == summary(LOAD) == (
        "Load profile mix over 10 seconds; at most 20 requests a second; the slowest p95 of an endpoint 300 ms, at 7 s; "
        "1 of 3 journeys passed; the latest LCP 1600 ms, of /pay at 6 s.")


def test_chart_contains_nothing_to_run_or_fetch() -> None:
    evil = "</text><script>alert(1)</script><image href='http://x/'/>"
    picture = drawn(replace(LOAD, profile=evil, journeys=JourneysEvidence(
        {}, (replace(FAILS, name=evil, message=evil),), (replace(VISITS[0], page=evil),))))
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        "svg", "style", "g", "title", "rect", "path", "circle", "text"}


@pytest.mark.parametrize("evidence", [
    replace(LOAD, journeys=None), replace(LOAD, timeline=()), replace(LOAD, journeys=JourneysEvidence({}, (), VISITS)),
    replace(LOAD, timeline=(Bucket("/", 0, 0, 0, 0, 0, 0),)), replace(LOAD, timeline=TIMELINE[:1], sent_s=0.2)],
    ids=["without journeys", "without load", "only visits", "no requests", "a fraction of a second"])
def test_chart_is_drawn_without_missing_parts(evidence: LoadEvidence) -> None:
    drawn(evidence)


def test_no_chart_is_drawn_without_data() -> None:
    assert render_timeline(LoadEvidence("mix")) == ""


def test_long_profile_is_drawn_in_intervals() -> None:
    """An hour has too many seconds for a screen, so each point is the worst of several seconds."""
    hour = tuple(Bucket("/", second, 6, 0, 5.0, 900.0 if second == 1803 else 50.0, 0.0) for second in range(3600))
    evidence = replace(LOAD, timeline=hour, sent_s=3600, journeys=None)
    line, = of_class(drawn(evidence), "p95")
    assert (line.get("d") or "").count("L") == 599
    assert "at most 6 requests a second; the slowest p95 of an endpoint 900 ms, at 1800 s" in summary(evidence)


@pytest.mark.parametrize(("value", "top"), [(0, 2), (1, 2), (7, 8), (300, 300), (1376, 1600), (2500, 3000), (0.3, 2)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert nice_top(value) == top


def test_values_beyond_a_panel_stay_at_its_edge() -> None:
    panel = Panel(10, 0, 100, 50)
    assert (panel.x(-3), panel.x(99), panel.y(80)) == (LEFT, WIDTH - RIGHT, 0)


def test_table_of_pages_marks_missed_objectives() -> None:
    first, second = page_rows(VISITS, {"lcp_ms": 1000})
    assert (first.page, first.visits, [figure.text for figure in first.figures]) == ("/", 2, ["400", "–", "–", "–"])
    assert [figure.missed for figure in second.figures] == [True, False, False, False]
    assert first.names == ("LCP, ms", "INP, ms", "CLS", "TTFB, ms")
