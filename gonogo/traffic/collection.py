"""Collects the traffic of a run: receives spans and logs while its stages run, and reads recordings and log files when
they have ended.

`analysis` interprets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gonogo.config import Environment
from gonogo.model.calls import Unrecorded, UnrecordedCause
from gonogo.model.exchange import Exchange
from gonogo.model.logs import LogRecord
from gonogo.model.scenarios import Scenario
from gonogo.model.span import Span
from gonogo.model.trace_ids import TraceIds
from gonogo.records.har import Recording, write_har
from gonogo.records.har_entry import entry_of
from gonogo.records.logs import LOGS_FILE, write_logs
from gonogo.records.spans import SPANS_FILE, append_spans, read_spans
from gonogo.secrets.masking import Masker
from gonogo.traffic.analysis import Recorded
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.logs.files import LogFiles
from gonogo.traffic.logs.log_store import LogStore
from gonogo.traffic.recordings import TAP_FILE, Gathered, ScenarioRecordings, recorded_traffic, run_began
from gonogo.traffic.spans.backends import TraceBackend, fetch_traces
from gonogo.traffic.spans.masking import searched
from gonogo.traffic.spans.receiver import PROTOCOL, Receiver
from gonogo.traffic.spans.span_store import SpanStore
from gonogo.traffic.tap.record import Position, end_of_record, read_record

# Components export batches at least twice a second. If spans keep arriving (endless retries), enough are recorded.
_QUIET_S = 1.0
_MAX_S = 3.0


@dataclass(slots=True)
class Traffic:
    """The traffic of one run. `listening` wraps the stages; `backend` has the traces if components export to one.

    `gathered` is what `recorded` found beside the recordings of the scenarios.
    """

    environment: Environment
    root: Path
    run_folder: Path
    masker: Masker
    trace_ids: TraceIds
    backend: TraceBackend | None = None
    gathered: Gathered | None = field(init=False, default=None)
    _store: SpanStore = field(init=False)
    _logs: LogStore = field(init=False)
    _log_files: LogFiles = field(init=False)
    _tap_start: Position = field(default_factory=Position)

    def __post_init__(self) -> None:
        self._store = SpanStore(self.masker, file=self.run_folder / SPANS_FILE, is_issued=self.trace_ids.issued)
        self._logs = LogStore(self.masker, is_issued=self.trace_ids.issued)
        self._log_files = LogFiles(self.environment.logs, self.root)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Receive spans and logs within the block, if the environment has `traces: otlp`.

        The tap's record and the log files belong to the run from here on.
        """
        self._tap_start = end_of_record(self._tap) if self._tap else Position()
        traces = self.environment.traces
        with closing(self._log_files):
            self._log_files.start()
            if traces is None or traces.otlp is None:
                yield
                return
            with Receiver(traces.otlp, self._store, self._logs):
                yield

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables that make components of an environment that the gate starts send spans, and logs,
        here.
        """
        traces = self.environment.traces
        if traces is None or traces.otlp is None:
            return {}
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": traces.otlp, "OTEL_EXPORTER_OTLP_PROTOCOL": PROTOCOL}

    def recorded(self, stages: Sequence[str], scenarios: Sequence[Scenario], parties: Parties,
                 load_s: tuple[float, float] | None, ended_s: float, *, probed: tuple[Exchange, ...] = ()) -> Recorded:
        """Everything that was recorded; waits for spans that are still to arrive.

        `stages` are those that ran `scenarios`. `load_s` is the start and end of load in seconds since the epoch,
        `ended_s` the end of the stages on the monotonic clock. `probed` are traced requests that no scenario sent.
        """
        recordings = ScenarioRecordings.read(self.run_folder, scenarios, parties)
        exchanges = (*recordings.exchanges, *probed)
        self.gathered = self._gathered(stages, exchanges, parties, load_s, ended_s)
        return recorded_traffic(recordings, self.gathered, parties, self.environment, probed)

    def _gathered(self, stages: Sequence[str], exchanges: Sequence[Exchange], parties: Parties,
                  load_s: tuple[float, float] | None, ended_s: float) -> Gathered:
        received, problems = self._spans(exchanges, ended_s)
        logs = self._read_logs(run_began(exchanges, self.trace_ids), ended_s)
        damaged = tuple(self._append_steps(stages))
        tapped = read_record(self._tap, parties, start=self._tap_start) if self._tap else Recording()
        between = self._between(tapped, load_s)
        silent = (f"the tap recorded no exchange in {self._tap}",) if self._tap and not between else ()
        return Gathered(self.trace_ids, received, between, load_s, problems, damaged, silent,
                        tuple(self._missed_by_tap(tapped, between)), logs, self._logs.received, self._log_problems,
                        self.masker.marks())

    def _read_logs(self, is_own: Callable[[str], bool], ended_s: float) -> tuple[LogRecord, ...]:
        """The log records of the run, masked by all that its scenarios used, and written to the run folder."""
        if self.environment.traces is not None and self.environment.traces.otlp is not None:
            self._logs.arrivals.drain(since_s=ended_s, quiet_s=_QUIET_S, max_s=_MAX_S)
        self._logs.add(self._log_files.records())
        records = self._logs.masked(is_own)
        if records:
            write_logs(self.run_folder / LOGS_FILE, records, self.masker)
        return records

    @property
    def _log_problems(self) -> tuple[str, ...]:
        return (*self._logs.problems, *self._log_files.problems)

    def _append_steps(self, stages: Iterable[str]) -> Iterator[str]:
        """Append the spans of the scenarios and their steps to those of the components; yields problems."""
        for stage in stages:
            spans, invalid = read_spans(self.run_folder / stage / SPANS_FILE)
            append_spans(self.run_folder / SPANS_FILE, spans, self.masker)
            if invalid:
                yield f"{invalid} lines of {stage}/{SPANS_FILE} cannot be read: steps are missing in the traces"

    def _missed_by_tap(self, tapped: Recording, between: Sequence[Exchange]) -> Iterator[Unrecorded]:
        if self._tap and (tapped.damaged or not between):
            yield Unrecorded(UnrecordedCause.TAP, tapped.damaged, str(self.environment.wire.tap))

    @property
    def _tap(self) -> Path | None:
        return self.root / self.environment.wire.tap if self.environment.wire.tap else None

    def _between(self, tapped: Recording, load_s: tuple[float, float] | None) -> tuple[Exchange, ...]:
        """The tap's exchanges during the run, without those under load: the load stage has its own figures."""
        begun_s, ended_s = load_s or (0.0, 0.0)
        between = tuple(exchange for exchange in tapped.exchanges
                        if not begun_s <= exchange.started_s <= ended_s)
        if between:
            write_har(self.run_folder / TAP_FILE, map(entry_of, between), self.masker)
        return between

    def _spans(self, exchanges: Iterable[Exchange], ended_s: float) -> tuple[tuple[Span, ...], tuple[str, ...]]:
        traces = self.environment.traces
        if traces is None:
            return (), ()
        if traces.otlp is not None:
            self._store.drain(since_s=ended_s, quiet_s=_QUIET_S, max_s=_MAX_S)
            self._store.mask_again()
            return self._store.spans, self._store.problems
        if self.backend is None:
            return (), ()
        fetched = fetch_traces(self.backend, {exchange.trace_id for exchange in exchanges if exchange.trace_id},
                               self.masker)
        spans, _ = searched(fetched.spans, self.masker)
        append_spans(self.run_folder / SPANS_FILE, spans, self.masker)
        return spans, fetched.problems
