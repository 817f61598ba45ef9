"""The optional parts of the distribution: which package tells that one is there, and what installs it."""

from __future__ import annotations

import importlib.util

from gonogo.core.errors import UsageError

# extra → the packages that it brings, and that nothing else here needs; the first tells whether it is installed
EXTRAS = {"browser": ("playwright", "axe_playwright_python", "websocket"),
          "load": ("locust", "gevent", "hdrh", "numpy", "plotext", "prometheus_client", "scipy"),
          "tap": ("mitmproxy",)}


def has_extra(extra: str) -> bool:
    return importlib.util.find_spec(EXTRAS[extra][0]) is not None


def require_extra(extra: str, purpose: str) -> None:
    """`purpose` is what needs it ("`gonogo load preview`"). Raises UsageError where it is not installed."""
    if not has_extra(extra):
        raise UsageError(f"{purpose} needs {EXTRAS[extra][0].capitalize()}, which is not installed.",
                         fix=install_line(extra))


def install_line(extra: str) -> str:
    return f"pip install 'gonogo[{extra}]'."


def extra_of(package: str) -> str | None:
    """The extra that brings a package which could not be imported; None where none does."""
    return next((extra for extra, brought in EXTRAS.items() if package.partition(".")[0] in brought), None)
