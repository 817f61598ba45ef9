"""What the reports show of evidence and verdict: the members of verdict.json and the sections of report.html."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gonogo.config import Environment
from gonogo.model.calls import BROWSER, Call, Edge, Undocumented, WireEvidence
from gonogo.model.identity import ScenarioId
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.model.stages import Ending, ProcessEnd, ScenarioResults, StageResult
from gonogo.report.html import render_html
from gonogo.report.verdict_document import verdict_document
from tests.judging import verdict_on

ENVIRONMENT = Environment.model_validate({"url": "http://shop"})


def page(run: RunEvidence, folder: Path) -> str:
    verdict = verdict_on(run, ENVIRONMENT)
    document = verdict_document(run, verdict, started="then", ended="now").as_json()
    return render_html(document, verdict, run, ENVIRONMENT, folder)


def run(**found: object) -> RunEvidence:
    return RunEvidence("r", "preprod", ("behaviour",), **found)  # type: ignore[arg-type]


def test_undocumented_endpoints_are_in_both_reports(tmp_path: Path) -> None:
    """The complete list is in report.html, to which the line on the terminal refers; a long list is folded."""
    edges = [Edge(BROWSER, "flights", "GET", f"/{number}") for number in range(30)]
    short = run(wire=WireEvidence(undocumented=tuple(map(Undocumented, edges[:2]))))
    document = verdict_document(short, verdict_on(short, ENVIRONMENT), started="", ended="")
    assert document.undocumented == ["flights: GET /0", "flights: GET /1"]
    assert "<details open><summary>2 in total" in page(short, tmp_path)
    many = page(run(wire=WireEvidence(undocumented=tuple(map(Undocumented, edges)))), tmp_path)
    assert "<details><summary>30 in total" in many
    assert "<code>flights: GET /29</code>" in many
    assert "Not documented" not in page(run(wire=WireEvidence()), tmp_path)


def failed(number: int) -> Scenario:
    attempt = Attempt(Status.FAILED, attachments=(f"behaviour/s-{number}/calls.txt",))
    return Scenario(ScenarioId("s.feature", "", f"s {number}"), f"s {number}", "S", number, attempts=(attempt,))


def called(endpoint: str, status: int = 200, *below: Call, said: str = "") -> Call:
    return Call(Edge("gateway", "bank", "GET", endpoint), status, error_text=said, calls=below)


def run_of(calls: Mapping[int, tuple[Call, ...]], hops: Mapping[int, tuple[Call, ...]],
           scenarios: Iterable[int]) -> RunEvidence:
    wire = WireEvidence(calls={failed(number).key: each for number, each in calls.items()},
                        hops={failed(number).key: each for number, each in hops.items()})
    found = ScenarioResults(ScenarioEvidence(tuple(map(failed, scenarios)), finished=True))
    return run(wire=wire, results={"behaviour": StageResult(1, 1, found, (ProcessEnd(Ending.EXITED, 1),))})


def test_calls_of_a_failing_scenario_are_on_the_page(tmp_path: Path) -> None:
    """They are below the reason, the error's origin in bold, texts of services escaped; the verdict names the file."""
    refused = called("/x", 500, said="<i> ← error origin")
    first = called("/<b>", 500, refused)
    evidence = run_of({1: (first,)}, {1: (first, refused)}, (1, 2))  # the second scenario has no calls
    shown = page(evidence, tmp_path)
    assert shown.count("<pre") == 1
    assert (">gateway → bank GET /&lt;b&gt; 500  ← passed on\n"
            "<strong>  gateway → bank GET /x 500  ← error origin: &lt;i&gt; ← error origin</strong>\n</pre>") in shown
    finding, *_ = verdict_on(evidence, ENVIRONMENT).findings
    assert finding.evidence == ("behaviour/s-1/calls.txt",)


def test_error_text_of_a_service_does_not_mark_the_origin(tmp_path: Path) -> None:
    """The calls decide what is in bold: an error text that contains the mark does not."""
    told = called("/x", 500, said="← error origin")
    assert "<strong>" not in page(run_of({1: (told,)}, {}, (1,)), tmp_path)


def test_only_the_first_call_trees_are_shown_and_long_ones_are_cut(tmp_path: Path) -> None:
    """The page stays small enough to be opened, and still contains the error's origin."""
    many = tuple(called(f"/{index}", 500) for index in range(1000))
    numbers = range(1, 31)
    evidence = run_of(dict.fromkeys(numbers, many), {1: (many[500],), 2: (many[0],)}, numbers)
    first, *others = page(evidence, tmp_path).split("<pre")[1:]
    assert len(others) == 19
    assert ">… 479 lines before\ngateway → bank GET /479 500\n" in first
    assert "<strong>gateway → bank GET /500 500  ← error origin</strong>" in first
    assert "GET /508 500\n… 491 lines after\n</pre>" in first
    assert "GET /29 500\n… 970 lines after\n</pre>" in others[0]
    assert ">… 970 lines before\ngateway → bank GET /970 500\n" in others[1]
