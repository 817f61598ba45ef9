"""Locust on several processes or machines: workers hand their samples to the master, and none is lost unseen.

Locust's own reports come every three seconds, as rounded histograms, and the last ones may be missed; ours
come each second, and the run ends only when each worker has sent its last or is known to be gone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner, WorkerRunner

from gonogo.errors import EvidenceError
from gonogo.evidence.redaction import Redactor
from gonogo.locust_plugin.causes import cause_of
from gonogo.locust_plugin.recorder import Recorder, leave
from gonogo.locust_plugin.tally import CpuMeter, Tally

_SAMPLES = "gonogo-samples"  # worker → master, each second
_FINISH = "gonogo-finish"  # master → worker: end your users, and send what is left
_LAST_MESSAGE_S = 3.0
_MOST_WAIT_S = 60  # Locust would wait for ever for a worker that died before it came


class Worker:
    """Counts in a worker process and sends what it counted."""

    def __init__(self, environment: Environment, runner: WorkerRunner, redactor: Redactor) -> None:
        self._runner = runner
        self._redactor = redactor
        self._tally = Tally()
        self._errors: Counter[str] = Counter()
        self._cpu = CpuMeter()
        runner.register_message(_FINISH, self._finish)
        events = environment.events
        events.request.add_listener(self._on_request)
        events.user_error.add_listener(self._on_user_error)
        events.test_start.add_listener(self._on_test_start)
        gevent.spawn(self._send_each_second)

    def _on_test_start(self, **_: object) -> None:
        self._cpu = CpuMeter()
        self._cpu.read(time.monotonic())

    def _on_request(self, name: str, response_time: float | None, exception: BaseException | None = None,
                    **_: object) -> None:
        self._tally.add(name, response_time or 0.0, cause_of(exception, self._redactor) if exception else None)

    def _on_user_error(self, user_instance: object, exception: BaseException, **_: object) -> None:
        self._errors[error_of(user_instance, exception, self._redactor)] += 1

    def _send_each_second(self) -> None:
        while True:
            gevent.sleep(1)
            self._send()

    def _finish(self, **_: object) -> None:
        self._runner.stop()
        self._send(last=True)

    def _send(self, *, last: bool = False) -> None:
        self._cpu.read(time.monotonic())
        errors, self._errors = self._errors, Counter()
        lines = [(line.endpoint, line.latencies_ms, dict(line.failures)) for line in self._tally.drained(0)]
        if lines or errors or last:
            self._runner.send_message(_SAMPLES, {"lines": lines, "user_errors": dict(errors), "last": last,
                                                 "cpu_ratio": self._cpu.highest or 0.0})


class Fleet:
    """The master's view of its workers during one run after the other."""

    def __init__(self, runner: MasterRunner, expected: int, most_wait_s: float) -> None:
        self._runner = runner
        self._expected = expected
        self._seen: set[str] = set()
        self._done: set[str] = set()
        self._recorder: Recorder | None = None
        self._waiting = gevent.spawn_later(most_wait_s or _MOST_WAIT_S, self._give_up)
        runner.register_message(_SAMPLES, self._take)

    def begin(self, recorder: Recorder) -> None:
        self._waiting.kill()
        self._recorder = recorder
        self._seen, self._done = set(), set()

    def users(self) -> int:
        """Users that run now; whoever is connected now is expected to send its last samples."""
        self._seen |= set(self._runner.clients)
        return int(self._runner.user_count)

    def finish(self, grace_s: float) -> None:
        """Have each worker end its users and send what is left; returns when none is outstanding."""
        self._runner.send_message(_FINISH)
        deadline = time.monotonic() + grace_s + _LAST_MESSAGE_S
        while any(map(self._outstanding, self._seen)) and time.monotonic() < deadline:
            gevent.sleep(0.05)

    @property
    def lost(self) -> int:
        return max(self._expected, len(self._seen)) - len(self._seen & self._done)

    def _outstanding(self, worker: str) -> bool:
        node = self._runner.clients.get(worker)
        return worker not in self._done and node is not None and node.state != STATE_MISSING

    def _take(self, msg: Any, **_: object) -> None:  # noqa: ANN401  locust.rpc.Message has no types
        recorder, data = self._recorder, msg.data
        if recorder is None:
            return
        for endpoint, latencies_ms, failures in data["lines"]:
            recorder.tally.merge(endpoint, latencies_ms, failures)
        errors: Mapping[str, int] = data["user_errors"]
        recorder.user_errors.update(errors)
        recorder.workers_cpu_ratio = max(recorder.workers_cpu_ratio, data["cpu_ratio"])
        self._seen.add(msg.node_id)
        if data["last"]:
            self._done.add(msg.node_id)

    def _give_up(self) -> None:
        came = len(self._runner.clients)
        if came < self._expected:
            leave(EvidenceError(f"Only {came} of {self._expected} Locust workers came; nothing was sent.",
                                mend="start the others, or ask for fewer with --expect-workers."))


def error_of(user: object, exception: BaseException, redactor: Redactor) -> str:
    """An exception of a persona's own code in one line; Locust names the user, or the task set that holds it."""
    persona = type(getattr(user, "user", user)).__name__
    return f"{persona}: {type(exception).__name__}: {cause_of(exception, redactor)}"
