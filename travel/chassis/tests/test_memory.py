"""chassis: the memory limit."""

from __future__ import annotations

import os
import subprocess
import sys

from travel.chassis.memory import KILLED, highest_mib, look

_GREEDY = """
import os, time
from travel.chassis.memory import keep_within_limit
keep_within_limit(os.environ)
held = bytearray(80 * 2**20)
time.sleep(10)
"""


def test_whoever_exceeds_the_limit_is_ended() -> None:
    """With the exit code that a container has after an out-of-memory kill."""
    codes: list[int] = []
    look(100, lambda: 101.0, codes.append)
    assert codes == [KILLED]


def test_whoever_keeps_to_the_limit_lives_on() -> None:
    """What this very process holds is less than a terabyte, and more than nothing."""
    codes: list[int] = []
    look(2**20, end=codes.append)
    assert codes == []
    assert highest_mib() > 1


def test_a_greedy_process_is_ended_for_real() -> None:
    """It takes 80 MiB of 64 and is gone long before its end."""
    done = subprocess.run([sys.executable, "-c", _GREEDY], env={**os.environ, "TRAVEL_MEMORY_MIB": "64"}, timeout=9,
                          check=False, capture_output=True)
    assert done.returncode == KILLED
