"""What the reports show of evidence and verdict: verdict.json's members, and the sections of report.html."""

from __future__ import annotations

from pathlib import Path

from gonogo.config import Environment
from gonogo.evidence.calls import BROWSER, Edge, Undocumented, WireEvidence
from gonogo.evidence.model import RunEvidence
from gonogo.report.html import render_html
from gonogo.report.verdict_document import verdict_document
from gonogo.verdict.judge import judge

ENVIRONMENT = Environment.model_validate({"url": "http://shop"})


def page(run: RunEvidence, folder: Path) -> str:
    verdict = judge(run, ENVIRONMENT)
    return render_html(verdict_document(run, verdict, started="then", ended="now"), run, ENVIRONMENT, folder)


def run(**found: object) -> RunEvidence:
    return RunEvidence("r", "preprod", ("behaviour",), **found)  # type: ignore[arg-type]


def test_what_is_not_documented_is_in_the_document_and_on_the_page(tmp_path: Path) -> None:
    """The whole list is where the terminal's line sends its reader; a long one is folded."""
    edges = [Edge(BROWSER, "flights", "GET", f"/{number}") for number in range(30)]
    short = run(wire=WireEvidence(undocumented=tuple(map(Undocumented, edges[:2]))))
    document = verdict_document(short, judge(short, ENVIRONMENT), started="", ended="")
    assert document["undocumented"] == ["flights: GET /0", "flights: GET /1"]
    assert "<details open><summary>2 in all" in page(short, tmp_path)
    many = page(run(wire=WireEvidence(undocumented=tuple(map(Undocumented, edges)))), tmp_path)
    assert "<details><summary>30 in all" in many
    assert "<code>flights: GET /29</code>" in many
    assert "Not documented" not in page(run(wire=WireEvidence()), tmp_path)
