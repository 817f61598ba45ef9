"""A child process of the gate, in a process group of its own: watched, bounded in time, and ended whole."""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Self

import psutil

from gonogo.config import RunPlan
from gonogo.core.prestart import BEGIN, PLAN_VARIABLE, WAIT_VARIABLE
from gonogo.core.process_trees import await_end, descendants, process_of, running, with_variable
from gonogo.model.stages import Ending, ProcessEnd
from gonogo.secrets.masking import Masker
from gonogo.secrets.stream import MaskedLog

_LOOK_EVERY_S = 0.2
_MEET_EVERY_S = 2.0  # each time every process of the machine is asked for its parent
_GRACE_S = 8.0  # to end its own in order: more than the 5 s that a runner gives scenarios for their clean-ups
_ORPHANS_S = 2.0
_MARK = "GONOGO_CHILD"  # environment variable, inherited by whatever the child starts
_PR_SET_PDEATHSIG = 1
_TAIL_LINES = 6
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # between fork and exec nothing is to be loaded


class Child:
    """A command that runs while the `with` block does; its output goes to `log`, masked on its way.

    Whatever it started is gone when the block is left, also on Interrupted, and (Linux) it is ended by the kernel
    should the gate itself be killed. `plan` is the first line on its standard input. One that is `held` makes itself
    ready, and waits there for `begin`: a line, or the end of the input where that will never be.
    """

    def __init__(self, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], log: Path, run_folder: Path,
                 masker: Masker, plan: RunPlan | None = None, waits: bool = False) -> None:
        self._command = command
        self._cwd = cwd
        self._environ = {**environ, **masker.variables, **({PLAN_VARIABLE: "yes"} if plan else {}),
                         **({WAIT_VARIABLE: "yes"} if waits else {})}
        self._plan = plan
        self._log = log
        self._masker = masker
        self._output: MaskedLog | None = None
        self._run_folder = run_folder
        self._waits = waits
        self._start = time.monotonic()
        self._family: _Family | None = None
        self._problem = ""
        self._past_s: float | None = None  # the budget, once it is past it
        self._duration_s = 0.0
        self._over = False

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        mark = secrets.token_hex(8)
        self._output = MaskedLog(self._log, self._masker)
        try:
            child = subprocess.Popen(self._command, cwd=self._cwd, env={**self._environ, _MARK: mark},
                                     stdin=subprocess.PIPE if self._waits or self._plan else subprocess.DEVNULL,
                                     stdout=self._output.writer, stderr=subprocess.STDOUT,
                                     start_new_session=True,
                                     preexec_fn=_die_with_parent if _LIBC is not None else None)  # noqa: PLW1509
        except OSError as error:
            self._problem = str(error)
        else:
            self._family = _Family(child, mark)
            if self._plan is not None:
                self._family.send(self._plan.sealed(), last=not self._waits)
        finally:
            self._output.handed_over()
        return self

    def meet(self) -> None:
        """To be called now and then by whoever does not wait: what it starts is ended with it where it is known."""
        if self._family is not None:
            self._family.meet()

    def begin(self) -> None:
        """Let one that is held go on; its time counts from here."""
        self._start = time.monotonic()
        if self._family is not None:
            self._family.send(BEGIN, last=True)

    def wait(self, budget_s: float, look: Callable[[], None] = lambda: None) -> None:
        """Wait for its end, `budget_s` at most; `look` is called meanwhile."""
        deadline = time.monotonic() + budget_s
        while self._family is not None and not self._family.ended_within(_LOOK_EVERY_S):
            self._family.meet()
            look()
            if time.monotonic() > deadline:
                self._past_s = budget_s
                return

    def run_to_its_end(self, budget_s: float, look: Callable[[], None]) -> ProcessEnd:
        """Begin, and wait for the end; `look` is called meanwhile, and once more when nothing of it is left."""
        self.begin()
        self.wait(budget_s, look)
        self.__exit__()
        look()
        return self.end

    def __exit__(self, *_: object) -> None:
        if self._over:
            return
        self._over = True
        if self._family is not None:
            self._family.end()
        if self._output is not None:
            self._output.close(_ORPHANS_S)
        self._duration_s = time.monotonic() - self._start

    @property
    def end(self) -> ProcessEnd:
        """How it went, once it is over."""
        if self._family is None:
            return ProcessEnd(Ending.NOT_STARTED, detail=self._problem)
        timed_out, code = self._past_s is not None, self._family.exit_code
        return ProcessEnd(
            Ending.TIMED_OUT if timed_out else Ending.EXITED, exit_code=code,
            detail=last_lines(self._log) if code else "", duration_s=round(self._duration_s, 2),
            budget_s=self._past_s, log=self._log.relative_to(self._run_folder).as_posix())


def last_lines(log: Path) -> str:
    """The end of a log as one line, for a reason."""
    try:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    return " | ".join([line for line in lines if line][-_TAIL_LINES:])[-600:]


class _Input:
    """The standard input of a process, written by a thread: a pipe is full long before a plan of many services ends."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._write, args=(stream,), daemon=True).start()

    def send(self, line: bytes, *, last: bool) -> None:
        self._lines.put(line)
        if last:
            self.end()

    def end(self) -> None:
        self._lines.put(None)

    def _write(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError), stream:  # one that has died meanwhile is met by whoever waits for its end
            while (line := self._lines.get()) is not None:
                stream.write(line)
                stream.flush()


class _Family:
    """A process and all that descend from it, also those that left its group or outlived their parent."""

    def __init__(self, child: subprocess.Popen[bytes], mark: str) -> None:
        self._child = child
        self._mark = mark
        # Without the child itself: were psutil to wait for it, its exit code would be lost.
        self._descendants: dict[int, psutil.Process] = {}
        self._meet_at = 0.0
        self._input: _Input | None = None

    @property
    def exit_code(self) -> int | None:
        return self._child.returncode

    def ended_within(self, seconds: float) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout=seconds)
            return True
        return False

    def send(self, line: bytes, *, last: bool) -> None:
        """Hand it a line, which never waits for a child that does not read; the input ends with the `last`."""
        if self._input is None and self._child.stdin is not None:
            self._input = _Input(self._child.stdin)
        if self._input is not None:
            self._input.send(line, last=last)

    def meet(self) -> None:
        """To be called as often as one likes: it is done every two seconds at most."""
        if time.monotonic() >= self._meet_at:
            self._meet()

    def _meet(self) -> None:
        """Remember who is there now: a descendant that is orphaned later can no longer be found by its parents."""
        self._meet_at = time.monotonic() + _MEET_EVERY_S
        if self._child.poll() is not None:
            return  # its pid may be another's by now
        self._descendants.update({process.pid: process for process in descendants(process_of(self._child.pid))})

    def end(self) -> None:
        """SIGTERM to the child, which ends its own in order, then to all that are left; SIGKILL to whoever stays."""
        self._meet()
        if self._input is not None:
            self._input.end()
        elif self._child.stdin is not None:
            self._child.stdin.close()
        self._signal_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_GRACE_S)
        self._meet_marked()
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._signal_group(number)
            for process in running(self._descendants.values()):
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
            await_end(self._descendants.values(), _ORPHANS_S)
        self._child.wait()

    def _meet_marked(self) -> None:
        """Those that were orphaned before they were met are known by what they inherited."""
        self._descendants.update({process.pid: process for process in with_variable(_MARK, self._mark)
                                  if process.pid != self._child.pid})

    def _signal_group(self, number: int) -> None:
        # A pid is not used again while a process group of that number lives, so this meets only our own.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)


def _die_with_parent() -> None:
    """In the child, before exec: the kernel sends SIGTERM when the gate dies, however it dies."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
