"""Waits until a sender has fallen silent."""

from __future__ import annotations

import threading
import time


class Arrivals:
    """Notes when something arrived. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._last_s = time.monotonic()

    def note(self) -> None:
        with self._changed:
            self._last_s = time.monotonic()
            self._changed.notify_all()

    def drain(self, *, since_s: float, quiet_s: float, max_s: float) -> bool:
        """Wait until nothing has arrived for `quiet_s`, for `max_s` in all; False if it kept arriving.

        Both count from `since_s`, the end of the last request to the system on the monotonic clock.
        """
        end = since_s + max_s
        with self._changed:
            while (quiet := max(self._last_s, since_s) + quiet_s) > (now := time.monotonic()):
                if now >= end:
                    return False
                self._changed.wait(min(quiet, end) - now)
            return True
