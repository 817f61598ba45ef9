"""Runs a command, and ends with it everything that it started, daemons too: `python reaper.py COMMAND …`.

A daemon has a session, and can have an environment, of its own. But Linux hands it over to this process when its parent
ends, so that it can be found. The command is in the same process group and gets the group's signals itself; SIGHUP
means that the gate has died. The exit code, or the signal, is that of the command. Run by its path, without packages,
as it starts with every child.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator

GATE_DIED = signal.SIGHUP
_FOR_THE_COMMAND = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_GRACE_S = 8.0  # for the command, if the gate has died
_ORPHANS_S = 1.0  # for what it left, to end by SIGTERM
_MAX_S = 5.0  # a process may be in the kernel, where SIGKILL has to wait
_POLL_S = 0.02


def main(command: list[str]) -> int:
    """Return the exit code of `command`, or -N if signal N ended it."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in _FOR_THE_COMMAND:
        signal.signal(number, signal.SIG_IGN)
    pid = os.fork()
    if pid == 0:
        _execute(command, libc)

    def end(number: int, frame: object) -> None:
        signal.signal(signal.SIGALRM, lambda *_: _signal(pid, signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, _GRACE_S)
        _signal(pid, signal.SIGTERM)

    signal.signal(GATE_DIED, end)
    status = _status_of(pid)
    for number in (GATE_DIED, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    _end_others()
    return os.waitstatus_to_exitcode(status)


def _execute(command: list[str], libc: ctypes.CDLL) -> None:
    for number in (*_FOR_THE_COMMAND, signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores the last two
        signal.signal(number, signal.SIG_DFL)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    try:
        os.execvp(command[0], command)  # noqa: S606  no shell
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(127)


def _status_of(pid: int) -> int:
    """Wait for `pid`, and meanwhile for orphans that end."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return status


def _end_others() -> None:
    """End all orphans and, once these are handed over, their descendants."""
    began = time.monotonic()
    terminated: set[int] = set()
    while _reap() and time.monotonic() < began + _MAX_S:
        for pid in _children():
            if time.monotonic() > began + _ORPHANS_S:
                _signal(pid, signal.SIGKILL)
            elif pid not in terminated:
                terminated.add(pid)
                _signal(pid, signal.SIGTERM)
        time.sleep(_POLL_S)


def _reap() -> bool:
    """Reap what has ended. Return whether a child is left."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False


def _children() -> Iterator[int]:
    own = str(os.getpid())
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208  pathlib takes long to import
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
            # "pid (name) state parent …": a name can have spaces and parentheses
            if file.read().rpartition(b")")[2].split()[1].decode("ascii") == own:
                yield int(name)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)
