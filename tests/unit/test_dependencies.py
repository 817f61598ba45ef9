"""What the engine and the reference system import is what their pyproject.toml declares: no lock hides a gap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("folder", "package"), [(".", "gonogo"), ("travel", ".")], ids=["gonogo", "travel"])
def test_imports_are_declared(folder: str, package: str) -> None:
    """Neither an import of a package that only another one brings, nor a dependency that nothing imports."""
    done = subprocess.run([sys.executable, "-m", "deptry", package], cwd=ROOT / folder, check=False, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr


def test_travel_declares_all_its_packages() -> None:
    """Its packages are listed by hand, as their folder is the package itself."""
    declared = (ROOT / "travel/pyproject.toml").read_text(encoding="utf-8")
    for module in (ROOT / "travel").rglob("__init__.py"):
        name = ".".join(module.parent.relative_to(ROOT).parts)
        assert f'"{name}"' in declared
