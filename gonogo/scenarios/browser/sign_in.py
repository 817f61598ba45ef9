"""Sign-in states of a run, so that scenarios do not need to sign in again.

A state is Playwright's storage state (cookies, local storage). The files are in the run's private
temporary folder and are deleted with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock


class SignInStates:
    """Storage states by key, shared by all workers of a run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_or_make(self, key: str, make: Callable[[], Mapping[str, Any]]) -> str:
        """The path of the state with this `key`; the first worker that needs it calls `make`, once in a run."""
        path = self._folder / f"{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:16]}.json"
        with FileLock(f"{path}.lock"):
            if not path.exists():
                written = path.with_suffix(".new")
                written.touch(mode=0o600)
                written.write_text(json.dumps(make()), encoding="utf-8")
                written.replace(path)
        return str(path)
