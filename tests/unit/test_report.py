"""What the reports show of evidence and verdict: verdict.json's members, and the sections of report.html."""

from __future__ import annotations

from pathlib import Path

from gonogo.config import Environment
from gonogo.model.calls import BROWSER, Edge, Undocumented, WireEvidence
from gonogo.model.identity import ScenarioId
from gonogo.model.run import Attempt, RunEvidence, Scenario, ScenarioEvidence, StageRun, Status
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


def failed(number: int) -> Scenario:
    path = f"behaviour/s-{number}/calls.txt"
    return Scenario(ScenarioId("s.feature", "", f"s {number}"), f"s {number}", "S", number, attempts=(Attempt(Status.FAILED, attachments=(path,)),))


def written(folder: Path, number: int, text: str) -> None:
    file = folder / "behaviour" / f"s-{number}" / "calls.txt"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def test_a_failing_scenario_s_calls_are_on_the_page(tmp_path: Path) -> None:
    """Under its reason, with what went wrong in bold; the file is named in verdict.json too. No service writes HTML."""
    written(tmp_path, 1, "browser → gateway GET /<b> 500 1 ms  ← passed on\n  gateway → bank GET /x 500  ← went wrong: <i>\n")
    evidence = run(behaviour=ScenarioEvidence((failed(1), failed(2)), finished=True),  # of the second there is no file
                   stage_runs=(StageRun("behaviour", "exited", 1),))
    shown = page(evidence, tmp_path)
    assert shown.count("<pre") == 1
    assert (">browser → gateway GET /&lt;b&gt; 500 1 ms  ← passed on\n"
            "<strong>  gateway → bank GET /x 500  ← went wrong: &lt;i&gt;</strong>\n</pre>") in shown
    first, *_ = judge(evidence, ENVIRONMENT).reasons
    assert first.evidence == ("behaviour/s-1/calls.txt",)


def test_of_many_trees_the_first_are_shown_and_of_a_long_one_what_tells(tmp_path: Path) -> None:
    """The page stays small enough to be opened, and what went wrong is on it."""
    numbers = range(1, 31)
    for number in numbers:
        lines = [f"line {index}" for index in range(1000)]
        if number < 3:
            lines[500 if number == 1 else 0] += "  ← went wrong"
        written(tmp_path, number, "\n".join(lines) + "\n")
    evidence = run(behaviour=ScenarioEvidence(tuple(map(failed, numbers)), finished=True),
                   stage_runs=(StageRun("behaviour", "exited", 1),))
    first, *others = page(evidence, tmp_path).split("<pre")[1:]
    assert len(others) == 19
    assert ">… 479 lines before\nline 479\n" in first
    assert "<strong>line 500  ← went wrong</strong>" in first
    assert "line 508\n… 491 lines after\n</pre>" in first
    assert "line 29\n… 970 lines after\n</pre>" in others[0]
    assert ">… 970 lines before\nline 970\n" in others[1]
