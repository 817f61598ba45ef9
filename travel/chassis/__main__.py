"""`python -m travel.chassis COMPONENT`: serve one component on its port, on loopback, with waitress."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path

import waitress  # type: ignore[import-untyped]

from travel.chassis.logs import configure_logs
from travel.chassis.memory import keep_within_limit
from travel.chassis.settings import load_settings
from travel.chassis.telemetry import instrument


def main(component: str) -> None:
    configure_logs()
    # waitress lets requests in progress end on SystemExit, and spans are flushed at exit; SIGTERM's default skips both.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    module = importlib.import_module(f"travel.{component}.app")
    folder = Path(module.__file__ or "").resolve().parent
    require_own_copy(folder)
    keep_within_limit(os.environ)
    settings = load_settings(component, folder / "config.yml")
    app = module.create_app(settings)
    instrument(app, component)
    waitress.serve(app, host="127.0.0.1", port=int(settings["port"]), threads=int(settings.get("threads", 8)),
                   ident=None, clear_untrusted_proxy_headers=True)


def require_own_copy(folder: Path) -> None:
    """Exit where other code than that of the image's unpacked copy (TRAVEL_COPY) was imported."""
    copy = os.environ.get("TRAVEL_COPY")
    for imported in (folder, Path(__file__).resolve()):
        if copy and Path(copy).resolve() not in imported.parents:
            sys.exit(f"{imported} is not in {copy}: another travel package came first on the path")


if __name__ == "__main__":
    main(sys.argv[1])
