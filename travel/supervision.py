"""The processes of one environment, kept by supervisor (supervisord), spoken to over its XML-RPC.

What to run and when to replace it is rollout.py's to say.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from travel import tap
from travel.environments import Environment
from travel.errors import TravelError
from travel.images import Image

ANSWER_TIMEOUT_S = 10.0
# Longer than a component is given to finish its requests (stopwaitsecs below).
STOP_TIMEOUT_S = 15.0

_SUPERVISORD = """\
[unix_http_server]
file={socket}
chmod=0600
[supervisord]
nodaemon=true
silent=true
directory={root}
logfile={logs}/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={root}/supervisord.pid
childlogdir={logs}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

_PROGRAM = """\
[program:{component}]
command={command}
directory={directory}
environment={environment}
autorestart=true
startsecs=1
startretries=2
stopwaitsecs=8
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


@dataclass(frozen=True, slots=True)
class ProcessState:
    """`state` is supervisor's word: RUNNING, STARTING, BACKOFF, FATAL…; `pid` is 0 where there is none."""

    component: str
    state: str
    pid: int
    why: str

    @property
    def given_up(self) -> bool:
        return self.state in ("FATAL", "UNKNOWN")

    @property
    def is_over(self) -> bool:
        return self.given_up or self.state == "STOPPED"


class Supervisor:
    """The supervisord of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._conf = environment.root / "supervisord.conf"
        self._record = str(tap.record_of(environment))
        self._socket = _socket_folder(environment.root) / "supervisor.sock"

    def is_running(self) -> bool:
        try:
            self._ask("getState")
        except TravelError:
            return False
        return True

    def start(self, images: Iterable[Image]) -> None:
        """Start supervisord, and with it every component at once."""
        _make_private(self._socket.parent)
        self._write_conf(images)
        # A session of its own: Ctrl-C in the caller's terminal is not meant for the components.
        process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._conf)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self._environment.root, start_new_session=True)
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                log = self._environment.logs / "supervisord.log"
                raise TravelError(f"supervisord did not start (exit {process.returncode}).", where=str(log),
                                  fix="read that log", detail=last_lines(log, 5))
            time.sleep(0.05)

    def replace(self, images: Iterable[Image]) -> None:
        """Take over the components' new settings: what changed is started anew, what is gone is removed."""
        self._write_conf(images)
        (added, changed, removed), = self._ask("reloadConfig")
        self.stop_components((*changed, *removed))
        for component in (*changed, *removed):
            self._ask("removeProcessGroup", component)
        for component in (*added, *changed):
            self._ask("addProcessGroup", component)

    def start_component(self, component: str) -> None:
        """Ask for a start and return; nothing happens where it runs."""
        self._ask("startProcess", component, False, tolerate=Faults.ALREADY_STARTED)

    def stop_components(self, components: Iterable[str]) -> None:
        """All at once; return when they have ended, and will not be started again by themselves.

        supervisord looks for those that have ended once a second, and whenever it is spoken to.
        """
        left = set(components)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while left := {name for name, process in self.processes().items() if name in left and not process.is_over}:
            if time.monotonic() > deadline:
                raise TravelError(f"{', '.join(sorted(left))} did not stop within {STOP_TIMEOUT_S:g} s.",
                                  where=str(self._conf), fix=f"`travel down {self._environment.name}`")
            for component in left:
                # one that has just ended by itself is not running, and about to be
                self._ask("stopProcess", component, False, tolerate=Faults.NOT_RUNNING)
            time.sleep(0.02)

    def clear_logs(self, running: Collection[str]) -> None:
        """Empty the logs of these, and remove all others of components.

        One by one, as all at once take supervisord a second each; and it has none in hand of one that has ended.
        """
        for component in running:
            self._ask("clearProcessLogs", component)
        for log in self._environment.logs.glob("*.log*"):
            if log.name not in {"supervisord.log", *(f"{component}.log" for component in running)}:
                log.unlink()

    def processes(self) -> dict[str, ProcessState]:
        """The state of each component; empty where supervisord does not run."""
        try:
            states = self._ask("getAllProcessInfo")
        except TravelError:
            return {}
        return {state["name"]: ProcessState(state["name"], state["statename"], state["pid"], state["spawnerr"])
                for state in states}

    def shut_down(self) -> int:
        """End supervisord and every component, and make sure of it; returns how many processes were ended."""
        daemons, components = self._own_processes()
        with suppress(TravelError):
            # All at once: `shutdown` alone takes them one after the other. And without waiting for its answer:
            # supervisord looks for those that have ended once a second.
            self._ask("stopAllProcesses", False)
            _wait_for_end(components, STOP_TIMEOUT_S)
            self._ask("shutdown")
            _wait_for_end([*daemons, *components], STOP_TIMEOUT_S)
        # Left by a supervisord that was killed, or that hangs. It goes first, lest it start the others anew.
        left = [process for group in self._own_processes() for process in group]
        for signal_name in ("terminate", "kill"):
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    getattr(process, signal_name)()
            left = _wait_for_end(left, 5.0)
        if left:
            raise TravelError(f"Processes {', '.join(str(process.pid) for process in left)} do not end.",
                              where=self._environment.name, fix="end them by hand")
        self._socket.unlink(missing_ok=True)
        with suppress(OSError):
            self._socket.parent.rmdir()
        return len(daemons) + len(components)

    def _own_processes(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """supervisord, and the components, whoever their parent is: known by their settings and working folder."""
        daemons, components = [], []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                command = process.cmdline()
                if str(self._conf) in command:
                    daemons.append(process)
                elif "travel.chassis" in command and self._environment.components in Path(process.cwd()).parents:
                    components.append(process)
                elif self._record in " ".join(command) and Path(process.cwd()) == self._environment.root:
                    components.append(process)  # the tap
        return daemons, components

    def _write_conf(self, images: Iterable[Image]) -> None:
        environment = self._environment
        parts = [_SUPERVISORD.format(socket=_plain(self._socket), root=_plain(environment.root),
                                     logs=_plain(environment.logs))]
        images = list(images)
        tap_command = tap.command_for(environment, [each.component for each in images])
        if tap_command:
            parts.append(_PROGRAM.format(
                component=tap.PROCESS, directory=_plain(environment.root), environment="", command=_plain(tap_command),
                log=_plain(environment.log_of(tap.PROCESS))))
        for image in images:
            variables = environment.variables_for(image)
            parts.append(_PROGRAM.format(
                component=image.component,
                command=_plain(shlex.join([sys.executable, "-m", "travel.chassis", image.component])),
                directory=_plain(environment.copy_of(image.component)),
                environment=",".join(f'{name}="{_plain(value)}"' for name, value in variables.items()),
                log=_plain(environment.log_of(image.component)),
            ))
        self._conf.write_text("\n".join(parts), encoding="utf-8")

    def _ask(self, method: str, *arguments: object, tolerate: int | None = None) -> Any:
        transport: Any = SupervisorTransport(serverurl=f"unix://{self._socket}")  # type: ignore[no-untyped-call]
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == tolerate:
                return None
            raise TravelError(f"supervisor refused {method}{arguments}: {fault.faultString}", where=str(self._conf),
                              fix=f"`travel down {self._environment.name}`, then `travel up`") from fault
        except (OSError, HTTPException, xmlrpc.client.ProtocolError) as error:
            raise TravelError(f"{self._environment.name} is not up: {error}", where=str(self._socket),
                              fix=f"start it with `travel up {self._environment.name}`") from error
        finally:
            transport.close()


def last_lines(path: Path, count: int) -> str:
    """The end of a log, or nothing where there is none yet."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def _socket_folder(root: Path) -> Path:
    """A short folder for the socket: the kernel takes no path of 108 bytes or more, and TRAVEL_HOME may be deep."""
    name = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir(), f"travel-{os.getuid()}-{name}")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o7777 != 0o700 or folder.is_symlink():
        raise TravelError("The folder for supervisor's socket belongs to somebody else, or others may enter it.",
                          where=str(folder), fix="remove it")


def _plain(value: object) -> str:
    """supervisor expands % in its settings, and has no escape for a quote."""
    text = str(value)
    if '"' in text or "\n" in text or ";" in text:
        raise TravelError("supervisor cannot take a quote, a semicolon or a line break in a path.", where=text,
                          fix="set TRAVEL_HOME to another folder")
    return text.replace("%", "%%")


def _wait_for_end(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Those that still run after `timeout_s`; a zombie has ended, whether its parent reaps it or not."""
    deadline = time.monotonic() + timeout_s
    while alive := [process for process in processes if _runs(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return alive


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
