"""Locust with several processes: no sample is lost, and a lost worker is not a success at half the load."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

pytestmark = pytest.mark.alone

Source = Callable[..., str]
Port = Callable[[], str]
Ports = Callable[[], list[str]]


def size(path: str = "/ok", **changes: object) -> dict[str, object]:
    return {"users": 4, "spawn_rate": 10, "duration_s": 3, "grace_s": 1,
            "objectives": {path: {"p95_ms": 90, "error_ratio": 0.05, "min_requests": 60}}, **changes}


def test_two_processes_are_one_run(trial: Trial, visitor: Source, master_port: Ports) -> None:
    """The master's record has every request that the server received, with unrounded times; the traces are of one run."""
    trial.environments({"visit": size()}, traces={"otlp": "http://127.0.0.1:4318"})
    trial.file("visit.py", visitor())
    ended = trial.run("--processes", "2", *master_port())
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    evidence = ended.evidence
    assert evidence.requests == trial.target.seen["/ok"]
    assert evidence.peak_users == 4
    assert evidence.cpu_ratio
    assert evidence.endpoints[0].latencies.percentile(50) != round(evidence.endpoints[0].latencies.percentile(50))
    assert 2 <= len(trial.target.traced) <= 12 < evidence.requests
    assert len({header[3:19] for _, header in trial.target.traced}) == 1


def test_separate_master_and_worker(trial: Trial, visitor: Source, free_port: Port) -> None:
    """A worker gets environment and profile from the master, and sends it its errors and unanswered requests."""
    trial.environments({"visit": size("/hang", users=2, objectives={"/hang": {"min_requests": 2}})})
    trial.file("visit.py", visitor(path="/hang"))
    port = free_port()
    worker = trial.start("-f", "load/", "--worker", "--master-port", port)
    ended = trial.run("--master", "--expect-workers", "1", "--master-bind-host", "127.0.0.1",
                      "--master-bind-port", port)
    trial.end(worker)
    assert ended.code == 1, ended.stderr
    assert ended.evidence.endpoints[0].failures == {"no answer by the end of the run": 2}
    assert ended.evidence.lost_workers == 0


def test_killed_worker_is_inconclusive(trial: Trial, visitor: Source, master_port: Ports) -> None:
    """Stock Locust continues with half the load, and exits with 0."""
    trial.environments({"visit": size(duration_s=8)})
    trial.file("visit.py", visitor())
    child = trial.start("-f", "load/", "--headless", "--processes", "2", *master_port())
    trial.wait_for_samples()
    victim = psutil.Process(child.pid).children()[0]
    os.kill(victim.pid, signal.SIGKILL)
    ended = trial.end(child)
    assert ended.code == 3, ended.stderr
    assert "1 Locust worker died, never connected or sent unreadable data" in ended.last_line
    assert ended.evidence.lost_workers == 1


def test_worker_whose_message_cannot_be_read_is_inconclusive(trial: Trial, visitor: Source, master_port: Ports) -> None:
    """Stock Locust logs it and continues: the run would look complete, but lack the data of the message."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    trial.file("other_version.py", '''
from locust import events
from locust.runners import WorkerRunner

@events.test_start.add_listener
def on_test_start(environment, **_):
    if isinstance(environment.runner, WorkerRunner):
        environment.runner.send_message("gonogo-samples", {"lines": [{"seconds": 1}], "last": False})
''')
    ended = trial.run("--processes", "1", *master_port())
    assert ended.code == 3, ended.stderr
    assert "1 Locust worker died, never connected or sent unreadable data" in ended.last_line
    assert ended.evidence.lost_workers == 1


@pytest.mark.parametrize("processes", [(), ("--processes", "2")], ids=["one", "two"])
def test_percentiles_are_those_of_all_requests(processes: tuple[str, ...], trial: Trial, visitor: Source,
                                               master_port: Ports) -> None:
    """With any number of workers, they equal those of a sorted list of all response times, to three digits."""
    trial.environments({"visit": size(duration_s=4)})
    trial.file("visit.py", visitor())
    trial.file("every_request.py", f'''
import os
from locust import events

@events.request.add_listener
def on_request(response_time, **_):
    with open(f"{trial.root}/{{os.getpid()}}.times", "a") as file:
        print(response_time, file=file)
''')
    ended = trial.run(*processes, *(master_port() if processes else ()))
    assert ended.code == 0, ended.stderr
    files = list(trial.root.glob("*.times"))
    took_ms = sorted(float(line) for file in files for line in file.read_text().split())
    (samples,) = ended.evidence.endpoints
    assert (len(files), samples.requests) == (max(1, len(processes)), len(took_ms))
    assert [samples.latencies.percentile(percent) for percent in (50, 90, 99)] == [
        pytest.approx(took_ms[math.ceil(percent / 100 * len(took_ms)) - 1], rel=1e-3) for percent in (50, 90, 99)]


def test_worker_that_never_connects_is_inconclusive(trial: Trial, visitor: Source, master_port: Ports) -> None:
    """Stock Locust waits forever, or exits with 1, which would mean that the release is bad."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    ended = trial.run("--master", "--expect-workers", "1", "--expect-workers-max-wait", "1", *master_port())
    assert ended.code == 3
    assert "Only 0 of 1 Locust workers connected; nothing was sent." in ended.stderr


def test_worker_sends_nothing_that_is_not_permitted(trial: Trial, visitor: Source, master_port: Ports) -> None:
    """The master tells its workers what is permitted, and ends the load at the first refusal."""
    trial.environments({"visit": {**size(), "duration_s": 30}})
    trial.file("visit.py", visitor(task="self.client.post('/ok', name='/ok')"))
    ended = trial.run("--processes", "2", *master_port())
    assert ended.code == 3, ended.stdout + ended.stderr
    assert ended.evidence.refused == (f"POST {trial.target.url}/ok (writes)",)
    assert not trial.target.seen["/ok"]
