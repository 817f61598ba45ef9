"""junit.xml: the verdict for pipelines that list test results; what stops the release is a failure or an error here."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gonogo.model.run import RunEvidence, Scenario
from gonogo.model.verdict import Reason, Severity, Verdict

JUNIT_FILE = "junit.xml"
_GATE = "gate"


def render_junit(evidence: RunEvidence, verdict: Verdict) -> str:
    """A suite for each behave stage with a case a scenario, and one named `gate` for all that is no scenario's.

    A scenario that failed is a failure; one that could not be judged is an error, never a skip.
    """
    root = ET.Element("testsuites", name=f"gonogo {evidence.environment}")
    told: set[str] = set()
    for stage, found in (("platform", evidence.platform_scenarios), ("behaviour", evidence.behaviour)):
        if found:
            cases = [_case(stage, scenario, verdict, told) for scenario in found.scenarios]
            _add_suite(root, stage, cases)
    others = [reason for reason in verdict.reasons if reason.line not in told and reason.severity is not Severity.WARN]
    _add_suite(root, _GATE, [_gate_case(reason) for reason in others] or [ET.Element("testcase", {
        "classname": _GATE, "name": f"verdict: {verdict.answer}", "time": "0"})])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", {
        "name": name, "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)), "skipped": "0"})
    suite.extend(cases)


def _case(stage: str, scenario: Scenario, verdict: Verdict, told: set[str]) -> ET.Element:
    seconds = sum(attempt.duration_s for attempt in scenario.attempts)
    case = ET.Element("testcase", {"classname": f"{stage}.{scenario.feature}", "name": scenario.name,
                                   "file": scenario.uri, "line": str(scenario.line), "time": f"{seconds:.3f}"})
    for reason in verdict.reasons:
        if reason.stage == stage and f"({scenario.location})" in reason.title and reason.severity is not Severity.WARN:
            told.add(reason.line)
            case.append(_problem(reason))
            break
    return case


def _gate_case(reason: Reason) -> ET.Element:
    case = ET.Element("testcase", {"classname": _GATE, "name": f"{reason.stage}: {reason.rule}", "time": "0"})
    case.append(_problem(reason))
    return case


def _problem(reason: Reason) -> ET.Element:
    kind = "failure" if reason.severity is Severity.BLOCK else "error"
    problem = ET.Element(kind, {"type": reason.rule, "message": _printable(reason.line)})
    problem.text = "\n".join(reason.evidence)
    return problem


def _printable(text: str) -> str:
    """XML has no place for most control characters, and messages of browsers have some."""
    return "".join(character if character.isprintable() else " " for character in text)
