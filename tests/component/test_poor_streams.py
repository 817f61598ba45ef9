"""A command's exit code does not depend on who reads its output, except where the output is its product."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def gonogo(*arguments: str, redirect: str, root: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = f'exec "$0" -m gonogo.cli {" ".join(arguments)} {redirect}'
    return subprocess.run(["/bin/sh", "-c", command, sys.executable], cwd=root, text=True, timeout=60, check=False,
                          env={**os.environ, **environ}, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "environments.yml").write_text("environments: {here: {url: 'http://127.0.0.1:1', stages: [platform]}}")
    return tmp_path


@pytest.mark.parametrize("redirect", [">&-", ">&- 2>&- <&-", "2>/dev/full"])
def test_closed_or_full_stream_is_no_error(root: Path, redirect: str) -> None:
    ended = gonogo("schema", redirect=redirect, root=root)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_product_that_cannot_be_written_is_an_error(root: Path) -> None:
    """`gonogo schema > file` on a full disk leaves no whole file."""
    ended = gonogo("schema", redirect=">/dev/full", root=root)
    assert ended.returncode == 3
    assert ended.stderr.startswith("The output cannot be written: No space left on device.\n  at standard output\n")


def test_mistake_is_told_in_any_encoding(root: Path) -> None:
    """`→` becomes an escape in ASCII; it is not a traceback, nor another exit code."""
    (root / "environments.yml").write_text('environments: {here: {url: "http://127.0.0.1:1", stages: ["→\\e[1m"]}}')
    ended = gonogo("check", redirect="", root=root, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ended.returncode == 2
    assert "\\u2192" in ended.stderr and "Traceback" not in ended.stderr and "\x1b" not in ended.stderr
