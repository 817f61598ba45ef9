"""An interrupted gate reports that, ends every process that it started, and leaves the environment as it was."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    import subprocess

    from tests.e2e.conftest import Project

Patiently = Callable[..., None]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
# The scenario starts a process in its own session, as a browser does, and writes a file once it is running.
HANGS = ('@read-only\nFeature: F\n  Scenario: hangs\n    When it runs subprocess.Popen(["sleep", "600"], '
         'start_new_session=True)\n    And it runs open("underway", "w").close(); time.sleep(600)\n')
CLEANS_UP = '''
import time

from gonogo.suite import hooks

def before_scenario(context, scenario):
    hooks.before_scenario(context, scenario)
    context.add_cleanup(lambda: (time.sleep(0.5), open("cleaned", "w").close()))
'''


def begin_behaviour(project: Project, patiently: Patiently) -> subprocess.Popen[str]:
    """Start a gate in an environment that it provisions, and wait until its scenario is running."""
    project.provisioned()
    project.feature(HANGS)
    gate = project.start()
    patiently((project.root / "underway").exists)
    return gate


def begin_load(project: Project, patiently: Patiently) -> subprocess.Popen[str]:
    """Start a gate in an environment that it provisions, and wait until its load is running."""
    project.provisioned(**project.load("visit", duration_s=60))
    project.profile("visit", "self.client.get('/up.py', name='/ok')")
    gate = project.start()
    patiently(lambda: any(path.stat().st_size for path in project.root.glob("runs/*/load/visit/samples.ndjson")))
    return gate


STAGES = pytest.mark.parametrize("begin", [begin_behaviour, begin_load])


@STAGES
@pytest.mark.parametrize("number", SIGNALS)
def test_interrupted_gate_is_inconclusive_and_leaves_nothing(
        project: Project, patiently: Patiently, begin: Callable[..., subprocess.Popen[str]],
        number: signal.Signals) -> None:
    gate = begin(project, patiently)
    started = psutil.Process(gate.pid).children(recursive=True)
    assert started
    gate.send_signal(number)
    ended = project.end(gate)
    project.assert_nothing_left(started)
    assert (project.root / "downed").exists()
    assert (ended.code, ended.last_line) == (130, "INCONCLUSIVE"), ended.stderr
    assert ended.verdict["verdict"] == "INCONCLUSIVE"
    assert "interrupted" in ended.stopping
    assert "Traceback" not in ended.stderr


def probes(project: Project) -> None:
    project.feature()
    project.environment(services={"shop": {"url": project.system.url, "health": "/hang"}})


def pages(project: Project) -> None:
    project.environment(f"{project.system.url}/page", stages=["pages"])


@pytest.mark.parametrize("prepare", [probes, pages])
def test_gate_that_waits_for_an_answer_ends_soon(project: Project, patiently: Patiently,
                                                 prepare: Callable[[Project], None]) -> None:
    prepare(project)
    gate = project.start()
    patiently(lambda: "GET /hang" in project.system.seen)
    gate.send_signal(signal.SIGTERM)
    began = time.monotonic()
    ended = project.end(gate)
    assert time.monotonic() - began < 15
    assert (ended.code, ended.last_line) == (130, "INCONCLUSIVE"), ended.stderr
    assert "interrupted" in ended.stopping
    project.assert_nothing_left()


def test_interrupted_scenario_is_cleaned_up(project: Project, patiently: Patiently) -> None:
    """The scenario's own clean-ups run, so that it can remove what it created in PreProd."""
    project.file("environment.py", (project.root / "environment.py").read_text() + CLEANS_UP)
    gate = begin_behaviour(project, patiently)
    gate.send_signal(signal.SIGTERM)
    project.end(gate)
    assert (project.root / "cleaned").exists()


def test_further_signals_do_not_disturb_the_shutdown(project: Project, patiently: Patiently) -> None:
    gate = begin_behaviour(project, patiently)
    for _ in range(3):
        for number in SIGNALS:
            gate.send_signal(number)
    ended = project.end(gate)
    assert ended.code == 130
    assert "interrupted" in ended.stopping
    project.assert_nothing_left()


@STAGES
def test_killed_gate_has_no_verdict_and_its_children_end(project: Project, patiently: Patiently,
                                                         begin: Callable[..., subprocess.Popen[str]]) -> None:
    """`runs/latest` links to this run from its start, so that no reader takes an older run's GO for its verdict."""
    earlier = project.root / "runs" / "20200101-000000-0000"
    project.file(f"runs/{earlier.name}/verdict.json", json.dumps({"verdict": "GO"}))
    (project.root / "runs" / "latest").symlink_to(earlier.name)
    gate = begin(project, patiently)
    started = psutil.Process(gate.pid).children(recursive=True)
    gate.kill()
    ended = project.end(gate)
    assert ended.run_folder != earlier
    assert not (ended.run_folder / "verdict.json").exists()
    patiently(lambda: not [process for process in started if process.is_running()
                           and process.status() != psutil.STATUS_ZOMBIE], within_s=10)
    assert project.run(command="clean").code == 0  # its environment and its temporary folder


@pytest.mark.parametrize("moment", ["up", "down"])
def test_environment_is_taken_down_if_up_or_down_is_interrupted(project: Project, patiently: Patiently,
                                                                moment: str) -> None:
    """The signal arrives while the environment's own `up` or `down` runs; in both cases it is down in the end."""
    project.provisioned()
    project.feature()
    waits = 'if not os.path.exists("waited"):\n    open("waited", "w").close()\n    time.sleep(60)\n'
    file = project.root / f"{moment}.py"
    before, after = (file.read_text(), waits) if moment == "up" else (waits, file.read_text())
    file.write_text(f"import os, time\n{before}{after}")
    gate = project.start()
    patiently((project.root / "waited").exists)
    gate.send_signal(signal.SIGTERM)
    ended = project.end(gate)
    assert (ended.code, ended.last_line) == (130, "INCONCLUSIVE"), ended.stderr
    assert "interrupted" in ended.stopping
    assert (project.root / "downed").exists()
    project.assert_nothing_left()
