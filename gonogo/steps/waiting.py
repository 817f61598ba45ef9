"""Waits for asynchronous results, with a time limit and the last value in the error.

This is for mail, APIs and other systems behind a page; for the page itself use Playwright's `expect`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

FIRST_PAUSE_S = 0.05
MAX_PAUSE_S = 0.5
BACK_OFF = 1.5


def eventually(
    look: Callable[[], Value],
    until: Callable[[Value], object],
    *,
    what: str,
    within_s: float = 10,
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Value:
    """Call `look` at growing intervals until `until(value)` is truthy; return that value.

    Raises AssertionError after `within_s` seconds; `what` names the expected result. Errors of `look` are not caught:
    where an error means "not yet", `look` has to handle it.
    """
    end = now() + within_s
    pause_s = FIRST_PAUSE_S
    while True:
        value = look()
        if until(value):
            return value
        if now() >= end:
            raise AssertionError(f"not within {within_s:g} s: {what}; last value: {value!r}")
        pause(pause_s)
        pause_s = min(pause_s * BACK_OFF, MAX_PAUSE_S)
