"""The gate reads environments.yml and release.yml once: later edits reach no stage of the run, and void it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.serving import serving
from tests.verdicts import checked_verdict

DIGEST = "sha256:" + "a" * 64
FILES = {
    "behave.ini": "[behave]\nrunner = gonogo.suite:Runner\npaths = features\n",
    "environment.py": "from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario\n",
    "features/platform/a.feature": "Feature: Platform\n  @read-only\n  Scenario: Somebody edits the files\n"
                                   "    When environments.yml is edited\n",
    "features/b.feature": "Feature: Shop\n  @read-only\n  Scenario: It is open\n    Then the shop is open\n"
                          "    And the release is the one of the start\n",
    "steps/a_steps.py": f'''
from pathlib import Path
from behave import then, when
from gonogo.steps.health import release

@when("environments.yml is edited")
def edited(context):
    Path("environments.yml").write_text("environments: {{preprod: {{url: http://127.0.0.1:1}}}}\\n")
    Path("release.yml").unlink()

@then("the shop is open")
def is_open(context):
    assert context.world.http.get(context.world.environment.url).ok

@then("the release is the one of the start")
def is_the_same(context):
    assert release(context).images == {{"shop": "{DIGEST}"}}
''',
    "release.yml": f"schema: 1\nimages: {{shop: \"{DIGEST}\"}}\n",
}


class _Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f'{{"image": "{DIGEST}"}}'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with serving(_Shop) as url:
        yield url


def write_suite(root: Path) -> None:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def run_gate(root: Path) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GONOGO")}
    return subprocess.run([sys.executable, "-m", "gonogo.cli.main", "run", "--env", "preprod"], cwd=root, env=environ,
                          text=True, capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize("stage", ["platform", "behaviour"])
def test_features_that_provisioning_removes_are_not_go(tmp_path: Path, stage: str) -> None:
    """A stage's work is decided before the environment starts: a command that removes it leaves no empty stage."""
    write_suite(tmp_path)
    (tmp_path / "serve.py").write_text(
        "import http.server, sys\nclass Page(http.server.BaseHTTPRequestHandler):\n    def do_GET(self):\n"
        "        self.send_response(200)\n        self.send_header('Content-Length', '0')\n        self.end_headers()\n"
        "server = http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Page)\n"
        "open('up', 'w').close()\nserver.serve_forever()\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "up.sh").write_text(
        f"rm -r features\n{sys.executable} serve.py {port} </dev/null >/dev/null 2>&1 & echo $! >pid\n"
        "while [ ! -e up ]; do :; done\n")
    (tmp_path / "environments.yml").write_text(f"""\
environments:
  preprod:
    url: http://127.0.0.1:{port}
    provision: {{up: sh up.sh, down: sh -c 'kill $(cat pid)'}}
    services: {{shop: {{url: "http://127.0.0.1:{port}", health: /, version: null}}}}
    stages: [{stage}]
""")
    (tmp_path / "release.yml").unlink()  # nothing of it could be compared
    done = run_gate(tmp_path)
    verdict = checked_verdict(tmp_path / "runs" / "latest")
    assert (done.returncode, verdict["verdict"]) == (3, "INCONCLUSIVE"), done.stdout + done.stderr
    assert "no-evidence" in {reason["rule"] for reason in verdict["reasons"]}


def test_edits_during_a_run_reach_no_stage(tmp_path: Path, url: str) -> None:
    """The behaviour stage is prepared at the same time, and its workers begin when the files have changed.

    The run is void all the same: a file of steps that is edited meanwhile could reach them.
    """
    write_suite(tmp_path)
    (tmp_path / "environments.yml").write_text(
        f"environments:\n  preprod:\n    url: {url}\n    silent_scenarios: ignore\n    services: {{shop: {{url: {url}, health: /}}}}\n")
    done = run_gate(tmp_path)
    verdict = checked_verdict(tmp_path / "runs" / "latest")
    assert (done.returncode, verdict["verdict"]) == (3, "INCONCLUSIVE"), done.stdout + done.stderr
    assert [(reason["rule"], reason["parameters"]["changes"]) for reason in verdict["reasons"]] == [
        ("inputs-changed", ["environments.yml changed", "release.yml was removed"])]
    assert [verdict["stages"][stage]["passed"] for stage in ("platform", "behaviour")] == [1, 1]
    assert verdict["release"] == {"shop": DIGEST}
    assert "127.0.0.1:1}" in (tmp_path / "environments.yml").read_text()
