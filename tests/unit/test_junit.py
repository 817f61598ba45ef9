"""junit.xml agrees with the verdict: nothing that prevents a GO may look like a pass or a skip."""

from __future__ import annotations

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
RUN = RunEvidence("r", "preprod", ("behaviour",), results={
    "behaviour": StageResult(2, 2, ScenarioResults(ScenarioEvidence((BOOKS, PAYS), finished=True)))})


def suites(*findings: Finding, answer: Answer = Answer.NO_GO) -> dict[str, ET.Element]:
    root = ET.fromstring(render_junit(RUN, Verdict(answer, findings)))
    return {suite.attrib["name"]: suite for suite in root}


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
    assert found["gate"].attrib["failures"] == "0"


@pytest.mark.parametrize("severity", [Severity.VOID, Severity.INCONCLUSIVE, Severity.BLOCK])
def test_finding_without_a_scenario_is_a_case_of_the_gate(severity: Severity) -> None:
    """A void run, a dead worker or a slow endpoint is not left out silently."""
    gate = suites(Finding("load", "nothing-sent", severity, StageSubject("load", "mix")))["gate"]
    assert int(gate.attrib["failures"]) + int(gate.attrib["errors"]) == 1


def test_a_go_has_neither_failures_nor_errors() -> None:
    """Each suite has a case, so that no pipeline treats it as empty."""
    for suite in suites(answer=Answer.GO).values():
        assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "0")
        assert len(suite) > 0


def test_place_in_an_error_text_does_not_fail_that_scenario() -> None:
    """A case fails by the id of its scenario, not because a text mentions its place."""
    finding = Finding("behaviour", "runner-fault", Severity.INCONCLUSIVE, StageSubject("behaviour"),
                      ErrorReported("worker 1 died in Ana pays (features/a.feature:9)"))
    found = suites(finding)
    assert found["behaviour"].attrib["errors"] == "0"
    assert found["gate"].attrib["errors"] == "1"
