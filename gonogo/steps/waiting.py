"""Waiting for what happens in its own time: bounded, and with what was last seen in the error.

What a browser shows is waited for with Playwright's `expect`; this is for mail, APIs and other
systems behind the page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

FIRST_PAUSE_S = 0.05
MAX_PAUSE_S = 0.5
BACK_OFF = 1.5


def eventually(
    look: Callable[[], Seen],
    until: Callable[[Seen], object],
    *,
    what: str,
    within_s: float = 10,
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Seen:
    """Look again and again, ever more slowly, until `until(seen)` is truthy; returns what was seen.

    `what` completes the sentence "after 10 s still not: …". Errors of `look` are not caught: where
    an error means "not yet", `look` says so itself.
    """
    end = now() + within_s
    pause_s = FIRST_PAUSE_S
    while True:
        seen = look()
        if until(seen):
            return seen
        if now() >= end:
            raise AssertionError(f"after {within_s:g} s still not: {what}; last seen: {seen!r}")
        pause(pause_s)
        pause_s = min(pause_s * BACK_OFF, MAX_PAUSE_S)
