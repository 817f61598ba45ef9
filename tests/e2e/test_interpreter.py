"""Settings of Python that skip assertions are refused before anything is started, by the gate and by its tools alone."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import Project


@pytest.mark.parametrize("command", [
    ["gonogo.cli", "run", "--env", "preprod"],
    ["behave", "-D", "env=preprod"],
    ["locust", "-f", "load/", "--headless", "--env", "preprod", "--profile", "visit"],
], ids=lambda command: command[0])
def test_optimization_is_refused(project: Project, command: list[str]) -> None:
    """PYTHONOPTIMIZE would remove the assertion that fails."""
    project.environment(**project.load("visit"))
    project.profile("visit")
    project.file("behave.ini", "[behave]\nrunner = gonogo.suite:Runner\npaths = features\n")
    project.feature("@read-only\nFeature: F\n  Scenario: S\n    When it runs assert False\n")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GONOGO_", "COVERAGE_"))}
    done = subprocess.run([sys.executable, "-m", *command], cwd=project.root, capture_output=True, text=True,
                          env={**environ, "PYTHONOPTIMIZE": "1"}, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "skips every assert statement" in done.stderr + done.stdout
    assert "fix: unset PYTHONOPTIMIZE" in done.stderr + done.stdout
    assert not (project.root / "runs").exists()
    assert project.system.seen == []


def test_exit_code_is_that_of_the_verdict_with_inspection(project: Project) -> None:
    """With PYTHONINSPECT, Python itself would exit with 1, which means NO-GO."""
    project.feature()
    project.run(PYTHONINSPECT="1").assert_answer("GO")
