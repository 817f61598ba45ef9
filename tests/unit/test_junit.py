"""junit.xml agrees with the verdict: nothing that prevents a GO may look like a pass or a skip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from gonogo.model.findings import Finding, Severity, StageSubject
from gonogo.model.identity import ScenarioId
from gonogo.model.rules.gate import ErrorReported
from gonogo.model.rules.scenarios import ScenarioEnded
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.model.stages import ScenarioResults, StageResult
from gonogo.model.verdict import Answer, Verdict
from gonogo.report.junit import render_junit

BOOKS = Scenario(ScenarioId("features/a.feature", "", "Ana books"), "Ana books", "Booking", 3, (), (Attempt(Status.PASSED, 1.5),))
PAYS = Scenario(ScenarioId("features/a.feature", "", "Ana pays"), "Ana pays", "Booking", 9, (), (Attempt(Status.FAILED, 0.5),))


def of(*scenarios: Scenario, left_out: tuple[Scenario, ...] = ()) -> RunEvidence:
    evidence = ScenarioEvidence(scenarios, finished=True, left_out=left_out)
    return RunEvidence("r", "preprod", ("behaviour",), results={"behaviour": StageResult(2, 2, ScenarioResults(evidence))})


def suites(*findings: Finding, answer: Answer = Answer.NO_GO, run: RunEvidence | None = None) -> dict[str, ET.Element]:
    text = render_junit(run or of(BOOKS, PAYS), Verdict(answer, findings))
    root = ET.fromstring(text)
    assert list(errors_by_the_schema(root)) == []
    cases = list(root.iter("testcase"))
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == len(cases)
    return {suite.attrib["name"]: suite for suite in root}


# What junit-10.xsd permits here, the schema of Jenkins' xUnit plug-in (github.com/jenkinsci/xunit-plugin):
# element → required attributes, further attributes, children.
_PROBLEM = (set[str](), {"type", "message"}, set[str]())
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped", "time", "timestamp", "hostname", "id", "file"},
                  {"properties", "testcase", "system-out", "system-err"}),
    "testcase": ({"name"}, {"time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": _PROBLEM, "error": _PROBLEM, "skipped": _PROBLEM, "system-out": (set(), set(), set()),
}


def errors_by_the_schema(element: ET.Element) -> Iterator[str]:
    required, further, children = SCHEMA[element.tag]
    if not required <= set(element.attrib) <= required | further:
        yield f"{element.tag}: {sorted(element.attrib)}"
    for child in element:
        if child.tag not in children:
            yield f"{child.tag} in {element.tag}"
        yield from errors_by_the_schema(child)


def test_a_failed_scenario_is_a_failure_and_the_others_pass() -> None:
    """The case has the scenario's name; its failure has the rule, the place and the evidence."""
    finding = Finding("behaviour", "scenario-failed", Severity.BLOCK, PAYS.id,
                      ScenarioEnded("Ana pays", 9, mandatory=False, step="she pays", message="\x1b[1mno"),
                      evidence=("behaviour/x/trace.zip",))
    found = suites(finding)
    assert (found["behaviour"].attrib["tests"], found["behaviour"].attrib["failures"]) == ("2", "1")
    failure = found["behaviour"].find("testcase[@name='Ana pays']/failure")
    assert failure is not None
    assert (failure.attrib["type"], failure.text) == ("scenario-failed", "behaviour/x/trace.zip")
    assert failure.attrib["message"] == "behaviour: scenario-failed: Ana pays (features/a.feature:9): she pays:  [1mno"
    assert found["behaviour"].findtext("testcase[@name='Ana pays']/system-out") == "features/a.feature:9"
    assert "gate" not in found  # no case passes under the name of a NO-GO


@pytest.mark.parametrize("severity", [Severity.VOID, Severity.INCONCLUSIVE, Severity.BLOCK])
def test_finding_without_a_scenario_is_a_case_of_the_gate(severity: Severity) -> None:
    """A void run, a dead worker or a slow endpoint is not left out silently."""
    gate = suites(Finding("load", "nothing-sent", severity, StageSubject("load", "mix")))["gate"]
    assert int(gate.attrib["failures"]) + int(gate.attrib["errors"]) == 1


def test_a_go_has_neither_failures_nor_errors() -> None:
    """Each suite has a case, so that no pipeline treats it as empty."""
    for suite in suites(answer=Answer.GO, run=of(BOOKS)).values():
        assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "0")
        assert len(suite) > 0


def test_place_in_an_error_text_does_not_fail_that_scenario() -> None:
    """A case fails by the id of its scenario, not because a text mentions its place."""
    finding = Finding("behaviour", "runner-fault", Severity.INCONCLUSIVE, StageSubject("behaviour"),
                      ErrorReported("worker 1 died in Ana pays (features/a.feature:9)"))
    found = suites(finding, run=of(BOOKS, replace(PAYS, attempts=BOOKS.attempts)))
    assert found["behaviour"].attrib["errors"] == "0"
    assert found["gate"].attrib["errors"] == "1"


def test_scenario_that_did_not_pass_is_an_error_by_its_own_state() -> None:
    """Also if no finding names it: not executed, left out of the plan, or ended in any way but passed."""
    waiting = tuple(replace(BOOKS, id=ScenarioId("features/a.feature", "", f"S{number}"), name=f"S{number}", attempts=())
                    for number in range(8))
    skipped = replace(PAYS, attempts=(Attempt(Status.SKIPPED),))
    suite = suites(run=of(BOOKS, skipped, *waiting[:7], left_out=waiting[7:]))["behaviour"]
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("10", "9")
    assert [error.attrib["message"] for error in suite.iter("error")] == ["the scenario was skipped", *["the scenario was not executed"] * 8]


def test_answer_that_no_case_explains_is_an_error() -> None:
    found = suites(answer=Answer.INCONCLUSIVE, run=of(BOOKS))
    assert [case.attrib["name"] for case in found["gate"]] == ["verdict"]
    assert found["gate"].attrib["errors"] == "1"


def test_equal_names_are_told_apart() -> None:
    """GitLab, Bamboo and Allure know a test by class name and name: rows of one outline would be one test."""
    def row(number: int, uri: str = "features/a.feature", cells: tuple[tuple[str, str], ...] = ()) -> Scenario:
        return replace(BOOKS, id=ScenarioId(uri, "", "notes <n>", 1, cells, number), name="notes come")
    run = of(row(1, cells=(("n", "1"),)), row(2, cells=(("n", "2"), ("m", "x\x1b"))), row(3), row(4), row(5, uri="features/b.feature"))
    assert [case.attrib["name"] for case in suites(run=run)["behaviour"]] == [
        "notes come -- n=1", "notes come -- n=2, m=x ", "notes come", "notes come #2", "notes come (features/b.feature)"]


def test_control_characters_do_not_make_the_file_unreadable() -> None:
    """An XML document cannot have them at all, not even escaped."""
    odd = "a\x00\x1b\ud800\ufffe\nb"
    scenario = replace(PAYS, id=ScenarioId(odd, "", odd), name=odd, feature=odd)
    finding = Finding("behaviour", "scenario-failed", Severity.BLOCK, scenario.id,
                      ScenarioEnded(odd, 9, mandatory=False, step=odd, message=odd), evidence=(odd,))
    [suite] = suites(finding, run=of(scenario)).values()
    assert suite[0].attrib["name"] == "a  \ufffd  b"
