"""Fixtures: a real Locust process and a real server that receives its requests, both on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import pytest

from gonogo.model.load import LoadEvidence
from gonogo.records.load_reader import read_load_evidence
from gonogo.records.load_record import SAMPLES_FILE

CHILD_BUDGET_S = 60

# Tests that run in the background may ignore SIGINT, and all their child processes would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def generators_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn off `make coverage` in child processes: it would delay a generator, which would rightly report it."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


class Target:
    """A server with one path for each kind of response.

    /ok answers 200, /wrong 200 with another body, /error 500, /slow after 104 ms, /hang never,
    /frozen not while it is frozen.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.over = threading.Event()
        self.traced: list[tuple[str, str]] = []  # path and traceparent of each request that had one
        self.waited_ms: list[float] = []  # the delay of each request for /frozen
        self._frozen: tuple[float, float] | None = None
        self._first: float | None = None
        self.resident_bytes, self.leaks_bytes = 50_000_000, 0  # what /metrics reports, and the growth per request
        self._turns = threading.BoundedSemaphore(1000)
        self._lock = threading.Lock()
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                self.connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

            def do_GET(self) -> None:
                target.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def at_once(self, most: int) -> None:
        """Let /slow answer at most `most` requests at the same time; others wait for their turn."""
        self._turns = threading.BoundedSemaphore(most)

    def freeze(self, *, after_s: float, for_s: float) -> None:
        """Let /frozen not answer for `for_s`, beginning `after_s` after the first request."""
        self._frozen = (after_s, after_s + for_s)

    def _wait_while_frozen(self) -> None:
        now = time.monotonic()
        with self._lock:
            self._first = self._first or now
            from_s, to_s = self._frozen or (0.0, 0.0)
            since_s = now - self._first
            left_s = to_s - since_s if from_s <= since_s < to_s else 0.0
            self.waited_ms.append(left_s * 1000)
        time.sleep(left_s)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.seen[handler.path] += 1
            if traceparent := handler.headers["traceparent"]:
                self.traced.append((handler.path, traceparent))
        if handler.path == "/frozen":
            self._wait_while_frozen()
        if handler.path == "/hang":
            self.over.wait()
            return
        if handler.path == "/slow":
            with self._turns:
                time.sleep(0.104)
        body = json.dumps({"ok": handler.path != "/wrong"}).encode()
        if handler.path == "/metrics":
            self.resident_bytes += self.leaks_bytes
            body = f"process_resident_memory_bytes {self.resident_bytes}\n".encode()
        handler.send_response(500 if handler.path == "/error" else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass
class Ended:
    """A Locust process that has ended. `evidence` reads the record of its only run."""

    code: int
    stdout: str
    stderr: str
    root: Path

    @property
    def last_line(self) -> str:
        return self.stdout.splitlines()[-1] if self.stdout else ""

    @property
    def evidence(self) -> LoadEvidence:
        (folder,) = (self.root / "runs").glob("*/load/*")
        return read_load_evidence(folder)


class Trial:
    """A suite in its own folder: environments.yml, profile files, and Locust started there."""

    def __init__(self, root: Path, target: Target) -> None:
        self.root = root
        self.target = target
        self.children: list[subprocess.Popen[str]] = []
        (root / "load").mkdir()

    def environments(self, profiles: dict[str, Any], *, load_users: int = 10, default: str | None = None,
                     **settings: object) -> None:
        """Write environments.yml (JSON is YAML) with the environments `here` and `closed`, which permits no load."""
        entry = {"default": default or next(iter(profiles)), "profiles": profiles}
        here = {"url": self.target.url, "permits": {"load_users": load_users}, "load": entry, **settings}
        closed = {"url": "http://127.0.0.1:1", "load": entry}
        (self.root / "environments.yml").write_text(json.dumps({"environments": {"here": here, "closed": closed}}))

    def file(self, name: str, source: str) -> None:
        (self.root / "load" / name).write_text(source)

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL, **environ: str) -> subprocess.Popen[str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("GONOGO_", "LOCUST_"))}
        with (self.root / f"{len(self.children)}.out").open("w") as out, \
                (self.root / f"{len(self.children)}.err").open("w") as err:
            child = subprocess.Popen([sys.executable, "-m", "locust", *arguments], cwd=self.root, text=True, stdout=out,
                                     stderr=err, stdin=stdin, env={**inherited, **environ},
                                     start_new_session=True)
        self.children.append(child)
        return child

    def end(self, child: subprocess.Popen[str]) -> Ended:
        code = child.wait(CHILD_BUDGET_S)
        number = self.children.index(child)
        return Ended(code, (self.root / f"{number}.out").read_text(), (self.root / f"{number}.err").read_text(),
                     self.root)

    def run(self, *arguments: str, files: str = "load/", **environ: str) -> Ended:
        return self.end(self.start("-f", files, "--headless", *arguments, **environ))

    def wait_for_samples(self) -> None:
        """Wait until the first second of the run is on disk."""
        self.wait_until(lambda: any(path.stat().st_size for path in self.root.glob(f"runs/*/load/*/{SAMPLES_FILE}")))

    @staticmethod
    def wait_until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + CHILD_BUDGET_S
        while not condition():
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.02)

    def close(self) -> None:
        for child in self.children:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


@pytest.fixture
def target() -> Iterator[Target]:
    server = Target()
    yield server
    server.close()


@pytest.fixture
def trial(tmp_path: Path, target: Target) -> Iterator[Trial]:
    suite = Trial(tmp_path, target)
    yield suite
    suite.close()


@pytest.fixture
def visitor() -> Callable[..., str]:
    """A function that returns the source of a profile file: one persona that requests one path repeatedly."""
    return profile_source


def profile_source(name: str = "visit", path: str = "/ok", *, persona: str = "Visitor", task: str = "",
                   shape: str = "steady") -> str:
    body = task or f'''
        with self.client.get("{path}", name="{path}", catch_response=True) as answer:
            if answer.status_code == 200 and answer.json() != {{"ok": True}}:
                answer.failure("the body is not as it should be")
'''
    return f'''
from locust import constant, task
from gonogo.load.suite import Persona, profile, ramp, steady

class {persona}(Persona):
    wait_time = constant(0.02)

    @task
    def visit(self):
        {body.strip()}

PROFILE = profile("{name}", personas={{{persona}: 1}}, shape={shape})
'''


@pytest.fixture
def free_port() -> Callable[[], str]:
    return _free_port


@pytest.fixture
def master_port() -> Callable[[], list[str]]:
    """A function that returns the options to connect a master and its workers on a free port."""
    def options() -> list[str]:
        port = _free_port()
        return ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    return options


def _free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])
