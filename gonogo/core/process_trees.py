"""Processes and all that they started: found, waited for, ended.

Browsers live in process groups of their own, and outlive a parent that is killed: who was orphaned is known by an
environment variable that it inherited.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator

import psutil

_LOOK_EVERY_S = 0.02


def found(pid: int | None) -> psutil.Process | None:
    """The process that has this pid now, known from here on by when it began too; None where there is none."""
    try:
        return psutil.Process(pid) if pid is not None else None
    except psutil.Error:
        return None


def descendants(of: psutil.Process | None) -> list[psutil.Process]:
    """All that descend from a process; none where it is gone."""
    try:
        return of.children(recursive=True) if of is not None else []
    except psutil.Error:
        return []


def carrying(variable: str, value: str) -> Iterator[psutil.Process]:
    """Every process with this environment variable, whoever its parent is now."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):  # gone, or another user's
            if process.environ().get(variable) == value:
                yield process


def running(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended, whether or not their parents have taken note."""
    return [process for process in processes if _runs(process)]


def await_end(processes: Iterable[psutil.Process], within_s: float) -> list[psutil.Process]:
    """Those that still run after `within_s`. psutil's own waiting takes one that has ended, and is not reaped, for
    running."""
    until, left = time.monotonic() + within_s, running(processes)
    while left and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)
        left = running(left)
    return left


def kill(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to each."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
