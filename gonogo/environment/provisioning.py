"""Starts an environment that does not answer, for the duration of a run, and stops it afterwards.

The platform stage checks whether it is healthy and runs the release.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gonogo.config.model import Environment, Provision
from gonogo.core.errors import ProvisionError
from gonogo.core.fetching import FetchError, fetch
from gonogo.core.process_trees import await_end, descendants, kill, process_of

_SETTLE_S = 10.0  # how long the url may take to answer after `up` has exited
_DOWN_S = 60.0
_END_S = 5.0  # for a command and its children to exit after SIGTERM
_TAIL_LINES = 8


@dataclass(frozen=True, slots=True)
class Provisioned:
    """`started` is True if this run started the environment and will stop it."""

    started: bool


def answers(url: str, timeout_s: float = 3.0) -> bool:
    """Whether an HTTP server answers at `url`; an error status is an answer too."""
    try:
        fetch(url, timeout_s=timeout_s, max_bytes=0)
    except FetchError:
        return False
    return True


@contextlib.contextmanager
def provisioned(environment: Environment, name: str, root: Path, environ: Mapping[str, str],
                on_progress: Callable[[str], None]) -> Iterator[Provisioned]:
    """Start the environment if its url does not answer, and stop it when the block ends.

    Commands run in `root`; `on_progress` receives a line for each step. Raises ProvisionError.
    """
    if answers(environment.url):
        yield Provisioned(started=False)
        return
    provision = environment.provision
    if provision is None:
        raise ProvisionError(f"{name} does not answer at {environment.url}.",
                             fix="start it, correct `url`, or set `provision: up:` to the command that starts it.")
    try:
        _start(environment.url, provision, name, root, environ, on_progress=on_progress)
        yield Provisioned(started=True)
    finally:
        if provision.down:
            _stop(provision.down, name, root, environ, on_progress)


def _start(url: str, provision: Provision, name: str, root: Path, environ: Mapping[str, str], *,
           on_progress: Callable[[str], None]) -> None:
    on_progress(f"{name} does not answer at {url}; starting it: {provision.up}")
    began = time.monotonic()
    problem = _run(provision.up, root, environ, provision.timeout_s)
    if problem:
        raise ProvisionError(f"{name} cannot be started: {problem}",
                             fix=f"run `{provision.up}` by hand in {root} and fix the errors that it reports.")
    while not answers(url):
        if time.monotonic() - began > provision.timeout_s + _SETTLE_S:
            raise ProvisionError(f"`{provision.up}` succeeded, but {url} still does not answer.",
                                 fix="make `up` exit only when the environment answers, or correct `url`.")
        time.sleep(0.1)
    on_progress(f"{name} is up after {time.monotonic() - began:.1f} s")


def _stop(down: str, name: str, root: Path, environ: Mapping[str, str], on_progress: Callable[[str], None]) -> None:
    on_progress(f"stopping {name}: {down}")
    try:
        problem = _run(down, root, environ, _DOWN_S)
    except BaseException:  # interrupted: the environment must not be left half stopped
        _run(down, root, environ, _DOWN_S)
        raise
    if problem:
        on_progress(f"{name} cannot be stopped: {problem}")


def _run(command: str, root: Path, environ: Mapping[str, str], timeout_s: float) -> str:
    """Run `command` to its end; "" if it succeeded, else the problem and the last lines of its output."""
    words = shlex.split(command, posix=os.name == "posix")
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            # in its own session: Ctrl-C reaches only this process, which then stops the command in order
            child = subprocess.Popen(words, cwd=root, env=_with_own_path(environ), stdin=subprocess.DEVNULL,
                                     stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as error:
            return f"`{words[0]}`: {error.strerror}"
        try:
            code = child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            _end(child)
            return f"`{command}` timed out after {timeout_s:g} s{_tail(output.fileno())}"
        except BaseException:
            _end(child)
            raise
        return f"`{command}` exited with {code}{_tail(output.fileno())}" if code else ""


def _with_own_path(environ: Mapping[str, str]) -> dict[str, str]:
    """Put this interpreter's folder on the PATH, because its virtual environment may not be active."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', os.defpath)}"
    return {**environ, "PATH": path}


def _end(child: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    below = descendants(process_of(child.pid))
    child.send_signal(signal.SIGTERM)
    kill(await_end(below, _END_S))
    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _tail(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), encoding="utf-8", errors="replace") as output:
        lines = output.read().splitlines()[-_TAIL_LINES:]
    return "\n".join([":", *lines]) if lines else ""
