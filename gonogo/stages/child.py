"""A child process of the gate, in a process group of its own: watched, bounded in time, and ended whole."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from gonogo.evidence.model import StageRun

_LOOK_EVERY_S = 0.2
_GRACE_S = 5.0  # for the child to end its own in order: scenarios' clean-ups, the last of a record
_ORPHANS_S = 2.0
_MARK = "GONOGO_CHILD"  # environment variable, inherited by whatever the child starts
_PR_SET_PDEATHSIG = 1
_TAIL_LINES = 6


def run_child(stage: str, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], log: Path,
              budget_s: float, look: Callable[[], None]) -> StageRun:
    """Run `command` to its end or to the end of its budget; `look` is called while it runs and once after.

    Its output goes to `log`. Whatever it started is gone when this returns or raises, also on
    Interrupted, and (Linux) it is ended by the kernel should the gate itself be killed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    start, mark = time.monotonic(), secrets.token_hex(8)
    with log.open("wb") as output:
        try:
            child = subprocess.Popen(command, cwd=cwd, env={**environ, _MARK: mark}, stdin=subprocess.DEVNULL,
                                     stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                                     preexec_fn=_die_with_parent if sys.platform == "linux" else None)  # noqa: PLW1509
        except OSError as error:
            return StageRun(stage, "not started", detail=str(error))
        family = _Family(child, mark)
        try:
            ended = _watch(child, family, start + budget_s, look)
        finally:
            family.end()
    look()
    detail = f"it was given {budget_s:g} s; see {log.name}" if ended == "timed out" else last_lines(log)
    return StageRun(stage, ended, exit_code=child.returncode, detail=detail if child.returncode else "",
                    duration_s=round(time.monotonic() - start, 2))


def last_lines(log: Path) -> str:
    """The end of a log as one line, for a reason."""
    try:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    return " | ".join([line for line in lines if line][-_TAIL_LINES:])[-600:]


def _watch(child: subprocess.Popen[bytes], family: _Family, deadline: float, look: Callable[[], None]) -> str:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=_LOOK_EVERY_S)
            return "exited"
        family.meet()
        look()
        if time.monotonic() > deadline:
            return "timed out"


class _Family:
    """A process and all that descend from it, also those that left its group or outlived their parent."""

    def __init__(self, child: subprocess.Popen[bytes], mark: str) -> None:
        self._child = child
        self._mark = mark
        # Without the child itself: were psutil to wait for it, its exit code would be lost.
        self._descendants: dict[int, psutil.Process] = {}
        self.meet()

    def meet(self) -> None:
        """Remember who is there now: a descendant that is orphaned later can no longer be found by its parents."""
        if self._child.poll() is not None:
            return  # its pid may be another's by now
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self._child.pid).children(recursive=True)
            self._descendants.update({process.pid: process for process in children})

    def end(self) -> None:
        """SIGTERM to the child, which ends its own in order, then to all that are left; SIGKILL to whoever stays."""
        self.meet()
        self._signal_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_GRACE_S)
        self._meet_marked()
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._signal_group(number)
            for process in self._alive():
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
            psutil.wait_procs(self._alive(), timeout=_ORPHANS_S)
        self._child.wait()

    def _meet_marked(self) -> None:
        """Those that were orphaned before they were met are known by what they inherited."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid != self._child.pid and process.environ().get(_MARK) == self._mark:
                    self._descendants[process.pid] = process

    def _signal_group(self, number: int) -> None:
        # A pid is not used again while a process group of that number lives, so this meets only our own.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)

    def _alive(self) -> list[psutil.Process]:
        return [process for process in self._descendants.values() if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _die_with_parent() -> None:
    """In the child, before exec: the kernel sends SIGTERM when the gate dies, however it dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
