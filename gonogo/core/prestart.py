"""What a child process reads from the gate on standard input: the plan in the first line, then the line to begin.

A process that must wait prepares itself and then waits for that line. The gate's side is `stages.child`.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping

WAIT_VARIABLE = "GONOGO_HELD"  # set for a process that waits for BEGIN once it is ready
PLAN_VARIABLE = "GONOGO_PLANNED"  # set for a process whose first line on standard input is the plan
BEGIN = b"begin\n"


def must_wait(environ: MutableMapping[str, str]) -> bool:
    """Return whether this process waits for BEGIN; clears the variable, so that its own children do not wait."""
    return environ.pop(WAIT_VARIABLE, None) is not None


def read_plan_line(environ: MutableMapping[str, str]) -> str | None:
    """Return the line of the plan, or None without a gate; clears the variable, as its own children get no plan."""
    return None if environ.pop(PLAN_VARIABLE, None) is None else sys.stdin.readline()


def wait_to_begin() -> bool:
    """Wait for BEGIN. Return False if the input ends without it: the gate died, or no longer needs this process."""
    return bool(sys.stdin.readline())
