"""The command that starts the tap: in a separate process, in which mitmproxy's pinned dependencies come first.

mitmproxy pins older versions of packages that gonogo uses (Flask, h11). Setup therefore installs it separately, in the
folder `tap` of the virtual environment.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from json import dumps
from pathlib import Path

from gonogo.core.errors import UsageError
from gonogo.traffic.tap.routes import Route

FOLDER_VARIABLE = "GONOGO_MITMPROXY"


def tap_command(routes: Sequence[Route], record: Path, environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment variables of the tap's process. Raises UsageError if it cannot run."""
    if not routes:
        raise UsageError("The tap has no route.", where="gonogo tap", fix="give at least one --route.")
    if not record.parent.is_dir():
        raise UsageError(f"The folder {record.parent} does not exist.", where=f"--out {record}",
                         fix="create the folder first, or write to an existing one.")
    folder = _packages(environ)
    path = os.pathsep.join(part for part in (str(folder) if folder else "", str(_own_source()),
                                             environ.get("PYTHONPATH", "")) if part)
    plan = dumps({"record": str(record.absolute()), "routes": [asdict(route) for route in routes]})
    return [sys.executable, "-m", "gonogo.traffic.tap.proxy", plan], {**environ, "PYTHONPATH": path}


def _packages(environ: Mapping[str, str]) -> Path | None:
    """The folder of mitmproxy; None if it is installed with the other packages."""
    named = environ.get(FOLDER_VARIABLE)
    folder = Path(named) if named else Path(sys.prefix, "tap")
    if (folder / "mitmproxy").is_dir():
        return folder.absolute()
    if not named and importlib.util.find_spec("mitmproxy"):
        return None
    raise UsageError("The tap needs mitmproxy, which is not installed.", where=str(folder),
                     fix="run `pip install 'gonogo[tap]'`; if its pins conflict with other packages, run "
                         f"`pip install --target DIR mitmproxy` and set {FOLDER_VARIABLE}=DIR.")


def _own_source() -> Path:
    return Path(__file__).resolve().parents[3]
