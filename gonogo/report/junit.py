"""junit.xml: the verdict for pipelines that list test results."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from gonogo.core.text import printable
from gonogo.model.findings import Finding, Severity
from gonogo.model.identity import ScenarioId
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Scenario
from gonogo.model.stages import ScenarioResults
from gonogo.model.verdict import Verdict
from gonogo.report.report import Material, Report
from gonogo.report.wording import line_of

JUNIT_FILE = "junit.xml"
_GATE = "gate"

ScenarioFindings = Mapping[tuple[str, ScenarioId], Finding]  # the first finding of each scenario


class JunitReport(Report):
    """One test case per scenario, and one for each other finding that stops the release."""

    file_name = JUNIT_FILE

    def render(self, material: Material) -> str:
        return render_junit(material.evidence, material.verdict)


def render_junit(evidence: RunEvidence, verdict: Verdict) -> str:
    """A test suite for each stage of scenarios, with a case per scenario, and one named `gate` for all other findings.

    A failed scenario is a failure; one that could not be judged is an error, never skipped. A waived finding is
    skipped, with the waiver in its message.
    """
    root = ET.Element("testsuites", name=f"gonogo {evidence.environment}")
    stops = [finding for finding in verdict.findings if finding.severity is not Severity.WARN or finding.waived]
    scenario_findings: dict[tuple[str, ScenarioId], Finding] = {}
    for finding in stops:
        if isinstance(finding.subject, ScenarioId):
            scenario_findings.setdefault((finding.stage, finding.subject), finding)
    listed: set[tuple[str, ScenarioId]] = set()
    for stage, results in evidence.evidence(ScenarioResults):
        scenarios = results.scenarios.scenarios
        _add_suite(root, stage, [_case(stage, scenario, scenario_findings) for scenario in scenarios])
        listed.update((stage, scenario.id) for scenario in scenarios)
    others = [finding for finding in stops
              if not isinstance(finding.subject, ScenarioId) or (finding.stage, finding.subject) not in listed]
    _add_suite(root, _GATE, [_gate_case(finding) for finding in others] or [ET.Element("testcase", {
        "classname": _GATE, "name": f"verdict: {verdict.answer}", "time": "0"})])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", {
        "name": name, "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases))})
    suite.extend(cases)


def _case(stage: str, scenario: Scenario, scenario_findings: ScenarioFindings) -> ET.Element:
    seconds = sum(attempt.duration_s for attempt in scenario.attempts)
    case = ET.Element("testcase", {"classname": f"{stage}.{scenario.feature}", "name": scenario.name,
                                   "file": scenario.uri, "line": str(scenario.line), "time": f"{seconds:.3f}"})
    if (stage, scenario.id) in scenario_findings:
        case.append(_problem(scenario_findings[stage, scenario.id]))
    return case


def _gate_case(finding: Finding) -> ET.Element:
    case = ET.Element("testcase", {"classname": _GATE, "name": f"{finding.stage}: {finding.rule}", "time": "0"})
    case.append(_problem(finding))
    return case


def _problem(finding: Finding) -> ET.Element:
    if finding.waived:
        return ET.Element("skipped", {"message": line_of(finding)})
    kind = "failure" if finding.severity is Severity.BLOCK else "error"
    problem = ET.Element(kind, {"type": finding.rule, "message": printable(line_of(finding))})
    problem.text = "\n".join(finding.evidence)
    return problem
