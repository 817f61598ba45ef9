"""Locust on several processes or machines: workers send their samples to the master, which detects missing ones.

Locust's own reports come every three seconds, as rounded histograms, and the last may be missing; ours come each
second, and the run ends only when each worker has sent its last report or is known to be gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner, WorkerRunner
from pydantic import BaseModel, TypeAdapter

from gonogo.config import LoadProfile
from gonogo.core.errors import EvidenceError
from gonogo.environment.request_guard import RequestGuard
from gonogo.load.arrivals import ArrivalsUser, Dispatcher
from gonogo.load.generator_health import GeneratorHealth
from gonogo.load.load_traces import LoadTraces
from gonogo.load.recorder import Figures, LoadRecorder, exit_with
from gonogo.load.request_guard import guard_requests
from gonogo.load.sampling import Sampling
from gonogo.load.suite_errors import SuiteErrors
from gonogo.load.tally import lines_of
from gonogo.load.traced_requests import trace_requests
from gonogo.model.load import Arrived
from gonogo.model.reach import Reach
from gonogo.records.load_record import SecondOfEndpoint
from gonogo.secrets.masking import Masker

_BEGIN = "gonogo-begin"  # master → worker: your share of an open loop's visits
_SAMPLES = "gonogo-samples"  # worker → master, each second
_FINISH = "gonogo-finish"  # master → worker: end your users, and send what is left
_LAST_MESSAGE_S = 3.0
_MAX_REFUSED = 100  # requests of one message
_REACH = TypeAdapter(Reach)
_MAX_WAIT_S = 60  # Locust waits for ever for a worker that died before it connected


class _Report(BaseModel):
    """The message of a worker, each second: the counts since the last one, and its figures so far."""

    lines: list[SecondOfEndpoint]
    user_errors: dict[str, int]
    last: bool
    cpu_ratio: float | None
    lag_p95_ms: float | None
    users: int
    arrived: Arrived
    refused: list[str]  # requests that the environment does not permit

    @property
    def figures(self) -> Figures:
        return Figures(users=self.users, due=self.arrived.due, started=self.arrived.started,
                       dropped=self.arrived.dropped, cpu_ratio=self.cpu_ratio, lag_p95_ms=self.lag_p95_ms)


class Worker:
    """Counts requests in a worker process and sends the counts. `personas_of` gives the personas of a profile."""

    def __init__(self, environment: Environment, runner: WorkerRunner, masker: Masker,
                 personas_of: Callable[[str], Mapping[type[Any], int]], ending: Callable[[], bool], *,
                 suite: SuiteErrors) -> None:
        self._runner = runner
        self._suite = suite
        self._personas_of = personas_of
        self._ending = ending
        self._sampling = Sampling(masker)
        self._masker = masker
        self._traces: LoadTraces | None = None
        self._guard: RequestGuard | None = None
        self._health = GeneratorHealth()
        runner.register_message(_BEGIN, self._begin)
        runner.register_message(_FINISH, self._finish)
        events = environment.events
        events.request.add_listener(self._sampling.on_request)
        events.user_error.add_listener(self._sampling.on_user_error)
        events.test_start.add_listener(self._on_test_start)
        gevent.spawn(self._send_each_second)

    def _on_test_start(self, **_: object) -> None:
        self._health.stop()
        self._health = GeneratorHealth()
        self._sampling.begin()

    def _begin(self, msg: Any, **_: object) -> None:  # noqa: ANN401  locust.rpc.Message has no types
        profile = LoadProfile.model_validate(msg.data["profile"])
        # with the master's key, so that all processes mask alike
        self._sampling.masker = Masker(self._masker.known, bytes.fromhex(msg.data["mask_key"]))
        if self._guard is None:
            self._guard = guard_requests(_REACH.validate_python(msg.data["reach"]))
        if msg.data["traces"] and not self._traces:
            self._traces = LoadTraces.of_message(msg.data["traces"])
            trace_requests(self._traces)
        if profile.arrivals:
            ArrivalsUser.dispatcher = Dispatcher(
                profile.arrivals, profile.duration_s, self._personas_of(msg.data["name"]), ending=self._ending,
                begin=self._sampling.begin, index=msg.data["index"], share=msg.data["share"])

    def _send_each_second(self) -> None:
        while True:
            gevent.sleep(1)
            self._send()

    def _finish(self, **_: object) -> None:
        self._runner.stop()
        self._send(last=True)

    def _send(self, *, last: bool = False) -> None:
        self._health.read()
        self._sampling.add_errors(self._suite.taken(at_end=last))
        errors, self._sampling.user_errors = self._sampling.user_errors, type(self._sampling.user_errors)()
        lines = list(lines_of(self._sampling.tally.drained()))
        dispatcher = ArrivalsUser.dispatcher
        refused = [str(each) for each in self._guard.taken()] if self._guard else []
        if lines or errors or last or dispatcher or refused:
            report = _Report(
                lines=lines, user_errors=dict(errors), last=last, cpu_ratio=self._health.cpu_ratio,
                lag_p95_ms=self._health.lag_p95_ms, users=dispatcher.under_way if dispatcher else 0,
                arrived=dispatcher.arrived if dispatcher else Arrived(), refused=refused)
            self._runner.send_message(_SAMPLES, report.model_dump())


class Fleet:
    """The workers of a master, for all its runs."""

    def __init__(self, runner: MasterRunner, expected: int, max_wait_s: float, masker: Masker, *,
                 traces: LoadTraces | None, reach: Reach) -> None:
        self._runner = runner
        self._reach = reach
        self._refused: list[str] = []
        self._masker = masker
        self._expected = expected
        self._traces = traces
        self._known: set[str] = set()
        self._done: set[str] = set()
        self._unreadable: set[str] = set()  # workers that sent an invalid message; they count as lost
        self._figures: dict[str, Figures] = {}
        self._recorder: LoadRecorder | None = None
        self._wait_limit = gevent.spawn_later(max_wait_s or _MAX_WAIT_S, self._require_workers)
        runner.register_message(_SAMPLES, self._on_report)

    def begin(self, recorder: LoadRecorder, name: str, profile: LoadProfile) -> None:
        """Send each worker its share, before Locust starts it."""
        self._wait_limit.kill()
        self._recorder = recorder
        self._known, self._done, self._unreadable, self._figures, self._refused = set(), set(), set(), {}, []
        workers = sorted(self._runner.clients)
        for index, worker in enumerate(workers):
            self._runner.send_message(_BEGIN, {"name": name, "profile": profile.model_dump(mode="json"),
                                               "index": index, "share": len(workers),
                                               "mask_key": self._masker.key.hex(),
                                               "reach": _REACH.dump_python(self._reach, mode="json"),
                                               "traces": self._traces.message() if self._traces else None}, worker)

    @property
    def size(self) -> int:
        return max(1, len(self._runner.clients))

    def figures(self) -> Figures:
        """The figures of all workers; each one connected now is expected to send its last samples."""
        self._known |= set(self._runner.clients)
        return Figures.of_all(self._figures.values(), users=int(self._runner.user_count))

    def refused(self) -> tuple[str, ...]:
        """The requests of workers that the environment does not permit, since the last call."""
        refused, self._refused = tuple(self._refused), []
        return refused

    def finish(self, grace_s: float) -> None:
        """Have each worker end its users and send its last samples; return when none is outstanding."""
        self._runner.send_message(_FINISH)
        deadline = time.monotonic() + grace_s + _LAST_MESSAGE_S
        while any(map(self._outstanding, self._known)) and time.monotonic() < deadline:
            gevent.sleep(0.05)

    @property
    def lost(self) -> int:
        return max(self._expected, len(self._known)) - len((self._known & self._done) - self._unreadable)

    def _outstanding(self, worker: str) -> bool:
        node = self._runner.clients.get(worker)
        return worker not in self._done and node is not None and node.state != STATE_MISSING

    def _on_report(self, msg: Any, **_: object) -> None:  # noqa: ANN401  locust.rpc.Message has no types
        if self._recorder is None:
            return
        self._known.add(msg.node_id)
        sampling = self._recorder.sampling
        try:
            report = _Report.model_validate(msg.data)
            sampling.tally.merge(report.lines)
        except ValueError:  # Locust would only log it, and the run would look complete without these samples
            self._unreadable.add(msg.node_id)
            return
        sampling.user_errors.update(report.user_errors)
        self._refused += report.refused[:_MAX_REFUSED]
        self._figures[msg.node_id] = report.figures
        if report.last:
            self._done.add(msg.node_id)

    def _require_workers(self) -> None:
        connected = len(self._runner.clients)
        if connected < self._expected:
            exit_with(EvidenceError(f"Only {connected} of {self._expected} Locust workers connected; nothing was sent.",
                                    fix="start the others, or lower --expect-workers."), self._masker)
