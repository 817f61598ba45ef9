"""The optional parts of the distribution: the packages of each, and the command that installs it."""

from __future__ import annotations

import importlib.util

from gonogo.core.errors import UsageError

# extra → packages that only this extra installs; the extra is installed if the first of them is
EXTRAS = {"browser": ("playwright", "axe_playwright_python", "websocket"),
          "load": ("locust", "gevent", "hdrh", "numpy", "plotext", "prometheus_client", "scipy"),
          "probe": ("schemathesis", "hypothesis"),
          "tap": ("mitmproxy",)}


def has_extra(extra: str) -> bool:
    return importlib.util.find_spec(EXTRAS[extra][0]) is not None


def require_extra(extra: str, purpose: str) -> None:
    """Raise UsageError if `extra` is not installed; `purpose` needs it ("`gonogo load preview`")."""
    if not has_extra(extra):
        raise UsageError(f"{purpose} needs {EXTRAS[extra][0].capitalize()}, which is not installed.",
                         fix=install_line(extra))


def install_line(extra: str) -> str:
    return f"run `pip install 'gonogo[{extra}]'`."


def extra_of(package: str) -> str | None:
    """Return the extra that installs `package`, or None."""
    return next((extra for extra, packages in EXTRAS.items() if package.partition(".")[0] in packages), None)
