"""Answers kept for a short time, in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Cache(Generic[Answer]):
    """Keeps up to `entries` answers for `ttl_s` seconds each; the oldest goes first, and none outlives its time."""

    def __init__(self, ttl_s: float, entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._entries = entries
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The kept answer for `key`, or the one that `ask` gives now. A failure is not kept."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        answer = ask()
        with self._lock:
            now = self._clock()
            self._kept[key] = (now + self._ttl_s, answer)
            self._kept.move_to_end(key)
            while self._kept and (len(self._kept) > self._entries or next(iter(self._kept.values()))[0] <= now):
                self._kept.popitem(last=False)
        return answer
