"""The load generators to compare, each run as a user would run it; not part of gonogo."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SERVER_CORE, CLIENT_CORE = 1, 0

STOCK = """
from locust import FastHttpUser, constant, task

class Stock(FastHttpUser):
    wait_time = constant(0)
    insecure = True

    @task
    def ask(self):
        self.client.get("/ok", name="/ok")
"""
OURS = """
from locust import constant, task
from gonogo.load.suite import Persona, profile

class Asker(Persona):
    wait_time = constant(0)

    @task
    def ask(self):
        self.client.get("/ok", name="/ok")

    def visit(self):
        self.client.get("/ok", name="/ok")

profile("closed", personas={Asker: 1})
profile("open", personas={Asker: 1})
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """`percentiles_ms` are p50, p90, p99; `cpu_s` is the generator's own CPU time."""

    requests: int
    seconds: float
    cpu_s: float
    percentiles_ms: tuple[float, ...] = ()

    @property
    def per_cpu_second(self) -> float:
        return self.requests / self.cpu_s


@contextmanager
def server(port: int, *distribution: str) -> Iterator[str]:
    """Run the server with known latencies on its own core while the block runs."""
    child = subprocess.Popen([*_on(SERVER_CORE), sys.executable, str(HERE / "server.py"), str(port), *distribution])
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                times(url)
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        child.terminate()
        child.wait()


def times(url: str) -> list[float]:
    """How long the server really delayed each request since the last call, in ms."""
    with urllib.request.urlopen(f"{url}/times") as answer:
        found: list[float] = json.load(answer)
    return found


def stock(url: str, users: int, seconds: int) -> Measured:
    """Locust's FastHttpUser without gonogo, in a closed loop."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "locustfile.py").write_text(STOCK)
        cpu_s, _ = _run([sys.executable, "-m", "locust", "--headless", "-u", str(users), "-r", str(users), "-t",
                         f"{seconds}s", "--host", url, "--csv", "found", "--only-summary"], folder)
        header, row = (line.split(",") for line in (Path(folder) / "found_stats.csv").read_text().splitlines()[:2])
        found = dict(zip(header, row, strict=False))
    return Measured(int(found["Request Count"]), seconds, cpu_s)


def ours(url: str, profile: str, seconds: int, *, users: int = 0, per_s: float = 0) -> Measured:
    """gonogo's recorder on Locust, in an open loop with `per_s`, in a closed one with `users`."""
    size = ({"arrivals": {"per_s": per_s, "most_at_once": 1000}} if per_s else
            {"users": users, "spawn_rate": users})
    entry = {**size, "duration_s": seconds, "extend": False, "abort_after_s": None, "objectives": {"*": {}}}
    environment = {"url": url, "permits": {"load_users": 1000}, "load": {"profiles": {profile: entry}}}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "environments.yml").write_text(json.dumps({"environments": {"here": environment}}))
        (root / "load").mkdir()
        (root / "load" / "ask.py").write_text(OURS)
        cpu_s, _ = _run([sys.executable, "-m", "locust", "-f", "load/", "--headless", "--only-summary", "--env", "here",
                         "--profile", profile], folder)
        from gonogo.records.load_reader import read_load_evidence  # noqa: PLC0415

        evidence = read_load_evidence(next(root.glob(f"runs/*/load/{profile}")))
    (samples,) = evidence.endpoints
    return Measured(samples.requests, evidence.sent_s, cpu_s, samples.latencies.percentiles(50, 90, 99))


def wrk(url: str, connections: int, seconds: int) -> Measured | None:
    """Debian's `wrk`; None where it is not installed."""
    if not shutil.which("wrk"):
        return None
    cpu_s, told = _run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"{url}/ok"], "/")
    requests = int(re.search(r"(\d+) requests in", told)[1])  # type: ignore[index]
    percentiles = tuple(_ms(re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", told)) for percent in (50, 90, 99))
    return Measured(requests, seconds, cpu_s, percentiles)


def hey(url: str, connections: int, seconds: int) -> Measured | None:
    """Debian's `hey`; None where it is not installed."""
    if not shutil.which("hey"):
        return None
    cpu_s, told = _run(["hey", "-cpus", "1", "-c", str(connections), "-z", f"{seconds}s", f"{url}/ok"], "/")
    requests = sum(int(found) for found in re.findall(r"\[200\]\s+(\d+) responses", told))
    percentiles = tuple(1000 * float(re.search(rf"{percent}%+ in ([\d.]+) secs", told)[1])  # type: ignore[index]
                        for percent in (50, 90, 99))
    return Measured(requests, seconds, cpu_s, percentiles)


def _ms(found: re.Match[str] | None) -> float:
    assert found is not None, "wrk told no percentiles"  # noqa: S101
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def _run(command: list[str], folder: str) -> tuple[float, str]:
    """Run the command on its own core; return the CPU seconds that it used and its output."""
    before = os.times()
    done = subprocess.run([*_on(CLIENT_CORE), *command], cwd=folder, capture_output=True, text=True, check=False)
    after = os.times()
    used_s = after.children_user + after.children_system - before.children_user - before.children_system
    return used_s, done.stdout + done.stderr


def _on(core: int) -> list[str]:
    """The `taskset` prefix that pins a command to `core`; nothing without such a core, or without `taskset`."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > core and shutil.which("taskset") else []
