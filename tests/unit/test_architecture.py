"""The direction of imports, and which packages may import behave, Playwright and Locust."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MODULES = sorted((ROOT / "gonogo").rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "gonogo").with_suffix("").parts
    return parts[0]


def test_packages_import_in_one_direction() -> None:
    """The import contract in pyproject.toml holds: a package imports only packages in lower layers."""
    done = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
                          cwd=ROOT, check=False, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_engine_imports_no_suite_and_no_system(path: Path) -> None:
    """The engine imports neither a suite (steps, load profiles, features) nor the reference system or its breaks."""
    for name in imports_of(path):
        assert name.split(".")[0] not in ("steps", "load", "travel", "features", "breaks"), f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_browser_and_load_libraries_stay_in_their_packages(path: Path) -> None:
    """Only `scenarios` and `steps` import behave and Playwright; only `load` imports Locust and gevent."""
    allowed = {"behave": ("scenarios", "steps"), "playwright": ("scenarios", "steps"),
               "locust": ("load",), "gevent": ("load",)}
    for name in imports_of(path):
        rooms = allowed.get(name.split(".")[0])
        assert rooms is None or room_of(path) in rooms, f"{path} imports {name}"


def test_verdict_is_pure() -> None:
    """The verdict package imports nothing that reads the clock, files, the network or the process environment."""
    forbidden = {"os", "sys", "time", "datetime", "pathlib", "socket", "requests", "subprocess", "random", "sqlite3"}
    for path in sorted((ROOT / "gonogo" / "verdict").rglob("*.py")):
        found = {name.split(".")[0] for name in imports_of(path)} & forbidden
        assert not found, f"{path} imports {found}"


def test_reference_system_does_not_import_the_gate() -> None:
    """`travel` is independent of the gate, which tests it like any other system."""
    for path in sorted((ROOT / "travel").rglob("*.py")):
        assert not any(name.split(".")[0] == "gonogo" for name in imports_of(path)), path
