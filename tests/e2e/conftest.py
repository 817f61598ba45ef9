"""A small project in a temporary folder, the real gate as a child process, and a real server that both call."""

from __future__ import annotations

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.verdicts import checked_verdict

GATE_BUDGET_S = 90
DIGEST = "sha256:" + "a" * 64
ENVIRONMENT = ("from gonogo.suite import "
               "after_all, after_scenario, after_step, before_all, before_scenario\n")
STEPS = '''
import os, subprocess, sys, time
from behave import given, when, then

@given("it works")
def works(context):
    pass

@when("it runs {code}")
def runs(context, code):
    exec(code)

@when("it sends {method} {path}")
def sends(context, method, path):
    context.world.http.request(method, context.world.environment.url + path)
'''
HEALTHY = "@read-only\nFeature: F\n  Scenario: one\n    Given it works\n  Scenario: two\n    When it sends GET /ok\n"
# The commands of `provision`: one starts a server in its own session, like a daemon, the other ends it.
UP = '''
import socket, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "http.server", sys.argv[1], "--bind", "127.0.0.1"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         start_new_session=True)
open("server.pid", "w").write(str(child.pid))
while socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1]))):
    time.sleep(0.02)
'''
DOWN = '''
import contextlib, os, signal
with contextlib.suppress(OSError):
    os.kill(int(open("server.pid").read()), signal.SIGKILL)
open("downed", "w").close()
'''


PAGE = b'<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1><a href="/hang">On</a></main></html>'


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore broken connections: clients that are killed leave them."""


class System:
    """The system under test: /hang never responds, /error fails, /page has a link to /hang.

    /deploy changes the image that responses report, /undo changes it back.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.image = DIGEST
        self.padding = 0  # further characters in every answer
        self.over = threading.Event()
        system = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                system.answer(self)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.seen.append(f"{handler.command} {handler.path}")
        if handler.path == "/hang":
            self.over.wait()
        if handler.path == "/deploy":
            self.image = self.image.replace("a", "b")
        if handler.path == "/undo":
            self.image = DIGEST
        is_page = handler.path == "/page"
        more = {"more": "x" * self.padding} if self.padding else {}
        body = PAGE if is_page else json.dumps({"image": self.image, "ok": True, **more}).encode()
        handler.send_response(500 if handler.path == "/error" else 200)
        handler.send_header("Content-Type", "text/html" if is_page else "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True)
class Ended:
    """A gate that has ended: its exit code, its output, and the folder of its runs."""

    code: int
    stdout: str
    stderr: str
    runs: Path

    @property
    def last_line(self) -> str:
        return self.stdout.splitlines()[-1] if self.stdout else ""

    @property
    def run_folder(self) -> Path:
        return (self.runs / "latest").resolve(strict=True)

    @property
    def verdict(self) -> dict[str, Any]:
        return checked_verdict(self.run_folder)

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return list(self.verdict["reasons"])

    @property
    def stopping(self) -> set[str]:
        """The rules that decided the verdict; warnings do not decide it."""
        return {reason["rule"] for reason in self.reasons if reason["severity"] != "warn"}

    def title(self, rule: str) -> str:
        return next(str(reason["title"]) for reason in self.reasons if reason["rule"] == rule)

    def assert_answer(self, answer: str, *rules: str) -> None:
        """Exit code, last line and verdict file agree, and exactly these rules decided."""
        codes = {"GO": 0, "PARTIAL": 0, "NO-GO": 1, "INCONCLUSIVE": 3}
        told = f"{self.stdout}\n{self.stderr}"
        assert (self.last_line, self.code, self.verdict["verdict"]) == (answer, codes[answer], answer), told
        assert self.stopping == set(rules), told
        assert "Traceback" not in self.stderr


class Project:
    """A folder with environments.yml (`preprod`), features, steps and load profiles, in which the gate is started."""

    def __init__(self, root: Path, system: System) -> None:
        self.root = root
        self.system = system
        self._started: list[subprocess.Popen[str]] = []
        self.environment()
        self.file("environment.py", ENVIRONMENT)
        self.file("steps/plain_steps.py", STEPS)

    @property
    def runs_folder(self) -> Path:
        return self.root / "runs"

    def environment(self, url: str | None = None, **settings: object) -> None:
        """Write environments.yml (JSON is YAML). The scenarios of most tests ask nothing of the system."""
        preprod = {"url": url or self.system.url, "silent_scenarios": "ignore", **settings}
        self.file("environments.yml", json.dumps({"environments": {"preprod": preprod}}, indent=1))

    def provisioned(self, **settings: object) -> None:
        """Write an environment that is not running; the gate starts it with `up` and stops it with `down`."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.file("up.py", UP)
        self.file("down.py", DOWN)
        self.environment(f"http://127.0.0.1:{port}", **settings, provision={
            "up": f"{sys.executable} up.py {port}", "down": f"{sys.executable} down.py"})

    def file(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def feature(self, text: str = HEALTHY, path: str = "features/journeys/a.feature") -> None:
        self.file(path, text)

    def load(self, *profiles: str, **changes: object) -> dict[str, object]:
        """Settings of an environment with the load stage alone, which runs these profiles."""
        size = {"users": 2, "spawn_rate": 10, "duration_s": 2, "grace_s": 0.5,
                "objectives": {"/ok": {"error_ratio": 0.1, "min_requests": 20}}, **changes}
        return {"stages": ["load"], "permits": {"load_users": 5},
                "load": {"run": list(profiles), "profiles": dict.fromkeys(profiles, size)}}

    def profile(self, name: str, task: str = "self.client.get('/ok', name='/ok')") -> None:
        """Write load/`name`.py with a persona that does `task` 20 times a second."""
        self.file(f"load/{name}.py", (
            "from locust import constant, task\nfrom gonogo.load.suite import Persona, profile, steady\n\n"
            f"class {name.title()}(Persona):\n    wait_time = constant(0.05)\n\n    @task\n    def go(self):\n"
            f"        {task}\n\nprofile('{name}', personas={{{name.title()}: 1}}, shape=steady)\n"))

    def start(self, *arguments: str, command: str = "run", before_exec: Callable[[], None] | None = None,
              **environ: str) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items()
                     if not name.startswith(("GONOGO_", "LOCUST_", "BEHAVE_"))}
        settings = {"PYTHONWARNINGS": "", "XDG_STATE_HOME": str(self.root / ".state")}
        selected = ["--env", "preprod"] if command in ("run", "check") else []
        gate = subprocess.Popen(
            [sys.executable, "-m", "gonogo.cli", command, *selected, *arguments], cwd=self.root, text=True,
            env={**inherited, **settings, **environ}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=before_exec)  # noqa: PLW1509  the threads here only send responses
        self._started.append(gate)
        return gate

    def end(self, gate: subprocess.Popen[str]) -> Ended:
        stdout, stderr = gate.communicate(timeout=GATE_BUDGET_S)
        return Ended(gate.returncode, stdout, stderr, self.root / "runs")

    def run(self, *arguments: str, command: str = "run", **environ: str) -> Ended:
        return self.end(self.start(*arguments, command=command, **environ))

    def processes(self) -> list[psutil.Process]:
        """Every process that works in this project or whose GONOGO_RUN_DIR is in it, whatever its parent."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            place = str(self.root)
            return (_runs(process) and process.pid != os.getpid()
                    and (process.cwd().startswith(place) or any(place in word for word in process.cmdline())
                         or process.environ().get("GONOGO_RUN_DIR", "").startswith(place)))
        except psutil.Error:
            return False

    def assert_nothing_left(self, started: Iterable[psutil.Process] = (), within_s: float = 0.0) -> None:
        """Neither a process of `started` nor any other process of this project is still running."""
        started = tuple(started)

        def left() -> list[psutil.Process]:
            return [process for process in started if _runs(process)] + self.processes()

        wait_until(lambda: not left(), within_s, lambda: f"left behind: {left()}")

    def close(self) -> None:
        """End what a failing test left behind; `processes` returns only those of this project."""
        for process in self.processes():
            process.kill()
        for gate in self._started:
            gate.communicate()


def _runs(process: psutil.Process) -> bool:
    """Whether a process is running; a zombie that no parent has reaped is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: Callable[[], object], within_s: float = 40.0,
               otherwise: Callable[[], str] = lambda: "it did not come about") -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)


@pytest.fixture(scope="session")
def patiently() -> Callable[..., None]:
    """The function that waits until a condition is true."""
    return wait_until


@pytest.fixture(scope="module")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Project]]:
    projects: list[Project] = []

    def make() -> Project:
        projects.append(Project(tmp_path_factory.mktemp("project"), System()))
        return projects[-1]

    yield make
    for project in projects:
        project.close()
        project.system.close()


@pytest.fixture
def project(make_project: Callable[[], Project]) -> Project:
    return make_project()

