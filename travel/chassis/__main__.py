"""`python -m travel.chassis COMPONENT`: serve one component on its port, on loopback, with waitress."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path

import waitress

from travel.chassis.settings import load_settings
from travel.chassis.telemetry import instrument


def main(component: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # one line for each queued request
    module = importlib.import_module(f"travel.{component}.app")
    settings = load_settings(component, Path(module.__file__ or "").parent / "config.yml")
    app = module.create_app(settings)
    instrument(app, component)
    waitress.serve(app, host="127.0.0.1", port=int(settings["port"]), threads=int(settings.get("threads", 8)),
                   ident=None, clear_untrusted_proxy_headers=True)


if __name__ == "__main__":
    main(sys.argv[1])
