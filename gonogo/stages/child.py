"""Runs a child process of the gate with a time limit, and ends it with all its descendants."""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import shutil
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
from gonogo.core.interpreter import environ_of_child
from gonogo.core.prestart import BEGIN, PLAN_VARIABLE, WAIT_VARIABLE
from gonogo.core.process_trees import await_end, descendants, process_of, running, signalled_if_orphaned, with_variable
from gonogo.model.stages import Ending, ProcessEnd
from gonogo.secrets.handover import SecretsReceiver
from gonogo.secrets.masking import Masker
from gonogo.secrets.stream import MaskedLog
from gonogo.stages import reaper

_POLL_S = 0.2
_SCAN_EVERY_S = 2.0  # a scan reads the parent of every process of the machine
_GRACE_S = 8.0  # for an orderly end: more than the 5 s that a runner gives scenarios for clean-up
_ORPHANS_S = 2.0
_MARK = "GONOGO_CHILD"  # environment variable, inherited by all descendants
_TAIL_LINES = 6


class Child:
    """A command that runs during the `with` block; its masked output goes to `log`. `masker` learns the secrets that it
    hands over.

    All its descendants are ended with the block, also on Interrupted; on Linux also if the gate is killed. `plan` is
    the first line on its standard input. A child that `waits` prepares itself and waits on standard input for `begin`,
    or for the end of the input.
    """

    def __init__(self, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], log: Path, run_folder: Path,
                 masker: Masker, plan: RunPlan | None = None, waits: bool = False) -> None:
        self._command = command
        self._cwd = cwd
        self._environ = {**environ_of_child(environ), **masker.variables, **({PLAN_VARIABLE: "yes"} if plan else {}),
                         **({WAIT_VARIABLE: "yes"} if waits else {})}
        self._plan = plan
        self._log = log
        self._masker = masker
        self._output: MaskedLog | None = None
        self._secrets: SecretsReceiver | None = None
        self._run_folder = run_folder
        self._waits = waits
        self._start = time.monotonic()
        self._tree: _ProcessTree | None = None
        self._problem = ""
        self._past_s: float | None = None  # the budget, if exceeded
        self._duration_s = 0.0
        self._over = False

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        mark = secrets.token_hex(8)
        self._output, self._secrets = MaskedLog(self._log, self._masker), SecretsReceiver(self._masker)
        environ = {**self._environ, **self._secrets.variables, _MARK: mark}
        try:
            child = subprocess.Popen(_with_reaper(self._command), cwd=self._cwd, env=environ,
                                     stdin=subprocess.PIPE if self._waits or self._plan else subprocess.DEVNULL,
                                     stdout=self._output.writer, stderr=subprocess.STDOUT,
                                     start_new_session=True, pass_fds=(self._output.reader, self._secrets.writer),
                                     preexec_fn=signalled_if_orphaned(reaper.GATE_DIED))  # noqa: PLW1509
        except OSError as error:
            self._problem = str(error)
        else:
            self._tree = _ProcessTree(child, mark)
            if self._plan is not None:
                self._tree.send(self._plan.sealed(), last=not self._waits)
        finally:
            self._output.handed_over()
            self._secrets.handed_over()
        return self

    def record_descendants(self) -> None:
        """Record the current descendants, so that orphans are ended too. Call it regularly instead of `wait`."""
        if self._tree is not None:
            self._tree.record_descendants()

    def begin(self) -> None:
        """Let a waiting child begin; its duration counts from now."""
        self._start = time.monotonic()
        if self._tree is not None:
            self._tree.send(BEGIN, last=True)

    def wait(self, budget_s: float, on_poll: Callable[[], None] = lambda: None) -> None:
        """Wait at most `budget_s` for its end; call `on_poll` meanwhile."""
        deadline = time.monotonic() + budget_s
        while self._tree is not None and not self._tree.ended_within(_POLL_S):
            self._tree.record_descendants()
            on_poll()
            if time.monotonic() > deadline:
                self._past_s = budget_s
                return

    def run_to_its_end(self, budget_s: float, on_poll: Callable[[], None]) -> ProcessEnd:
        """Begin, and wait for the end; `on_poll` is called meanwhile, and once more when nothing of it is left."""
        self.begin()
        self.wait(budget_s, on_poll)
        self.__exit__()
        on_poll()
        return self.end

    def __exit__(self, *_: object) -> None:
        if self._over:
            return
        self._over = True
        if self._tree is not None:
            self._tree.end()
        if self._output is not None:
            self._output.close(_ORPHANS_S)
        if self._secrets is not None:
            self._secrets.close(_ORPHANS_S)
        self._duration_s = time.monotonic() - self._start

    @property
    def end(self) -> ProcessEnd:
        """How the process ended; valid after the block."""
        if self._tree is None:
            return ProcessEnd(Ending.NOT_STARTED, detail=self._problem)
        timed_out, code = self._past_s is not None, self._tree.exit_code
        return ProcessEnd(
            Ending.TIMED_OUT if timed_out else Ending.EXITED, exit_code=code,
            detail=last_lines(self._log) if code else "", duration_s=round(self._duration_s, 2),
            budget_s=self._past_s, log=self._log.relative_to(self._run_folder).as_posix())


def last_lines(log: Path) -> str:
    """Return the last lines of a log as one line, for a finding."""
    try:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    return " | ".join([line for line in lines if line][-_TAIL_LINES:])[-600:]


class _Input:
    """Writes the standard input of a process in a thread, as a long plan can fill the pipe."""

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
        with contextlib.suppress(OSError), stream:  # its death is reported by the wait for its end
            while (line := self._lines.get()) is not None:
                stream.write(line)
                stream.flush()


class _ProcessTree:
    """A process and its descendants, also those that left its group or outlived their parent."""

    def __init__(self, child: subprocess.Popen[bytes], mark: str) -> None:
        self._child = child
        self._mark = mark
        # Without the child itself: if psutil waited for it, its exit code would be lost.
        self._descendants: dict[int, psutil.Process] = {}
        self._next_scan = 0.0
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
        """Send a line without blocking; the input ends after the `last`."""
        if self._input is None and self._child.stdin is not None:
            self._input = _Input(self._child.stdin)
        if self._input is not None:
            self._input.send(line, last=last)

    def record_descendants(self) -> None:
        """Scan for descendants, at most every two seconds."""
        if time.monotonic() >= self._next_scan:
            self._scan()

    def _scan(self) -> None:
        """Record the current descendants: one that is orphaned later has no parent to find it by."""
        self._next_scan = time.monotonic() + _SCAN_EVERY_S
        if self._child.poll() is not None:
            return  # its pid may be reused
        self._descendants.update({process.pid: process for process in descendants(process_of(self._child.pid))})

    def end(self) -> None:
        """Send SIGTERM to the child for an orderly end, then to its remaining descendants, then SIGKILL."""
        self._scan()
        if self._input is not None:
            self._input.end()
        elif self._child.stdin is not None:
            self._child.stdin.close()
        self._signal_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_GRACE_S)
        self._scan_by_variable()
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._signal_group(number)
            for process in running(self._descendants.values()):
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
            await_end(self._descendants.values(), _ORPHANS_S)
        self._child.wait()

    def _scan_by_variable(self) -> None:
        """Record descendants that were orphaned before a scan, by the variable that they inherited."""
        self._descendants.update({process.pid: process for process in with_variable(_MARK, self._mark)
                                  if process.pid != self._child.pid})

    def _signal_group(self, number: int) -> None:
        # A pid is not reused while its process group exists, so this signals only our own processes.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)


def _with_reaper(command: Sequence[str]) -> list[str]:
    """On Linux, let the reaper run a command that exists."""
    if sys.platform != "linux" or shutil.which(command[0]) is None:
        return [*command]
    return [sys.executable, "-I", "-S", reaper.__file__, *command]
