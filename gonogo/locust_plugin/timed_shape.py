"""The one LoadTestShape that Locust ever gets: the chosen profile's shape, ended after the profile's duration."""

from __future__ import annotations

import time
from typing import ClassVar

from locust import LoadTestShape

from gonogo.config import LoadProfile
from gonogo.locust_plugin.shapes import Shape


class TimedShape(LoadTestShape):
    """`over` tells an end in time from one that somebody brought about.

    `due_users` were asked for one tick before the last: they have had the time to come.
    """

    abstract: ClassVar[bool] = True  # not for Locust to find in a profile file and to run besides

    def __init__(self, shape: Shape, size: LoadProfile) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._shape = shape
        self._size = size
        self.over = False
        self.due_users = 0
        self._asked_users = 0

    def reset_time(self) -> None:
        self.start_time = time.perf_counter()
        self.over = False
        self.due_users = self._asked_users = 0

    def get_run_time(self) -> float:
        return time.perf_counter() - self.start_time

    def tick(self) -> tuple[int, float] | None:
        elapsed_s = self.get_run_time()
        if elapsed_s >= self._size.duration_s:
            self.over = True
            return None
        self.due_users, self._asked_users = self._asked_users, self._shape(elapsed_s, self._size)
        return self._asked_users, self._size.spawn_rate
