"""What the gate hands to a process on its standard input: its plan, in the first line; then the word to begin.

A process that is held waits for that word once it is ready. The gate's side is `stages.child`.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping

HELD = "GONOGO_HELD"  # environment variable of a process that waits, once it is ready
PLANNED = "GONOGO_PLANNED"  # environment variable of a process whose first line on standard input is its plan
BEGIN = b"begin\n"


def is_held(environ: MutableMapping[str, str]) -> bool:
    """Whether this process is to wait; asked once, as those that it starts itself are not."""
    return environ.pop(HELD, None) is not None


def handed_plan(environ: MutableMapping[str, str]) -> str | None:
    """The line of the plan; None for a process that runs alone, as do those that this one starts."""
    return None if environ.pop(PLANNED, None) is None else sys.stdin.readline()


def wait_to_begin() -> bool:
    """Waits for the line; False where whoever held this process is gone, or needs it no more."""
    return bool(sys.stdin.readline())
