"""docs/bounds.md has the values of the code, and names tests that exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_UNITS = {"": 1, "s": 1, "KiB": 1024, "MiB": 1024 ** 2}
_ROW = re.compile(r"^\|[^|]*\|[^|]*\| ([\d,]+) ?(\w*) \| `([\w.]+)\.(\w+)` \| (.*) \|$")
ROWS = [match.groups() for line in (ROOT / "docs" / "bounds.md").read_text(encoding="utf-8").splitlines()
        if (match := _ROW.match(line))]


def test_every_row_is_read() -> None:
    rows = (ROOT / "docs" / "bounds.md").read_text(encoding="utf-8").count("\n| ") - 1  # without the headings
    assert len(ROWS) == rows > 40


@pytest.mark.parametrize(("number", "unit", "module", "constant", "tests"), ROWS, ids=[f"{row[2]}.{row[3]}" for row in ROWS])
def test_bound_is_that_of_the_code(number: str, unit: str, module: str, constant: str, tests: str) -> None:
    assert getattr(importlib.import_module(f"gonogo.{module}"), constant) == int(number.replace(",", "")) * _UNITS[unit]
    for path in re.findall(r"`([^`]+)`", tests):
        assert (ROOT / path).exists() or (ROOT / "tests" / path).exists(), path
