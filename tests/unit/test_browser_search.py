"""Where the gate searches for a browser, and in which order."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from gonogo.scenarios.browser.search import find_browser


def _executable(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """A machine with an empty home and PATH."""
    return {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "bin"),
            "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "builds")}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have browsers in fixed places too")
def test_machine_without_a_browser(machine: dict[str, str]) -> None:
    assert find_browser(None, machine) is None


def test_installed_browser_is_found_on_the_path(machine: dict[str, str], tmp_path: Path) -> None:
    chromium = _executable(tmp_path / "bin" / "chromium")
    assert find_browser(None, machine) == chromium
    shell = _executable(tmp_path / "bin" / "chromium-headless-shell")
    assert find_browser(None, machine) == shell
    assert find_browser(None, machine, headless=False) == chromium


def test_complete_playwright_build_takes_precedence_over_the_path(machine: dict[str, str],
                                                                                 tmp_path: Path) -> None:
    on_path = _executable(tmp_path / "bin" / "chromium")
    spec = find_spec("playwright")
    assert spec is not None
    assert spec.origin is not None
    listing = json.loads((Path(spec.origin).parent / "driver" / "package" / "browsers.json").read_text())
    (revision,) = [each["revision"] for each in listing["browsers"] if each["name"] == "chromium-headless-shell"]
    folder = tmp_path / "builds" / f"chromium_headless_shell-{revision}"
    build = _executable(folder / "chrome-linux" / "headless_shell")
    assert find_browser(None, machine) == on_path
    (folder / "INSTALLATION_COMPLETE").touch()
    assert find_browser(None, machine) == build


def test_configured_browser_takes_precedence_and_has_no_fallback(machine: dict[str, str], tmp_path: Path) -> None:
    _executable(tmp_path / "bin" / "chromium")
    named, configured = _executable(tmp_path / "named"), _executable(tmp_path / "configured")
    assert find_browser(None, {**machine, "GONOGO_BROWSER": named}) == named
    assert find_browser(configured, {**machine, "GONOGO_BROWSER": named}) == configured
    assert find_browser("/no/such/browser", machine) is None


def test_firefox_on_the_path_is_not_used(machine: dict[str, str], tmp_path: Path) -> None:
    _executable(tmp_path / "bin" / "firefox")
    assert find_browser(None, machine, engine="firefox") is None
