"""The one LoadTestShape that Locust ever gets: the chosen profile's, ended when its course is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from locust import LoadTestShape

UsersAt = Callable[[float], int]


class TimedShape(LoadTestShape):
    """`users_at` gives the users that should run at a second, `is_over` whether the run ends now.

    `over` tells an end in time from one that somebody brought about. `due_users` were asked for one tick before the
    last: they have had the time to come.
    """

    abstract: ClassVar[bool] = True  # not for Locust to find in a profile file and to run besides

    def __init__(self, users_at: UsersAt, spawn_rate: float, is_over: Callable[[float], bool]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._users_at = users_at
        self._spawn_rate = spawn_rate
        self._is_over = is_over
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
        if self._is_over(elapsed_s):
            self.over = True
            return None
        self.due_users, self._asked_users = self._asked_users, self._users_at(elapsed_s)
        return self._asked_users, self._spawn_rate
