"""junit.xml: the verdict for pipelines that list test results; what stops the release is a failure or an error here."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from gonogo.model.findings import Finding, Severity
from gonogo.model.identity import ScenarioId
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Scenario
from gonogo.model.stages import ScenarioResults
from gonogo.model.verdict import Verdict
from gonogo.report.report import Material, Report
from gonogo.report.wording import line_of, printable

JUNIT_FILE = "junit.xml"
_GATE = "gate"

OfScenarios = Mapping[tuple[str, ScenarioId], Finding]  # the first finding of a stage's scenario that is no warning


class JunitReport(Report):
    """One test case a scenario, and one for each other reason that stops the release."""

    file_name = JUNIT_FILE

    def render(self, material: Material) -> str:
        return render_junit(material.evidence, material.verdict)


def render_junit(evidence: RunEvidence, verdict: Verdict) -> str:
    """A suite for each stage of scenarios with a case a scenario, and one named `gate` for all that is no scenario's.

    A scenario that failed is a failure; one that could not be judged is an error, never a skip. Skipped is what is
    waived, with the waiver as its message.
    """
    root = ET.Element("testsuites", name=f"gonogo {evidence.environment}")
    stops = [finding for finding in verdict.findings if finding.severity is not Severity.WARN or finding.waived]
    of_scenarios: dict[tuple[str, ScenarioId], Finding] = {}
    for finding in stops:
        if isinstance(finding.subject, ScenarioId):
            of_scenarios.setdefault((finding.stage, finding.subject), finding)
    listed: set[tuple[str, ScenarioId]] = set()
    for stage, found in evidence.evidence(ScenarioResults):
        scenarios = found.scenarios.scenarios
        _add_suite(root, stage, [_case(stage, scenario, of_scenarios) for scenario in scenarios])
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


def _case(stage: str, scenario: Scenario, of_scenarios: OfScenarios) -> ET.Element:
    seconds = sum(attempt.duration_s for attempt in scenario.attempts)
    case = ET.Element("testcase", {"classname": f"{stage}.{scenario.feature}", "name": scenario.name,
                                   "file": scenario.uri, "line": str(scenario.line), "time": f"{seconds:.3f}"})
    if (stage, scenario.id) in of_scenarios:
        case.append(_problem(of_scenarios[stage, scenario.id]))
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
