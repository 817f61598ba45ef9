"""An environment that does not answer is started for the time of a run, and left as it was found.

Whether what answers is well, and is the release, is for the platform stage to find out.
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

import requests

from gonogo.config.model import Environment, Provision
from gonogo.core.errors import ProvisionError
from gonogo.core.process_trees import await_end, descendants, kill, process_of

_PATIENCE_S = 10.0  # how long a url that `up` left behind may take to answer
_DOWN_S = 60.0
_END_S = 5.0  # for a command and what it started, once they are asked to end
_TAIL_LINES = 8


@dataclass(frozen=True, slots=True)
class Provisioned:
    """`started` is True where this run started the environment, and will stop it."""

    started: bool


def answers(url: str, timeout_s: float = 3.0) -> bool:
    """Whether anything speaks HTTP at `url`; an error status is an answer too."""
    try:
        requests.get(url, timeout=timeout_s, allow_redirects=False, stream=True).close()
    except requests.RequestException:
        return False
    return True


@contextlib.contextmanager
def provisioned(environment: Environment, name: str, root: Path, environ: Mapping[str, str],
                told: Callable[[str], None]) -> Iterator[Provisioned]:
    """Start the environment where its url does not answer, for as long as the block runs.

    Commands run in `root`; `told` gets a line at each turn. Raises ProvisionError.
    """
    if answers(environment.url):
        yield Provisioned(started=False)
        return
    provision = environment.provision
    if provision is None:
        raise ProvisionError(f"{name} does not answer at {environment.url}.",
                             fix="start it, correct `url`, or say under `provision: up:` how it is started.")
    try:
        _start(environment.url, provision, name, root, environ, told=told)
        yield Provisioned(started=True)
    finally:
        if provision.down:
            _stop(provision.down, name, root, environ, told)


def _start(url: str, provision: Provision, name: str, root: Path, environ: Mapping[str, str], *,
           told: Callable[[str], None]) -> None:
    told(f"{name} does not answer at {url}; starting it: {provision.up}")
    began = time.monotonic()
    problem = _run(provision.up, root, environ, provision.timeout_s)
    if problem:
        raise ProvisionError(f"{name} cannot be started: {problem}",
                             fix=f"run `{provision.up}` by hand in {root} and fix what it says.")
    while not answers(url):
        if time.monotonic() - began > provision.timeout_s + _PATIENCE_S:
            raise ProvisionError(f"`{provision.up}` ended well, and {url} still does not answer.",
                                 fix="let `up` return only once the environment answers, or correct `url`.")
        time.sleep(0.1)
    told(f"{name} is up after {time.monotonic() - began:.1f} s")


def _stop(down: str, name: str, root: Path, environ: Mapping[str, str], told: Callable[[str], None]) -> None:
    told(f"{name}: {down}")
    try:
        problem = _run(down, root, environ, _DOWN_S)
    except BaseException:  # interrupted half-way down, where it must not be left
        _run(down, root, environ, _DOWN_S)
        raise
    if problem:
        told(f"{name} could not be stopped again: {problem}")


def _run(command: str, root: Path, environ: Mapping[str, str], timeout_s: float) -> str:
    """Run `command` to its end; "" where it ended well, else what went wrong and its last lines."""
    words = shlex.split(command, posix=os.name == "posix")
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            # a session of its own: Ctrl-C reaches this process alone, which then ends it in order
            child = subprocess.Popen(words, cwd=root, env=_beside_this_python(environ), stdin=subprocess.DEVNULL,
                                     stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as error:
            return f"`{words[0]}`: {error.strerror}"
        try:
            code = child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            _end(child)
            return f"`{command}` did not end within {timeout_s:g} s{_tail(output.fileno())}"
        except BaseException:
            _end(child)
            raise
        return f"`{command}` ended with {code}{_tail(output.fileno())}" if code else ""


def _beside_this_python(environ: Mapping[str, str]) -> dict[str, str]:
    """Commands installed beside this interpreter are found even where its virtual environment is not active."""
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
    return ":\n" + "\n".join(f"    {line}" for line in lines) if lines else ""
