"""The gate reads environments.yml and release.yml once: what is written there later reaches no stage of the run."""

from __future__ import annotations

import os
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


def test_what_is_edited_during_a_run_reaches_no_stage(tmp_path: Path, url: str) -> None:
    """The behaviour stage is made ready meanwhile, and its workers begin when the files are others."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "environments.yml").write_text(
        f"environments:\n  preprod:\n    url: {url}\n    services: {{shop: {{url: {url}, health: /}}}}\n")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GONOGO")}
    done = subprocess.run([sys.executable, "-m", "gonogo.cli.main", "run", "--env", "preprod"], cwd=tmp_path,
                          env=environ, text=True, capture_output=True, timeout=120, check=False)
    verdict = checked_verdict(tmp_path / "runs" / "latest")
    assert (done.returncode, verdict["verdict"]) == (0, "GO"), done.stdout + done.stderr
    assert verdict["release"] == {"shop": DIGEST}
    assert "127.0.0.1:1}" in (tmp_path / "environments.yml").read_text()
