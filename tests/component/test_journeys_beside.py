"""Journeys under load: they begin after the warm-up, end with the load, and leave no process."""

from __future__ import annotations

import http.server
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from gonogo.config import Environment, LoadProfile, RunPlan
from gonogo.core.errors import ConfigError
from gonogo.core.runtime import Interrupted
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Status
from gonogo.report.terminal import TerminalWatcher
from gonogo.stages.load.journeys import JourneysUnderLoad
from gonogo.stages.load.stage import LoadStage
from gonogo.stages.load.tagged import journeys_in
from gonogo.stages.stage import Run, Setup
from tests.masks import masker
from tests.serving import serving

pytestmark = pytest.mark.alone

REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 60
SILENT = TerminalWatcher(io.StringIO())
SUITE = {
    "behave.ini": (REPOSITORY / "behave.ini").read_text(),
    "environment.py": "from gonogo.suite import "
                      "after_all, after_scenario, after_step, before_all, before_scenario\n",
    "features/journeys/a.feature": "Feature: F\n  @under-load\n  Scenario: one\n    When it runs\n"
                                   "  Scenario: alone\n    When it runs\n",
    "steps/a_steps.py": '''
import os, time
from behave import when

@when("it runs")
def runs(context):
    open("ran", "a").write("x")

@when("it waits to be let go")
def waits(context):
    open("waits", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.02)

@when("it hangs")
def hangs(context):
    open("waits", "w").close()
    time.sleep(600)
''',
}
ONE = ScenarioId("features/journeys/a.feature", "", "one")
PROFILE = {"users": 1, "duration_s": 20, "warm_up_s": 5, "journeys": {}, "objectives": {"/": {}}}
SideProbes = Callable[..., JourneysUnderLoad]


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of an environment that answers."""
    with serving(_Silent) as url:
        yield url


@pytest.fixture
def beside(tmp_path: Path, url: str) -> SideProbes:
    (tmp_path / "environments.yml").write_text(
        f"environments:\n  preprod:\n    url: {url}\n    silent_scenarios: ignore\n    permits: {{writes: true}}\n")
    for name, text in SUITE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def made(step: str = "it runs", scenario_s: float = 60, **changes: object) -> JourneysUnderLoad:
        feature = tmp_path / "features/journeys/a.feature"
        feature.write_text(SUITE["features/journeys/a.feature"].replace("When it runs", f"When {step}", 1))
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GONOGO_")}
        environment = Environment.model_validate(
            {"url": url, "silent_scenarios": "ignore", "permits": {"writes": True}, "budgets": {"scenario_s": scenario_s}})
        run = Run(tmp_path, tmp_path / "runs" / "r", RunPlan("preprod", environment), {**environ, "PYTHONWARNINGS": ""}, SILENT,
                  masker())
        return JourneysUnderLoad("load", "mix", LoadProfile.model_validate({**PROFILE, **changes}), run)

    return made


def pulse(journeys: JourneysUnderLoad, second: float, users: int = 1) -> None:
    """Report as the generator how long it has been sending, and poll; at 0 it has reported nothing yet."""
    journeys.folder.mkdir(parents=True, exist_ok=True)
    if second:
        with (journeys.folder.parent / "pulse.ndjson").open("a") as file:
            file.write(json.dumps({"second": second, "users": users}) + "\n")
    journeys.on_poll()


def until(journeys: JourneysUnderLoad, second: float, there: Callable[[], bool]) -> None:
    """Keep the load at `second`, and poll until the condition is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < deadline, (journeys.folder / "behave.log").read_text()
        pulse(journeys, second)
        time.sleep(0.02)


def planned(journeys: JourneysUnderLoad) -> bool:
    record = journeys.folder / "messages.ndjson"
    return record.exists() and "testRunStarted" in record.read_text()


def running(root: Path) -> list[psutil.Process]:
    """Return the processes of this run, whatever their parent is now."""
    found = []
    for process in psutil.process_iter():
        try:
            if (str(root) in process.environ().get("GONOGO_RUN_DIR", "") and process.pid != os.getpid()
                    and process.status() != psutil.STATUS_ZOMBIE):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_journeys_run_from_the_end_of_the_warm_up_to_the_end(beside: SideProbes, tmp_path: Path) -> None:
    """They prepare earlier and begin then; only tagged scenarios run, with times on the clock of the load."""
    ran = tmp_path / "ran"
    with beside() as journeys:
        until(journeys, 0, lambda: planned(journeys))
        pulse(journeys, 4.9)
        assert not ran.exists()
        until(journeys, 5, lambda: ran.exists() and ran.stat().st_size >= 3)
        pulse(journeys, 20)
        journeys.load_ended(in_order=True)
    found = journeys.evidence(20)
    assert found.planned == {ONE: 3}
    assert found.finished
    assert found.faults == ()
    assert len(found.runs) >= 3
    assert {(run.name, run.status) for run in found.runs} == {("one", Status.PASSED)}
    starts = [run.started_s for run in found.runs]
    assert starts == sorted(starts)
    assert 5 <= starts[0] <= 20 + PATIENCE_S
    assert running(tmp_path) == []


def test_a_journey_that_runs_when_the_load_ends_runs_to_its_end(beside: SideProbes, tmp_path: Path) -> None:
    with beside("it waits to be let go") as journeys:
        until(journeys, 20, (tmp_path / "waits").exists)
        (tmp_path / "go").touch()
        journeys.load_ended(in_order=True)
    found = journeys.evidence(20)
    assert found.finished
    assert found.runs[-1].status is Status.PASSED


@pytest.mark.parametrize("sign", ["nobody is under way any more", "its record is closed"])
def test_no_journey_begins_while_the_generator_shuts_down(beside: SideProbes, tmp_path: Path, sign: str) -> None:
    """The generator may take long to end, but it sends no load then."""
    flag = tmp_path / "runs" / "r" / "load" / "mix" / "journeys" / "load-is-on"
    with beside() as journeys:
        until(journeys, 19, (tmp_path / "ran").exists)
        assert flag.exists()
        pulse(journeys, 20)
        assert flag.exists()  # the load may be extended for more evidence
        if sign == "its record is closed":
            (journeys.folder.parent / "end.json").touch()
        pulse(journeys, 21, users=0 if sign == "nobody is under way any more" else 1)
        assert not flag.exists()
        pulse(journeys, 22)
        assert not flag.exists()
        journeys.load_ended(in_order=True)
    assert journeys.evidence(20).finished


def test_journeys_outlive_the_load_at_most_by_the_scenario_budget(beside: SideProbes, tmp_path: Path) -> None:
    with beside("it hangs", scenario_s=1) as journeys:
        until(journeys, 20, (tmp_path / "waits").exists)
        journeys.load_ended(in_order=True)
    found = journeys.evidence(20)
    assert not found.finished
    assert [run.status for run in found.runs] == [Status.UNFINISHED]
    assert "timed out" in found.faults[-1]
    assert running(tmp_path) == []


def test_journeys_end_with_a_load_that_breaks_off(beside: SideProbes, tmp_path: Path) -> None:
    """They end at once: the gate does not wait for a running journey."""
    with beside("it hangs") as journeys:
        until(journeys, 7, (tmp_path / "waits").exists)
        ended = time.monotonic()
        journeys.load_ended(in_order=False)
        assert time.monotonic() - ended < 1
    found = journeys.evidence(20)
    assert not found.finished
    assert found.faults == ("the load and the journeys broke off after 7 of 20 s",)
    assert running(tmp_path) == []


def test_no_journey_begins_if_the_load_ends_during_its_warm_up(beside: SideProbes, tmp_path: Path) -> None:
    with beside() as journeys:
        until(journeys, 0, lambda: planned(journeys))
        journeys.load_ended(in_order=True)
    found = journeys.evidence(20)
    assert (found.runs, found.finished) == ((), False)
    assert found.faults == ("the load ended during its warm-up, so the journeys did not begin",)
    assert not (tmp_path / "ran").exists()


def test_an_interruption_leaves_no_process(beside: SideProbes, tmp_path: Path) -> None:
    journeys = beside("it hangs")
    with pytest.raises(Interrupted), journeys:
        until(journeys, 7, (tmp_path / "waits").exists)
        raise Interrupted
    assert running(tmp_path) == []


def test_suite_that_does_not_load_is_a_fault(beside: SideProbes, tmp_path: Path) -> None:
    """The fault contains the suite's own error message."""
    (tmp_path / "steps" / "b_steps.py").write_text("raise LookupError('no such thing')\n")
    with beside() as journeys:
        pulse(journeys, 20)
        journeys.load_ended(in_order=True)
    found = journeys.evidence(20)
    assert (found.runs, found.finished) == ((), False)
    assert "no such thing" in found.faults[-1]


def test_profile_with_journeys_needs_a_tagged_scenario(tmp_path: Path) -> None:
    """A tag that no scenario has is an error, reported before anything is sent."""
    (tmp_path / "features" / "journeys").mkdir(parents=True)
    feature = tmp_path / "features" / "journeys" / "a.feature"
    feature.write_text("Feature: F\n  Scenario: one\n    When it runs\n")
    settings = {"url": "http://127.0.0.1:1", "stages": ["load"], "permits": {"load_users": 5},
                "load": {"run": ["mix"], "profiles": {"mix": PROFILE, "other": PROFILE}}}

    def check(settings: object) -> None:
        LoadStage().check(Setup(tmp_path, RunPlan("preprod", Environment.model_validate(settings)), {}, requested=True,
                                where=lambda *keys: " → ".join(keys)))

    with pytest.raises(ConfigError, match="no scenario has the tag @under-load") as caught:
        check(settings)
    assert caught.value.where == "load → profiles → mix → journeys"
    check({**settings, "load": {"run": ["mix"], "profiles": {"mix": {**PROFILE, "journeys": None}, "other": PROFILE}}})
    feature.write_text("Feature: F\n  @under-load\n  Scenario: one\n    When it runs\n")
    check(settings)
    assert journeys_in(tmp_path) == {ONE: 3}


