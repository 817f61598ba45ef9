"""The only LoadTestShape that Locust gets: the shape of the chosen profile, ended by its stop policy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from locust import LoadTestShape

UsersAt = Callable[[float], int]


class TimedShape(LoadTestShape):
    """`users_at` gives the users that should run at a second, `is_over` whether the run ends now.

    `over` is true if the run ended by its policy, not by an interruption. `due_users` is the number requested one tick
    before the last: these users have had time to start.
    """

    abstract: ClassVar[bool] = True  # so that Locust does not collect it from a profile file

    def __init__(self, users_at: UsersAt, spawn_rate: float, is_over: Callable[[float], bool]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._users_at = users_at
        self._spawn_rate = spawn_rate
        self._is_over = is_over
        self.over = False
        self.due_users = 0
        self._requested_users = 0

    def reset_time(self) -> None:
        self.start_time = time.perf_counter()
        self.over = False
        self.due_users = self._requested_users = 0

    def get_run_time(self) -> float:
        return time.perf_counter() - self.start_time

    def tick(self) -> tuple[int, float] | None:
        elapsed_s = self.get_run_time()
        if self._is_over(elapsed_s):
            self.over = True
            return None
        self.due_users, self._requested_users = self._requested_users, self._users_at(elapsed_s)
        return self._requested_users, self._spawn_rate
