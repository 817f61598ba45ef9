"""The engine and the reference system declare what they import; a lock file would hide an undeclared dependency."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("folder", "package"), [(".", "gonogo"), ("travel", ".")], ids=["gonogo", "travel"])
def test_imports_are_declared(folder: str, package: str) -> None:
    """Every imported package is declared, not only installed by another one, and every declared package is imported."""
    done = subprocess.run([sys.executable, "-m", "deptry", package], cwd=ROOT / folder, check=False, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr


def test_travel_declares_all_its_packages() -> None:
    """Its packages are listed by hand, because their folder is the top-level package itself."""
    declared = (ROOT / "travel/pyproject.toml").read_text(encoding="utf-8")
    for module in (ROOT / "travel").rglob("__init__.py"):
        name = ".".join(module.parent.relative_to(ROOT).parts)
        assert f'"{name}"' in declared
