"""Keeps the record of one run while it lasts: a flush a second, the peak of users, CPU, the personas' errors."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import gevent

from gonogo.errors import GonogoError
from gonogo.evidence.load import LoadEnd, LoadPlan, LoadRecord
from gonogo.locust_plugin.choice import Choice
from gonogo.locust_plugin.tally import CpuMeter, Tally


class Recorder:
    """One run of a profile, from its first user to its last. `look` is called each second and tells the users."""

    def __init__(self, choice: Choice, folder: Path, look: Callable[[], int]) -> None:
        self.folder = folder
        self.tally = Tally()
        self.user_errors: Counter[str] = Counter()
        self.workers_cpu_ratio = 0.0
        self._look = look
        self._peak_users = 0
        self._cpu = CpuMeter()
        self._start = time.monotonic()
        self._record = LoadRecord(folder, _plan_of(choice))
        self._cpu.read(self._start)
        self._flushing = gevent.spawn(self._flush_each_second)

    def end(self, *, finished: bool, reason: str, sent_s: float, missing_users: int, lost_workers: int) -> None:
        """Close the record; nothing is written to it any more."""
        self._flushing.kill()
        self._flush()
        self._record.end(LoadEnd(
            finished=finished, reason=reason, sent_s=round(sent_s, 3), peak_users=self._peak_users,
            missing_users=missing_users, lost_workers=lost_workers,
            cpu_ratio=max(self._cpu.highest or 0.0, self.workers_cpu_ratio), user_errors=dict(self.user_errors)))

    def look_at_users(self) -> int:
        """How many users run now."""
        users = self._look()
        self._peak_users = max(self._peak_users, users)
        return users

    def _flush_each_second(self) -> None:
        second = 1
        while True:
            gevent.sleep(max(0.0, self._start + second - time.monotonic()))
            second += 1
            try:
                self._flush()
            except GonogoError as error:
                leave(error)

    def _flush(self) -> None:
        now = time.monotonic()
        self._cpu.read(now)
        self.look_at_users()
        self._record.add(self.tally.drained(round(now - self._start)))


def leave(error: GonogoError) -> NoReturn:
    """End Locust with the error's own exit code; out of a greenlet, gevent hands this on to the main one."""
    sys.stderr.write(f"{error}\n")
    raise SystemExit(int(error.exit_code)) from error


def _plan_of(choice: Choice) -> LoadPlan:
    size = choice.size
    return LoadPlan(
        profile=choice.name, environment=choice.environment_name, url=choice.environment.url,
        started=datetime.now(UTC).isoformat(timespec="seconds"), users=size.users, spawn_rate=size.spawn_rate,
        duration_s=size.duration_s, shape=getattr(choice.declaration.shape, "__name__", "?"),
        personas={persona.__name__: weight for persona, weight in choice.declaration.personas.items()})
