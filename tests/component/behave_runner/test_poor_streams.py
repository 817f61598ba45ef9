"""What becomes of behave's output changes neither a result nor an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.component.behave_runner.conftest import Suite

FEATURE = "Feature: F →\n  Scenario: one →\n    Given it works\n    When it quotes\n"
QUOTES = '@when("it quotes")\ndef _(context):\n    assert context.feature.name {check} \'F →\', "\\x1b[2J → \\udcff"\n'


@pytest.mark.parametrize("redirect, check, code", [
    ("", "!=", 1), ("| true", "!=", 1), (">&- 2>&-", "==", 0), (">/dev/full", "==", 0)])
def test_exit_code_does_not_depend_on_the_output(suite: Suite, redirect: str, check: str, code: int) -> None:
    suite.feature(FEATURE)
    suite.steps(QUOTES.format(check=check))
    command = f'("$0" -m behave -D env=preprod -D jobs=1; echo $? >code) {redirect}'
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GONOGO_")}
    ended = subprocess.run(["/bin/sh", "-c", command, sys.executable], cwd=suite.root, timeout=60, check=False,
                           env={**environ, "PYTHONIOENCODING": "ascii", "PYTHONUNBUFFERED": "1"}, capture_output=True)
    assert (suite.root / "code").read_text() == f"{code}\n", ended.stderr
    assert b"\x1b[2J" not in ended.stdout + ended.stderr
