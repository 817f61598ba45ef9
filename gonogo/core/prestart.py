"""How a process that the gate starts ahead of its time is told to begin: by a line on its standard input.

The gate's side is `stages.child`.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping

HELD = "GONOGO_HELD"  # environment variable of a process that waits, once it is ready
BEGIN = b"begin\n"


def is_held(environ: MutableMapping[str, str]) -> bool:
    """Whether this process is to wait; asked once, as those that it starts itself are not."""
    return environ.pop(HELD, None) is not None


def told_to_begin() -> bool:
    """Waits for the line; False where whoever held this process is gone, or needs it no more."""
    return bool(sys.stdin.readline())
