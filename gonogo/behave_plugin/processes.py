"""Ends processes with all that they started.

Browsers live in process groups of their own, and outlive a worker that is killed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import psutil

MARK = "GONOGO_WORKER"  # environment variable; inherited by whatever a worker starts


def end_children() -> None:
    """Kill all descendants of this process."""
    _kill(psutil.Process().children(recursive=True))


def end_tree(pid: int, mark: str) -> None:
    """Kill the process `pid`, its descendants, and orphans that carry `mark` since their parent died."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        _kill([*process.children(recursive=True), process])
    end_marked(mark)


def end_marked(mark: str) -> None:
    """Kill every process that was started, by whatever way, from the worker with this `mark`."""
    _kill(process for process in psutil.process_iter() if _carries(process, mark))


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        return bool(process.environ().get(MARK) == mark)
    except (psutil.Error, OSError):  # gone, or another user's
        return False


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
