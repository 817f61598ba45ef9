"""Finds, awaits and kills processes and their descendants.

Browsers run in their own process groups and outlive a parent that is killed. An environment variable that they inherit
identifies such orphans.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import psutil

_POLL_S = 0.02
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded now: not between fork and exec


def signalled_if_orphaned(number: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends `number` to the new process when its parent dies. None if only Linux has it."""
    libc = _LIBC
    if libc is None:
        return None
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def process_of(pid: int | None) -> psutil.Process | None:
    """Return the process that has this pid now, or None. psutil also keeps its start time, against reuse of the pid."""
    try:
        return psutil.Process(pid) if pid is not None else None
    except psutil.Error:
        return None


def descendants(of: psutil.Process | None) -> list[psutil.Process]:
    """Return all descendants of a process; none if it has ended."""
    try:
        return of.children(recursive=True) if of is not None else []
    except psutil.Error:
        return []


def with_variable(variable: str, value: str) -> Iterator[psutil.Process]:
    """Yield every process with this environment variable, whatever its parent."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):  # gone, or another user's
            if process.environ().get(variable) == value:
                yield process


def running(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return those that have not ended. A zombie counts as ended."""
    return [process for process in processes if _runs(process)]


def await_end(processes: Iterable[psutil.Process], within_s: float) -> list[psutil.Process]:
    """Wait for their end; return those that still run after `within_s`.

    psutil's own wait counts zombies as running.
    """
    deadline, remaining = time.monotonic() + within_s, running(processes)
    while remaining and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        remaining = running(remaining)
    return remaining


def terminate(processes: Iterable[psutil.Process]) -> None:
    """Send SIGTERM to each."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()


def kill(processes: Iterable[psutil.Process]) -> None:
    """Send SIGKILL to each."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
