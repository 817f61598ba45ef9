"""Sign-in states of a run, so that a scenario that is not about signing in need not do it again.

A state is Playwright's storage state (cookies, local storage). They live in the run's private
temporary folder, and go with it.
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
        """The path of the state kept as `key`; `make` is called once a run, whichever worker comes first."""
        path = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
        with FileLock(f"{path}.lock"):
            if not path.exists():
                written = path.with_suffix(".new")
                written.touch(mode=0o600)
                written.write_text(json.dumps(make()), encoding="utf-8")
                written.replace(path)
        return str(path)
