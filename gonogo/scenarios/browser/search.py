"""Finds a browser on this machine; starts no process and does not import Playwright's API."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_ON_PATH = {
    "chromium": ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": (),  # Playwright drives only its own builds
    "webkit": (),
}
_ELSEWHERE = {
    "darwin": ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
               "/Applications/Chromium.app/Contents/MacOS/Chromium"),
    "win32": (r"C:\Program Files\Google\Chrome\Application\chrome.exe",
              r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
              r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe"),
}
_EXECUTABLES = {
    "chromium": ("chrome-headless-shell", "headless_shell", "chrome", "Chromium", "Google Chrome for Testing",
                 "chrome-headless-shell.exe", "headless_shell.exe", "chrome.exe"),
    "firefox": ("firefox", "firefox.exe"),
    "webkit": ("pw_run.sh", "Playwright.exe"),
}


def find_browser(executable: str | None, environ: Mapping[str, str], *, engine: str = "chromium",
                 headless: bool = True) -> str | None:
    """The path of the browser to use; None if there is none.

    The order of search: `executable` (environments.yml), GONOGO_BROWSER, the build of the installed
    Playwright, a browser of the machine.
    """
    configured = executable or environ.get("GONOGO_BROWSER")
    if configured:
        return shutil.which(configured, path=environ.get("PATH"))
    for candidate in _candidates(environ, engine, headless):
        if candidate and Path(candidate).is_file():
            return candidate
    return None


def _candidates(environ: Mapping[str, str], engine: str, headless: bool) -> Iterator[str | None]:
    yield _playwright_build(environ, engine, headless)
    for name in _ON_PATH[engine]:
        if headless or name != "chromium-headless-shell":
            yield shutil.which(name, path=environ.get("PATH"))
    if engine == "chromium":
        yield from _ELSEWHERE.get(sys.platform, ())


def _playwright_build(environ: Mapping[str, str], engine: str, headless: bool) -> str | None:
    names = [engine] if engine != "chromium" or not headless else ["chromium-headless-shell", "chromium"]
    revisions = _playwright_revisions()
    for name in names:
        folder = _playwright_builds(environ) / f"{name.replace('-', '_')}-{revisions.get(name, '')}"
        if (folder / "INSTALLATION_COMPLETE").exists():
            for executable in _EXECUTABLES[engine]:
                path = next(folder.rglob(executable), None)
                if path is not None:
                    return str(path)
    return None


def _playwright_builds(environ: Mapping[str, str]) -> Path:
    configured = environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if configured and configured != "0":
        return Path(configured)
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "~").expanduser()
    if sys.platform == "darwin":
        return home / "Library/Caches/ms-playwright"
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA", str(home / "AppData/Local"))) / "ms-playwright"
    return Path(environ.get("XDG_CACHE_HOME", str(home / ".cache"))) / "ms-playwright"


def _playwright_revisions() -> dict[str, str]:
    """Browser → the revision that the installed Playwright requires."""
    spec = importlib.util.find_spec("playwright")
    if spec is None or spec.origin is None:
        return {}
    listing = Path(spec.origin).parent / "driver" / "package" / "browsers.json"
    if not listing.is_file():
        return {}
    return {browser["name"]: browser["revision"] for browser in json.loads(listing.read_text())["browsers"]}
