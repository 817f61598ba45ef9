"""How the tap is started: as a process of its own, in which mitmproxy's own pins come first.

mitmproxy pins what the rest of gonogo has newer (Flask, h11), so it is installed beside the others and not among
them: set-up puts it into the folder `tap` of the virtual environment. What the tap does is `proxy`'s business.
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
    """The command line and the environment of the tap's process. Raises UsageError where it cannot run."""
    if not routes:
        raise UsageError("The tap has nothing to carry.", where="gonogo tap", fix="give at least one --route.")
    if not record.parent.is_dir():
        raise UsageError(f"There is no folder {record.parent}.", where=f"--out {record}", fix="make it first.")
    folder = _packages(environ)
    path = os.pathsep.join(part for part in (str(folder) if folder else "", str(_own_source()),
                                             environ.get("PYTHONPATH", "")) if part)
    plan = dumps({"record": str(record.absolute()), "routes": [asdict(route) for route in routes]})
    return [sys.executable, "-m", "gonogo.traffic.tap.proxy", plan], {**environ, "PYTHONPATH": path}


def _packages(environ: Mapping[str, str]) -> Path | None:
    """The folder that mitmproxy is in; None where it is among the other packages."""
    named = environ.get(FOLDER_VARIABLE)
    folder = Path(named) if named else Path(sys.prefix, "tap")
    if (folder / "mitmproxy").is_dir():
        return folder.absolute()
    if not named and importlib.util.find_spec("mitmproxy"):
        return None
    raise UsageError("The tap needs mitmproxy, which is not installed.", where=str(folder),
                     fix="pip install 'gonogo[tap]'; where its pins are in the way of others, "
                          f"pip install --target DIR mitmproxy, and {FOLDER_VARIABLE}=DIR.")


def _own_source() -> Path:
    return Path(__file__).resolve().parents[3]
