"""Journeys under load, through the real gate: a journey that fails there, or is not run, is never GO."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable

import psutil
import pytest

pytestmark = pytest.mark.alone

# An expression that is true if a scenario runs alone, and false under load.
ALONE = "'GONOGO_UNDER_LOAD' not in os.environ"
FEATURE = "Feature: F\n  @read-only @under-load\n  Scenario: Ana pays\n    Given it works\n    When it runs {}\n"


@pytest.fixture
def under_load(project):
    """A project whose load lasts long enough for behave to load the suite meanwhile."""
    settings = project.load("visit", duration_s=16, warm_up_s=1, extend=False, journeys={})
    project.environment(**{**settings, "stages": ["behaviour", "load"]})
    project.profile("visit")
    return project


def journeys(ended) -> list[str]:
    record = ended.run_folder / "load" / "visit" / "journeys" / "messages.ndjson"
    return [kind for line in record.read_text().splitlines() for kind in json.loads(line)]


def test_journeys_that_pass_under_load_are_go(under_load) -> None:
    """The journeys ran repeatedly, and the report shows them beside the load."""
    under_load.feature(FEATURE.format("pass"))
    ended = under_load.run()
    ended.assert_answer("GO")
    assert journeys(ended).count("testCaseFinished") == journeys(ended).count("testCase") > 1
    page = (ended.run_folder / "report.html").read_text()
    assert '<svg class="timeline"' in page
    assert "journeys passed" in page
    under_load.assert_nothing_left()


def test_journey_that_passes_alone_and_fails_under_load_is_no_go(under_load) -> None:
    under_load.feature(FEATURE.format(f"assert {ALONE}, 'no seat left'"))
    ended = under_load.run()
    ended.assert_answer("NO-GO", "journey-failed")
    assert ended.verdict["stages"]["behaviour"]["passed"] == 1
    assert "Ana pays (features/journeys/a.feature:3) failed" in ended.title("journey-failed")
    assert "no seat left" in ended.title("journey-failed")
    (path, *_) = next(reason["evidence"] for reason in ended.reasons if reason["rule"] == "journey-failed")
    assert (ended.run_folder / path).is_file()
    # the journeys stop after ten failures
    assert journeys(ended).count("testCase") == 10


def test_journeys_whose_worker_dies_are_inconclusive(under_load) -> None:
    under_load.feature(FEATURE.format(f"os.kill(os.getpid(), 0 if {ALONE} else 9)"))
    under_load.run().assert_answer("INCONCLUSIVE", "journeys-not-run")


def test_vitals_that_no_page_reports_are_inconclusive(under_load) -> None:
    settings = under_load.load("visit", duration_s=16, extend=False, journeys={"lcp_ms": 2500})
    under_load.environment(**settings)
    under_load.feature(FEATURE.format("pass"))
    under_load.run().assert_answer("INCONCLUSIVE", "vitals-not-reported")


def test_profile_with_journeys_but_no_tagged_scenario_sends_nothing(under_load) -> None:
    under_load.feature(FEATURE.replace(" @under-load", "").format("pass"))
    ended = under_load.run()
    assert (ended.code, ended.stdout) == (2, "")
    assert "no scenario has the tag @under-load" in ended.stderr
    assert under_load.system.seen == []


def test_interrupted_gate_leaves_no_journey_behind(under_load, patiently: Callable[..., None]) -> None:
    under_load.feature(FEATURE.format(f"time.sleep(0 if {ALONE} else 600)"))
    gate = under_load.start()
    patiently(lambda: any("testCaseStarted" in path.read_text()
                          for path in under_load.root.glob("runs/*/load/visit/journeys/messages.ndjson")))
    started = psutil.Process(gate.pid).children(recursive=True)
    gate.send_signal(signal.SIGTERM)
    ended = under_load.end(gate)
    assert (ended.code, ended.last_line) == (130, "INCONCLUSIVE")
    under_load.assert_nothing_left(started, within_s=10)
