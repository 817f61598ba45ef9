"""Runs the chosen profile in the main process (a single Locust, or the master) and gives the verdict at the end."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import gevent
from locust.env import Environment
from locust.runners import MasterRunner, Runner

from gonogo.core.errors import GonogoError, ProvisionError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.signals import ENDING
from gonogo.core.streams import lasting
from gonogo.core.text import printable_lines
from gonogo.environment.request_guard import RequestGuard
from gonogo.load.arrivals import ArrivalsUser, Dispatcher
from gonogo.load.load_traces import LoadTraces
from gonogo.load.profile_choice import Choice
from gonogo.load.recorder import Ending, Figures, LoadRecorder, exit_with
from gonogo.load.stop_policy import StopPolicy
from gonogo.load.suite_errors import SuiteErrors
from gonogo.load.summary import answer_of, knee_line, last_line, table
from gonogo.load.timed_shape import TimedShape
from gonogo.load.workers import Fleet
from gonogo.model.findings import Finding
from gonogo.model.verdict import Answer
from gonogo.records.load_reader import read_load_evidence
from gonogo.records.run_folder import new_run_folder
from gonogo.report.wording import line_of
from gonogo.secrets.masking import masker_for
from gonogo.verdict.judge import exit_code_of
from gonogo.verdict.load.profile import judge_load

_GRACE_WHEN_STOPPED_S = 2.0  # a caller that sends SIGTERM does not wait long
_CONNECT_TIMEOUT_S = 5.0
_MAX_REFUSED = 5  # recorded
_WORST_FIRST = (Answer.NO_GO, Answer.INCONCLUSIVE, Answer.GO)


class Generator:
    """Configures stock Locust for one profile and handles its events. The web UI can start more than one run."""

    def __init__(self, choice: Choice, environment: Environment, runner: Runner, root: Path,
                 environ: Mapping[str, str], *, guard: RequestGuard, traces: LoadTraces | None,
                 ending: Callable[[], bool], suite: SuiteErrors, on_verdict: Callable[[], None]) -> None:
        self._ending = ending
        self._suite = suite
        self._on_verdict = on_verdict
        self._choice = choice
        self._guard = guard
        self._refused: tuple[str, ...] = ()
        self._environment = environment
        self._runner = runner
        self._root = root
        self._run_folder = environ.get("GONOGO_RUN_DIR")
        self._masker = masker_for(choice.environment, environ)
        self._recorder: LoadRecorder | None = None
        self._stopping = False
        self._answers: list[Answer] = []
        self._last_line = f"load {choice.name}: {Answer.INCONCLUSIVE}  no request was sent"
        self._reported = False
        self._own_code: int | None = None  # as set here
        options: Any = environment.parsed_options
        self._fleet = (Fleet(runner, options.expect_workers, options.expect_workers_max_wait, self._masker,
                             traces=traces, reach=choice.reach)
                       if isinstance(runner, MasterRunner) else None)
        if self._fleet:
            options.expect_workers_max_wait = 0  # Locust would exit with 1, which means NO-GO
        self._stop_policy: StopPolicy | None = None
        self._shape = TimedShape(self._users_at, self._spawn_rate, self._is_over)
        self._configure_locust()

    def _configure_locust(self) -> None:
        """Have Locust run only the chosen profile's personas and shape, whatever the files define."""
        environment = self._environment
        for persona, weight in self._choice.declaration.personas.items():
            persona.weight = weight
        environment.user_classes = [ArrivalsUser] if self._choice.size.arrivals else list(
            self._choice.declaration.personas)
        environment.shape_class = self._shape
        self._shape.runner = self._runner
        environment.host = self._choice.environment.url
        environment.stop_timeout = self._choice.size.grace_s
        events = environment.events
        events.test_start.add_listener(self._on_test_start)
        events.request.add_listener(self._on_request)
        events.user_error.add_listener(self._on_user_error)
        events.spawning_complete.add_listener(self._on_spawning_complete)
        events.test_stopping.add_listener(self._on_test_stopping)
        events.test_stop.add_listener(self._on_test_stop)
        events.quitting.add_listener(self._on_quitting)
        events.quit.add_listener(self._on_quit)
        if not environment.web_ui:
            # Locust installs its own handler only after a shape ends: until then SIGTERM would kill it at once.
            for number in (each for each in ENDING if each is not signal.SIGINT):  # Locust handles Ctrl-C itself
                gevent.signal_handler(number, self._on_sigterm)

    def _on_test_start(self, **_: object) -> None:
        self._environment.host = self._choice.environment.url  # the web UI's form may have another host
        self._environment.stop_timeout = self._choice.size.grace_s
        self._stopping = False
        self._refused = ()
        size = self._choice.size
        try:
            _require_server(self._choice.environment.url)
            run_folder = Path(self._run_folder) if self._run_folder else new_run_folder(self._root)
            self._run_folder = None  # each further run of the web UI gets its own folder
            recorder = LoadRecorder(self._choice, run_folder / "load" / self._choice.name, self._figures, self._masker)
        except GonogoError as error:
            exit_with(error, self._masker)
        policy = StopPolicy(size, lambda sent_s: recorder.so_far(self._choice.name, sent_s, extended=policy.extended),
                            self._choice.waived)
        self._recorder, self._stop_policy = recorder, policy
        if self._fleet:
            self._fleet.begin(recorder, self._choice.name, size)
        elif size.arrivals:
            ArrivalsUser.dispatcher = Dispatcher(
                size.arrivals, size.duration_s, self._choice.personas, ending=self._ending,
                begin=recorder.sampling.begin)

    def _users_at(self, elapsed_s: float) -> int:
        """The number of Locust users; in an open loop these are dispatchers, one in each process."""
        size = self._choice.size
        if size.arrivals:
            return self._fleet.size if self._fleet else 1
        return self._choice.declaration.shape(elapsed_s, size)

    @property
    def _spawn_rate(self) -> float:
        return 100.0 if self._choice.size.arrivals else self._choice.size.spawn_rate

    def _is_over(self, elapsed_s: float) -> bool:
        self._take_refused()
        return bool(self._refused) or (self._stop_policy is not None and self._stop_policy.is_over(elapsed_s))

    def _take_refused(self) -> None:
        """Take the refused requests of this process, and those that workers have reported."""
        self._refused += tuple(map(str, self._guard.taken()))
        if self._fleet:
            self._refused += self._fleet.refused()

    def _figures(self) -> Figures:
        if self._fleet:
            return self._fleet.figures()
        dispatcher = ArrivalsUser.dispatcher
        if dispatcher is None:
            return Figures(users=int(self._runner.user_count))
        arrived = dispatcher.arrived
        return Figures(dispatcher.under_way, arrived.due, arrived.started, arrived.dropped)

    def _on_request(self, **event: Any) -> None:  # noqa: ANN401  Locust's own
        if self._recorder:
            self._recorder.sampling.on_request(**event)

    def _on_user_error(self, **event: Any) -> None:  # noqa: ANN401
        if self._recorder:
            self._recorder.sampling.on_user_error(**event)

    def _on_spawning_complete(self, **_: object) -> None:
        if self._recorder:
            self._recorder.update_figures()

    def _on_test_stopping(self, **_: object) -> None:
        """Handle the first stop only: Locust stops twice if a signal ends it."""
        if self._stopping or not self._recorder:
            return
        self._stopping = True
        users = self._recorder.update_figures().users
        self._missing_users = 0 if self._choice.size.arrivals else max(0, self._shape.due_users - users)
        self._sent_s = self._shape.get_run_time()
        self._in_time = self._shape.over
        if self._fleet:
            self._fleet.finish(self._environment.stop_timeout)

    def _on_test_stop(self, **_: object) -> None:
        recorder, self._recorder = self._recorder, None
        if not recorder:
            return
        recorder.sampling.add_errors(self._suite.taken(at_end=True))
        recorder.sampling.add_errors(self._exit_code_of_suite())
        try:
            recorder.end(self._ending_of_run())
            evidence = read_load_evidence(recorder.folder)
        except GonogoError as error:
            exit_with(error, self._masker)
        findings = judge_load(evidence, self._choice.profile)
        self._answers.append(answer_of(findings))
        self._last_line = self._masker.text(last_line(self._choice.name, findings))
        self._own_code = self._environment.process_exit_code = int(self._exit_code)
        figures = [table(evidence, self._choice.profile), knee_line(evidence, self._choice.profile)]
        self._summary = self._masker.text(_summary("\n".join(filter(None, figures)), findings, recorder.folder))
        if self._environment.web_ui:
            _write(sys.stderr, f"{self._summary}{self._last_line}\n")

    def _ending_of_run(self) -> Ending:
        policy = self._stop_policy
        self._take_refused()
        reason = "" if self._in_time else (
            f"the run was stopped after {self._sent_s:.1f} of {self._choice.size.duration_s:g} s")
        refused = tuple(dict.fromkeys(self._refused))
        if refused:
            reason = "a request was refused"
        return Ending(finished=not reason, sent_s=self._sent_s, reason=reason,
                      aborted=policy.aborted if policy else None, extended=bool(policy and policy.extended),
                      knee_passed=bool(policy and policy.knee_passed), missing_users=self._missing_users,
                      lost_workers=self._fleet.lost if self._fleet else 0, refused=refused[:_MAX_REFUSED])

    def _on_quitting(self, **_: object) -> None:
        if self._recorder:
            self._environment.stop_timeout = min(self._environment.stop_timeout, _GRACE_WHEN_STOPPED_S)

    def _on_sigterm(self) -> None:
        if not self._recorder:
            raise SystemExit(int(self._exit_code))
        self._on_quitting()
        self._runner.quit()

    def _on_quit(self, exit_code: int, **_: object) -> None:
        """Print the verdict after Locust's own tables; what the suite did since the end of the run still counts."""
        if not self._reported:
            self._reported = True
            self._add_late_errors()
            if self._answers and not self._environment.web_ui:
                _write(sys.stderr, self._summary)
            _write(sys.stdout, f"{self._last_line}\n")
        self._on_verdict()
        if exit_code != self._exit_code:
            raise SystemExit(int(self._exit_code))

    def _add_late_errors(self) -> None:
        late = [*self._suite.taken(at_end=True), *self._exit_code_of_suite()]
        if late and self._exit_code is not ExitCode.NO_GO:
            self._answers.append(Answer.INCONCLUSIVE)
            self._last_line = self._masker.text(f"load {self._choice.name}: {Answer.INCONCLUSIVE}  {late[0]}")

    def _exit_code_of_suite(self) -> dict[str, int]:
        """Error text → 1 if the suite has set Locust's exit code to say that the run failed; it cannot say GO."""
        code = self._environment.process_exit_code
        return {} if code in (None, 0, self._own_code) else {f"the suite set Locust's exit code to {code}": 1}

    @property
    def _exit_code(self) -> ExitCode:
        return exit_code_of(next((answer for answer in _WORST_FIRST if answer in self._answers), Answer.INCONCLUSIVE))


def _write(stream: TextIO, text: str) -> None:
    output = lasting(stream)
    output.write(printable_lines(text))
    output.flush()


def _summary(figures: str, findings: tuple[Finding, ...], folder: Path) -> str:
    lines = [figures, *map(line_of, findings), f"evidence: {folder}"]
    return "\n" + "\n".join(lines) + "\n"


def _require_server(url: str) -> None:
    """Raise ProvisionError if no server listens at `url`: failed requests would then not concern the release."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)),
                                 timeout=_CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise ProvisionError(f"No server listens at {url}: {error.strerror or error}.",
                             fix="start the system; `gonogo run` and `behave` start it if `provision` is set."
                             ) from error
