"""A known defect that exceptions.yml waives: the real gate reports it as a warning until the waiver expires."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

pytestmark = pytest.mark.alone

FEATURE = ("@read-only\nFeature: F\n  Scenario: one\n    When it sends GET /ok\n"
           "  Scenario: pays\n    When it runs assert False, 'no receipt'\n")
TODAY = datetime.now(UTC).date()
NEXT_MONTH = (TODAY + timedelta(days=30)).isoformat()
PAYS = {"scenario": "pays", "file": "features/journeys/a.feature"}


def waive(project: Project, expires: str = NEXT_MONTH, rule: str = "scenario-failed", **subject: str) -> None:
    project.file("exceptions.yml", json.dumps({"exceptions": [
        {"kind": "waiver", "subject": subject or PAYS, "rule": rule, "reason": "PAY-17", "owner": "payments",
         "expires": expires, "environments": ["preprod"]}]}, indent=1))


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(("expires", "said"), [
    ((TODAY - timedelta(days=2)).isoformat(), "expired on"), ("soon", "'soon' of 'expires'")])
def test_mistake_in_exceptions_yml_is_found_before_anything_starts(project: Project, command: str, expires: str,
                                                                   said: str) -> None:
    """The environment is not started, and no run folder is created."""
    project.provisioned()
    project.feature(FEATURE)
    waive(project, expires)
    ended = project.run(command=command)
    assert (ended.code, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert "exceptions.yml:" in ended.stderr
    assert not (project.root / "server.pid").exists()
    assert not (project.root / "runs").exists()


def test_failing_scenario_is_no_go_without_a_waiver_and_go_with_one(project: Project) -> None:
    """verdict.json, the terminal, the report and junit.xml show the failure as a warning with its waiver."""
    project.feature(FEATURE)
    project.run().assert_answer("NO-GO", "scenario-failed")
    waive(project)
    ended = project.run()
    ended.assert_answer("GO")
    [reason] = ended.reasons
    assert (reason["rule"], reason["severity"], reason["subject"]["name"]) == ("scenario-failed", "warn", "pays")
    assert reason["waived"] == {"owner": "payments", "reason": "PAY-17", "expires": NEXT_MONTH}
    assert f"(waived until {NEXT_MONTH} by payments: PAY-17)" in ended.stdout
    assert f"until {NEXT_MONTH} by payments: PAY-17" in (ended.run_folder / "report.html").read_text()
    assert "<skipped message=" in (ended.run_folder / "junit.xml").read_text()
    assert "exceptions.yml" in json.loads((ended.run_folder / "run.json").read_text())["inputs"]
    project.run("--only", "behaviour").assert_answer("PARTIAL")


def end_of_load(ended: Ended) -> dict[str, Any]:
    """How the load of the newest run ended."""
    end: dict[str, Any] = json.loads((ended.run_folder / "load" / "visit" / "end.json").read_text())
    return end


def test_load_continues_past_an_objective_that_is_waived(project: Project) -> None:
    """Waived scenarios do not prevent the load stage, and a waived objective does not abort the load."""
    project.feature(FEATURE)
    settings = project.load("visit", duration_s=5, extend=False, abort_after_s=1, objectives={
        "/error": {"error_ratio": 0.1, "min_requests": 20}})
    project.environment(**{**settings, "stages": ["behaviour", "load"]})
    project.profile("visit", "self.client.get('/error', name='/error')")
    waive(project)
    aborted = project.run()
    aborted.assert_answer("NO-GO", "error-ratio")
    assert end_of_load(aborted)["aborted"]
    text = (project.root / "exceptions.yml").read_text()
    waive(project, rule="error-ratio", endpoint="/error", profile="visit")
    both = json.loads(text)["exceptions"] + json.loads((project.root / "exceptions.yml").read_text())["exceptions"]
    project.file("exceptions.yml", json.dumps({"exceptions": both}))
    ended = project.run()
    ended.assert_answer("GO")
    assert {reason["rule"] for reason in ended.reasons if reason["waived"]} == {"scenario-failed", "error-ratio"}
    assert ended.verdict["stages"]["load"]["executed"] == 1
    assert end_of_load(ended)["aborted"] is None
    assert end_of_load(ended)["sent_s"] >= 5
