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
from gonogo.core.process_trees import await_end, descendants, kill, process_of, signalled_if_orphaned

_SETTLE_S = 10.0  # how long the url may take to answer after `up` has exited
_DOWN_S = 60.0
_END_S = 5.0  # for a command and its children to exit after SIGTERM
_TAIL_LINES = 8
_MAX_TAIL_BYTES = 64 * 1024
MAX_OUTPUT_BYTES = 256 * 1024 * 1024  # on the disk; a command that writes more is ended
_POLL_S = 0.2


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
                on_progress: Callable[[str], None], *,
                on_change: Callable[[bool], None] = lambda started: None) -> Iterator[Provisioned]:
    """Start the environment if its url does not answer, and stop it when the block ends.

    Commands run in `root`; `on_progress` receives a line for each step. `on_change` is called with True before it is
    started, and with False when it has been stopped. Raises ProvisionError.
    """
    if answers(environment.url):
        yield Provisioned(started=False)
        return
    provision = environment.provision
    if provision is None:
        raise ProvisionError(f"{name} does not answer at {environment.url}.",
                             fix="start it, correct `url`, or set `provision: up:` to the command that starts it.")
    try:
        on_change(True)
        _start(environment.url, provision, name, root, environ, on_progress=on_progress)
        yield Provisioned(started=True)
    finally:
        if provision.down and (problem := stop(provision.down, name, root, environ, on_progress)):
            on_progress(f"{name} cannot be stopped: {problem}")
        on_change(False)


def _start(url: str, provision: Provision, name: str, root: Path, environ: Mapping[str, str], *,
           on_progress: Callable[[str], None]) -> None:
    on_progress(f"{name} does not answer at {url}; starting it: {provision.up}")
    began = time.monotonic()
    problem = _run(provision.up, root, environ, provision.timeout_s, signalled_if_orphaned(signal.SIGTERM))
    if problem:
        raise ProvisionError(f"{name} cannot be started: {problem}",
                             fix=f"run `{provision.up}` by hand in {root} and fix the errors that it reports.")
    while not answers(url):
        if time.monotonic() - began > provision.timeout_s + _SETTLE_S:
            raise ProvisionError(f"`{provision.up}` succeeded, but {url} still does not answer.",
                                 fix="make `up` exit only when the environment answers, or correct `url`.")
        time.sleep(0.1)
    on_progress(f"{name} is up after {time.monotonic() - began:.1f} s")


def stop(down: str, name: str, root: Path, environ: Mapping[str, str], on_progress: Callable[[str], None]) -> str:
    """Stop the environment by the command `down`; "" if it succeeded, else the problem."""
    on_progress(f"stopping {name}: {down}")
    try:
        return _run(down, root, environ, _DOWN_S)
    except BaseException:  # interrupted: the environment must not be left half stopped
        _run(down, root, environ, _DOWN_S)
        raise


def _run(command: str, root: Path, environ: Mapping[str, str], timeout_s: float,
         before_exec: Callable[[], None] | None = None) -> str:
    """Run `command` to its end; "" if it succeeded, else the problem and the last lines of its output."""
    words = shlex.split(command, posix=os.name == "posix")
    with tempfile.TemporaryFile() as output:
        try:
            # in its own session: Ctrl-C reaches only this process, which then stops the command in order
            child = subprocess.Popen(words, cwd=root, env=_with_own_path(environ), stdin=subprocess.DEVNULL,
                                     stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                                     preexec_fn=before_exec)  # noqa: PLW1509  it only calls the kernel
        except OSError as error:
            return f"`{words[0]}`: {error.strerror}"
        try:
            problem = _await_end(child, output.fileno(), timeout_s)
        except BaseException:
            _end(child)
            raise
        if problem:
            _end(child)
        elif child.returncode:
            problem = f"exited with {child.returncode}"
        return f"`{command}` {problem}{_tail(output.fileno())}" if problem else ""


def _await_end(child: subprocess.Popen[bytes], output: int, timeout_s: float) -> str:
    """Wait for the end of the command; "" if it has ended, else the limit that it exceeds."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(min(_POLL_S, max(deadline - time.monotonic(), 0)))
            return ""
        if os.fstat(output).st_size > MAX_OUTPUT_BYTES:
            return f"printed more than {MAX_OUTPUT_BYTES // 1024**2} MiB"
    return f"timed out after {timeout_s:g} s"


def _with_own_path(environ: Mapping[str, str]) -> dict[str, str]:
    """Put this interpreter's folder on the PATH, because its virtual environment may not be active."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', os.defpath)}"
    return {**environ, "PATH": path}


def _end(child: subprocess.Popen[bytes]) -> None:
    below = descendants(process_of(child.pid))
    child.send_signal(signal.SIGTERM)
    kill(await_end(below, _END_S))
    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _tail(output: int) -> str:
    """The last lines of the output."""
    start = max(os.fstat(output).st_size - _MAX_TAIL_BYTES, 0)
    text = os.pread(output, _MAX_TAIL_BYTES, start).decode("utf-8", "replace")
    lines = text.splitlines()[-_TAIL_LINES:]
    return "\n".join([":", *lines]) if lines else ""
