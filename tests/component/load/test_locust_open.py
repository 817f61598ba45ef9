"""Open arrivals with a real Locust: visits begin by the timetable, and what the system does to them is measured."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from itertools import takewhile
from typing import TYPE_CHECKING

import psutil
import pytest

from gonogo.config import Arrivals
from gonogo.load.timetable import timetable
from gonogo.model.load import Arrived

if TYPE_CHECKING:
    from tests.component.load.conftest import Ended, Trial

pytestmark = pytest.mark.alone

Ports = Callable[[], list[str]]
SOURCE = '''
from gonogo.load.suite import Persona, profile

class Visitor(Persona):
    network_timeout = {timeout_s}

    def visit(self):
        with self.client.get("{path}", name="{path}", catch_response=True) as answer:
            if answer.status_code == 200 and answer.json() != {{"ok": True}}:
                answer.failure("the body is not as it should be")

PROFILE = profile("visit", personas={{Visitor: 1}})
'''


def prepare(trial: Trial, path: str = "/ok", *, per_s: float = 50, most_at_once: int = 200, duration_s: float = 4,
            timeout_s: float = 10, services: dict[str, object] | None = None, **changes: object) -> Arrivals:
    arrivals = {"per_s": per_s, "most_at_once": most_at_once}
    trial.environments({"visit": {"arrivals": arrivals, "duration_s": duration_s, "grace_s": 1, "extend": False,
                                  "objectives": {path: {"p95_ms": 500, "error_ratio": 0.05}}, **changes}}, load_users=200,
                       services=services or {})
    trial.file("visit.py", SOURCE.format(path=path, timeout_s=timeout_s))
    return Arrivals.model_validate(arrivals)


def due(arrivals: Arrivals, duration_s: float) -> int:
    return sum(1 for _ in takewhile(lambda visit: visit.due_s <= duration_s, timetable(arrivals, duration_s)))


def arrived(ended: Ended) -> Arrived:
    assert ended.evidence.arrived is not None
    return ended.evidence.arrived


def test_visits_start_by_the_timetable(trial: Trial) -> None:
    """As many visits start as are due, each gets a response, and none waits for another."""
    arrivals = prepare(trial)
    ended = trial.run()
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    found = arrived(ended)
    assert ended.evidence.requests == trial.target.seen["/ok"]
    assert found.due - 5 <= ended.evidence.requests <= found.started <= found.due  # the last visits send nothing any more
    assert found.due == pytest.approx(due(arrivals, ended.evidence.sent_s), abs=12)  # the end is detected within 0.1 s


def test_latencies_of_a_frozen_server_are_those_of_its_visitors(trial: Trial) -> None:
    """Visits that start during 2 s of silence wait for the rest of it; a closed loop would measure one such wait."""
    trial.target.freeze(after_s=2, for_s=2)
    prepare(trial, "/frozen", duration_s=10)
    ended = trial.run()
    assert ended.code == 1, ended.stderr
    (samples,) = ended.evidence.endpoints
    seen = sorted(trial.target.waited_ms)
    for percent in (90, 95, 99):
        outside_ms = seen[min(len(seen) - 1, int(len(seen) * percent / 100))]
        assert samples.latencies.percentile(percent) == pytest.approx(outside_ms, rel=0.1, abs=60)
    assert samples.latencies.percentile(95) > 1000
    assert samples.latencies.percentile(99) > 1700


def test_visits_above_the_concurrency_limit_are_dropped(trial: Trial) -> None:
    """Dropped visits have their own finding."""
    prepare(trial, "/hang", per_s=20, most_at_once=5, abort_after_s=None)
    ended = trial.run()
    found = arrived(ended)
    assert found.started == 5
    assert found.dropped == found.due - 5 > 20
    assert ended.code == 1  # no visit was answered: the system failed
    assert "load: arrivals-failed: visit: " in ended.stderr
    assert ended.evidence.endpoints[0].failures == {"no answer by the end of the run": 5}


def test_timeouts_have_their_own_failure_text(trial: Trial) -> None:
    prepare(trial, "/hang", per_s=10, timeout_s=0.5, abort_after_s=None)
    ended = trial.run()
    assert ended.code == 1, ended.stderr
    assert set(ended.evidence.endpoints[0].failures) <= {"timed out", "no answer by the end of the run"}
    assert ended.evidence.endpoints[0].failures["timed out"] > 20


def test_two_workers_send_the_same_load_as_one(trial: Trial, master_port: Ports) -> None:
    """Each takes its share of the same timetable; their histograms are merged exactly."""
    arrivals = prepare(trial)
    ended = trial.run("--processes", "2", *master_port())
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    found = arrived(ended)
    assert ended.evidence.requests == trial.target.seen["/ok"]
    assert found.due - 10 <= ended.evidence.requests <= found.started <= found.due
    assert found.due == pytest.approx(due(arrivals, ended.evidence.sent_s), abs=60)  # Locust checks once per second
    assert ended.evidence.lag_p95_ms is not None


def test_killed_worker_of_an_open_loop_is_inconclusive(trial: Trial, master_port: Ports) -> None:
    prepare(trial, duration_s=8)
    child = trial.start("-f", "load/", "--headless", "--processes", "2", *master_port())
    trial.wait_for_samples()
    os.kill(psutil.Process(child.pid).children()[0].pid, signal.SIGKILL)
    ended = trial.end(child)
    assert ended.code == 3, ended.stderr
    assert "1 Locust worker died, never connected or sent unreadable data" in ended.last_line


def test_run_ends_early_once_an_objective_cannot_be_met(trial: Trial) -> None:
    """It ends after the configured delay and reports the objective."""
    prepare(trial, "/error", duration_s=30, abort_after_s=2)
    ended = trial.run()
    assert ended.code == 1, ended.stderr
    assert ended.evidence.aborted and ended.evidence.aborted.endpoint == "/error"
    assert 2 <= ended.evidence.sent_s < 15
    assert re.match(r"load visit: NO-GO  /error error ratio", ended.last_line)


def test_run_with_too_little_evidence_is_extended_once(trial: Trial) -> None:
    """Twelve requests per second for 3 s are too few for a p95; twice as long is enough."""
    prepare(trial, per_s=12, duration_s=3, extend=True)
    ended = trial.run()
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    assert ended.evidence.extended
    assert ended.evidence.sent_s >= 6


def test_persona_that_raises_is_inconclusive(trial: Trial) -> None:
    prepare(trial)
    trial.file("visit.py", SOURCE.format(path="/ok", timeout_s=10).replace('answer.json() != {"ok": True}', "1 / 0"))
    ended = trial.run()
    assert ended.code == 3, ended.stderr
    assert "Visitor: ZeroDivisionError: division by zero" in ended.stderr


@pytest.mark.parametrize("changes, told", [
    ({"arrivals": {"per_s": -1}}, "greater than 0"),
    ({"arrivals": {"per_s": 5, "curve": [[0, 0], [4, 0]]}}, "All rates of the curve of 'visit' are 0."),
    ({"arrivals": {"per_s": 0.01}}, "never start: 0.04 visits in 4 s."),
    ({"arrivals": {"per_s": 5, "most_at_once": 500}}, "has up to 500 concurrent users; the environment permits 200."),
    ({"objectives": {"/okay": {"p95_ms": 90}}}, "did you mean '/ok'?"),
    ({"objectives": {"/ok": {"p95_ms": 90}, "/other": {"p95_ms": 90}}}, "requests '/other', which has objectives."),
    ({"warm_up_s": 4}, "no request would be judged."),
    ({"users": 5}, "must have exactly one of `users` and `arrivals`."),
    ({"arrivals": {"per_s": 5, "to_per_s": 9, "curve": [[0, 1], [4, 2]]}}, "have 2 shapes: to_per_s, curve."),
])
def test_invalid_settings_are_refused(trial: Trial, changes: dict[str, object], told: str) -> None:
    """They are refused before the first request, with a fix."""
    prepare(trial, **changes)  # type: ignore[arg-type]
    ended = trial.run()
    assert ended.code == 2, ended.stderr
    assert told in ended.stderr
    assert "  fix: " in ended.stderr
    assert not trial.target.seen


def test_requests_without_an_objective_are_refused(trial: Trial) -> None:
    prepare(trial, objectives={"/elsewhere": {"p95_ms": 90}})
    trial.file("visit.py", SOURCE.format(path="/ok", timeout_s=10).replace(
        "    def visit(self):", '    def visit(self):\n        self.client.get("/elsewhere", name="/elsewhere")'))
    ended = trial.run()
    assert ended.code == 2, ended.stderr
    assert "requests '/ok', which has no objective." in ended.stderr
    assert not trial.target.seen


def test_persona_without_a_visit_is_refused(trial: Trial) -> None:
    prepare(trial)
    trial.file("visit.py", SOURCE.format(path="/ok", timeout_s=10).replace("def visit", "def something"))
    ended = trial.run()
    assert ended.code == 2, ended.stderr
    assert "The persona Visitor does not define a visit." in ended.stderr


def test_web_interface_starts_visits_too(trial: Trial) -> None:
    """An open loop is the same wherever it is started."""
    prepare(trial)
    ended = trial.end(trial.start("-f", "load/", "--autostart", "--autoquit", "0", "--web-host", "127.0.0.1",
                                  "--web-port", "0"))
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    assert arrived(ended).started >= arrived(ended).due - 5 > 100


def test_knee_is_found_and_reported(trial: Trial) -> None:
    """A server that answers ten requests at once, each after 104 ms, handles fewer than a hundred per second."""
    trial.target.at_once(10)
    arrivals = {"per_s": 40, "most_at_once": 150, "steps": {"by_per_s": 40, "every_s": 4, "at_least_per_s": 40}}
    # requests in the queue at the end are answered within the grace period: late, but not failed
    prepare(trial, "/slow", duration_s=24, grace_s=5, arrivals=arrivals,
            objectives={"/slow": {"p95_ms": 400, "error_ratio": 0.05}})
    ended = trial.run()
    assert ended.code == 0, ended.stderr
    told = re.search(r"knee: objectives met up to (\d+) visits/s; at (\d+) visits/s: /slow p95", ended.stderr)
    assert told, ended.stderr
    assert (int(told[1]), int(told[2])) in ((40, 80), (80, 120))
    assert ended.evidence.sent_s < 20  # further steps would give no information


def test_missing_recovery_after_a_spike_is_no_go(trial: Trial) -> None:
    """The queue of a server that answers five requests at once lasts much longer than the spike."""
    trial.target.at_once(5)
    arrivals = {"per_s": 30, "most_at_once": 200,
                "spike": {"to_per_s": 100, "after_s": 3, "for_s": 2, "recovers_within_s": 1}}
    prepare(trial, "/slow", duration_s=9, arrivals=arrivals, objectives={"/slow": {"p50_ms": 400, "error_ratio": 0.05}},
            abort_after_s=None)
    ended = trial.run()
    assert ended.code == 1, ended.stderr
    assert "load: not-recovered: visit: /slow not recovered 1 s after the spike: p50" in ended.stderr


@pytest.mark.parametrize("leaks_bytes, code, told", [
    (0, 0, "load visit: GO"),
    (200_000, 1, "shop memory grows by"),
])
def test_growing_memory_of_a_component_is_detected(trial: Trial, leaks_bytes: int, code: int, told: str) -> None:
    """It reports its resident memory like Prometheus clients do; 200 kB per second are about 690 MiB per hour."""
    trial.target.leaks_bytes = leaks_bytes
    prepare(trial, duration_s=16, per_s=10, warm_up_s=2, memory={"growth_mib_per_h": 100},
            services={"shop": {"url": trial.target.url, "metrics": "/metrics"}})
    ended = trial.run()
    assert ended.code == code, ended.stderr
    assert told in ended.stdout + ended.stderr
    assert len(ended.evidence.memory) >= 10


def test_separate_master_and_worker_start_visits(trial: Trial, free_port: Callable[[], str]) -> None:
    """As on two machines, the worker has neither environment nor profile, and receives its share from the master."""
    prepare(trial)
    port = free_port()
    worker = trial.start("-f", "load/", "--worker", "--master-port", port)
    ended = trial.run("--master", "--expect-workers", "1", "--master-bind-host", "127.0.0.1",
                      "--master-bind-port", port)
    trial.end(worker)
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    assert ended.evidence.requests == trial.target.seen["/ok"] > 100
    assert arrived(ended).started <= arrived(ended).due
