"""Fixtures: small suites in a temporary folder, run by real behave processes against a simple HTTP server."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gonogo.model.scenarios import Scenario, ScenarioEvidence
from gonogo.records.messages import read_messages
from tests.serving import serving

REPOSITORY = Path(__file__).parents[3]
TIMEOUT_S = 60
ENVIRONMENT = '''
from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario
'''
STEPS = '''
import os, sys, time
from behave import given, when, then, step

@given("it works")
@when("it works")
@then("it works")
def works(context):
    assert context is not None

@then("it fails")
def fails(context):
    assert False, "no good"
'''


@dataclass
class Ended:
    """A behave process that has ended, with its output and its run folder."""

    code: int
    stdout: str
    stderr: str
    runs: Path

    @property
    def evidence(self) -> ScenarioEvidence:
        return read_messages(self.record)

    @property
    def record(self) -> Path:
        (record,) = self.runs.glob("*/behaviour/messages.ndjson")
        return record

    @property
    def last_line(self) -> str:
        return self.stderr.strip().splitlines()[-1]

    def scenario(self, name: str) -> Scenario:
        (found,) = [scenario for scenario in self.evidence.scenarios if scenario.name == name]
        return found

    def folder(self, name: str) -> Path:
        """Return the folder with the evidence of the first attempt at a scenario."""
        (found,) = self.record.parent.glob(f"*-{self.scenario(name).id.digest}")
        return found


@dataclass
class Suite:
    """A project with features, steps, environment.py and environments.yml."""

    root: Path
    url: str
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.root / "features").mkdir()
        (self.root / "steps").mkdir()
        (self.root / "behave.ini").write_text((REPOSITORY / "behave.ini").read_text())
        (self.root / "environment.py").write_text(ENVIRONMENT)
        (self.root / "steps" / "plain_steps.py").write_text(STEPS)
        self.environments()

    def environments(self, settings: str = "permits: {writes: true}") -> None:
        """Write environments.yml with the one environment `preprod`; `settings` are further YAML lines of it.

        The scenarios of most tests ask nothing of the system.
        """
        lines = "\n".join(f"    {line}" for line in settings.splitlines())
        (self.root / "environments.yml").write_text(f"environments:\n  preprod:\n    url: {self.url}\n"
                                                   f"    silent_scenarios: ignore\n{lines}\n")

    def feature(self, text: str, name: str = "a") -> None:
        (self.root / "features" / f"{name}.feature").write_text(text)

    def steps(self, text: str, name: str = "more") -> None:
        (self.root / "steps" / f"{name}_steps.py").write_text(
            f"import os, sys, time\nfrom behave import given, when, then, step\n{text}")

    def hooks(self, text: str) -> None:
        """Append `text` to environment.py."""
        path = self.root / "environment.py"
        path.write_text(path.read_text() + text)

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GONOGO_")}
        return subprocess.Popen([sys.executable, "-m", "behave", *arguments], cwd=self.root, text=True,
                                env={**environ, "PYTHONWARNINGS": "", **self.environ}, stdin=stdin,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def end(self, process: subprocess.Popen[str]) -> Ended:
        try:
            stdout, stderr = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Ended(process.returncode, stdout, stderr, self.root / "runs")

    def behave(self, *arguments: str) -> Ended:
        return self.end(self.start("-D", "env=preprod", *arguments))


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = (b"<html><title>Here</title><h1>Hello</h1><label>Name <input></label>"
                b"<label>Password <input type=password></label></html>")
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with serving(_Answering) as url:
        yield url


@pytest.fixture
def suite(tmp_path: Path, server: str) -> Suite:
    return Suite(tmp_path, server)


@pytest.fixture(scope="session")
def make_suite(tmp_path_factory: pytest.TempPathFactory, server: str) -> Callable[[str], Suite]:
    return lambda name: Suite(tmp_path_factory.mktemp(name), server)
