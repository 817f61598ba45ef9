"""The direction of imports: a room imports only those above it in the list, and the core knows no suite or system."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Top to bottom: each may import what stands above it, and itself.
ROOMS = ["exit_codes", "errors", "outside", "core", "model", "processes", "held", "config", "provisioning", "evidence", "wire", "trace",
         "joining", "verdict", "history", "promotion", "behave_plugin", "steps", "locust_plugin", "stages", "report",
         "recordings", "gate", "asked", "cli"]
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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_upwards_only(path: Path) -> None:
    """No module of the engine imports a room below its own, nor the suite, the profiles or the reference system."""
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    assert room in ROOMS, f"{room} has no place in the order of rooms"
    for name in imports_of(path):
        assert name.split(".")[0] not in ("steps", "load", "travel", "features", "breaks"), f"{path} imports {name}"
        parts = name.split(".")
        if parts[0] == "gonogo" and len(parts) > 1:
            assert ROOMS.index(parts[1]) <= ROOMS.index(room), f"{path} imports {name}, which stands below it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_browser_and_generator_stay_in_their_rooms(path: Path) -> None:
    """behave and Playwright are known to behave_plugin and steps alone, Locust and gevent to locust_plugin alone."""
    allowed = {"behave": ("behave_plugin", "steps"), "playwright": ("behave_plugin", "steps"),
               "locust": ("locust_plugin",), "gevent": ("locust_plugin",)}
    for name in imports_of(path):
        rooms = allowed.get(name.split(".")[0])
        assert rooms is None or room_of(path) in rooms, f"{path} imports {name}"


def test_verdict_is_pure() -> None:
    """The verdict's room reads no clock, file, network or process environment."""
    forbidden = {"os", "sys", "time", "datetime", "pathlib", "socket", "requests", "subprocess", "random", "sqlite3"}
    for path in sorted((ROOT / "gonogo" / "verdict").rglob("*.py")):
        found = {name.split(".")[0] for name in imports_of(path)} & forbidden
        assert not found, f"{path} imports {found}"


def test_reference_system_does_not_lean_on_the_gate() -> None:
    """travel stands alone: it is met as anybody's system would be."""
    for path in sorted((ROOT / "travel").rglob("*.py")):
        assert not any(name.split(".")[0] == "gonogo" for name in imports_of(path)), path
