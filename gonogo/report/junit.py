"""junit.xml: the verdict for pipelines that list test results, valid against the schema of Jenkins' xUnit plug-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from gonogo.core.text import printable, printable_lines
from gonogo.model.findings import Finding, Severity
from gonogo.model.identity import ScenarioId
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Scenario
from gonogo.model.stages import ScenarioResults
from gonogo.model.verdict import Answer, Verdict
from gonogo.report.report import Material, Report
from gonogo.report.wording import line_of

JUNIT_FILE = "junit.xml"
_GATE = "gate"
_PROMISING = (Answer.GO, Answer.PARTIAL)

ScenarioFindings = Mapping[tuple[str, ScenarioId], Finding]  # the first finding of each scenario


class JunitReport(Report):
    """One test case per scenario, and one for each other finding that stops the release."""

    file_name = JUNIT_FILE

    def render(self, material: Material) -> str:
        return render_junit(material.evidence, material.verdict)


def render_junit(evidence: RunEvidence, verdict: Verdict) -> str:
    """A test suite for each stage of scenarios, with a case per scenario, and one named `gate` for all other findings.

    A failed scenario is a failure; one that did not pass for another reason is an error, never skipped. A waived
    finding is skipped, with the waiver in its message.
    """
    root = ET.Element("testsuites", name=printable(f"gonogo {evidence.environment}"))
    stops = [finding for finding in verdict.findings if finding.severity is not Severity.WARN or finding.waived]
    scenario_findings: dict[tuple[str, ScenarioId], Finding] = {}
    for finding in stops:
        if isinstance(finding.subject, ScenarioId):
            scenario_findings.setdefault((finding.stage, finding.subject), finding)
    listed: set[tuple[str, ScenarioId]] = set()
    for stage, results in evidence.evidence(ScenarioResults):
        scenarios = (*results.scenarios.scenarios, *results.scenarios.left_out)
        _add_suite(root, stage, _cases(stage, scenarios, scenario_findings))
        listed.update((stage, scenario.id) for scenario in scenarios)
    others = [finding for finding in stops
              if not isinstance(finding.subject, ScenarioId) or (finding.stage, finding.subject) not in listed]
    gate_cases = _gate_cases(others, verdict.answer, has_problem=bool(_problems(root)))
    if gate_cases:
        _add_suite(root, _GATE, gate_cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _problems(root: ET.Element) -> list[ET.Element]:
    return [*root.iter("failure"), *root.iter("error")]


def _add_suite(root: ET.Element, name: str, cases: Sequence[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", {
        "name": printable(name), "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases))})
    suite.extend(cases)


def _cases(stage: str, scenarios: Sequence[Scenario], findings: ScenarioFindings) -> list[ET.Element]:
    return [_case(stage, scenario, name, findings.get((stage, scenario.id)))
            for scenario, name in zip(scenarios, _distinct_names(scenarios), strict=True)]


def _case(stage: str, scenario: Scenario, name: str, finding: Finding | None) -> ET.Element:
    case = _test_case(f"{stage}.{scenario.feature}", name, sum(attempt.duration_s for attempt in scenario.attempts))
    if finding is not None:
        case.append(_problem(finding))
    elif not scenario.passed:
        problem = "not executed" if not scenario.attempts else scenario.attempts[-1].status
        ET.SubElement(case, "error", {"type": "scenario-not-passed", "message": f"the scenario was {problem}"})
    ET.SubElement(case, "system-out").text = printable(scenario.location)
    return case


def _distinct_names(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """The names, different for each scenario of a feature's name: readers know a test by these two alone.

    A row of an outline has its cells in its name; a name that repeats has its file, or its number there.
    """
    first_files: dict[tuple[str, str], str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for scenario in scenarios:
        cells = ", ".join(f"{column}={value}" for column, value in scenario.id.cells)
        name = printable(f"{scenario.name} -- {cells}" if cells else scenario.name)
        if first_files.setdefault((scenario.feature, name), scenario.uri) != scenario.uri:
            name = printable(f"{name} ({scenario.uri})")
        seen[scenario.feature, name] += 1
        yield _numbered(name, seen[scenario.feature, name])


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} #{number}"


def _gate_cases(findings: Sequence[Finding], answer: Answer, *, has_problem: bool) -> list[ET.Element]:
    """A case for each finding; without any, one that passes, or an error if no scenario explains the answer."""
    cases = []
    seen: Counter[str] = Counter()
    for finding in findings:
        name = f"{finding.stage}: {finding.rule}"
        seen[name] += 1
        cases.append(_test_case(_GATE, _numbered(name, seen[name])))
        cases[-1].append(_problem(finding))
    if answer in _PROMISING and not cases:
        cases.append(_test_case(_GATE, f"verdict: {answer}"))
    elif answer not in _PROMISING and not has_problem and all(case.find("skipped") is not None for case in cases):
        cases.append(_test_case(_GATE, "verdict"))
        ET.SubElement(cases[-1], "error", {"type": "verdict", "message": f"the verdict is {answer}"})
    return cases


def _test_case(classname: str, name: str, seconds: float = 0.0) -> ET.Element:
    return ET.Element("testcase", {"classname": printable(classname), "name": printable(name),
                                   "time": f"{seconds:.3f}"})


def _problem(finding: Finding) -> ET.Element:
    if finding.waived:
        return ET.Element("skipped", {"message": line_of(finding)})
    kind = "failure" if finding.severity is Severity.BLOCK else "error"
    problem = ET.Element(kind, {"type": printable(finding.rule), "message": line_of(finding)})
    problem.text = printable_lines("\n".join(finding.evidence))
    return problem
