"""Collects the traffic of a run: receives spans while its stages run, and reads the recordings when they have ended.

`analysis` interprets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gonogo.config import Environment
from gonogo.core.errors import EvidenceError
from gonogo.model.calls import Blocked, Unrecorded, UnrecordedCause
from gonogo.model.exchange import Exchange
from gonogo.model.scenarios import Scenario
from gonogo.model.span import Span
from gonogo.model.trace_ids import TraceIds
from gonogo.records.har import Recording, read_recording, write_har
from gonogo.records.har_entry import entry_of
from gonogo.records.spans import SPANS_FILE, append_spans, read_spans
from gonogo.secrets.masking import Masker
from gonogo.traffic.analysis import Recorded
from gonogo.traffic.http.blocked import CONSOLE_FILE, blocked_in
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.spans.backends import TraceBackend, fetch_traces
from gonogo.traffic.spans.receiver import PROTOCOL, Receiver
from gonogo.traffic.spans.run_traces import sort_spans
from gonogo.traffic.spans.span_store import SpanStore
from gonogo.traffic.tap.record import Position, end_of_record, read_record

# Components export batches at least twice a second. If spans keep arriving (endless retries), enough are recorded.
_QUIET_S = 1.0
_MAX_S = 3.0
TAP_FILE = "tap.har"


@dataclass(slots=True)
class Traffic:
    """The traffic of one run. `listening` wraps the stages; `backend` has the traces if components export to one."""

    environment: Environment
    root: Path
    run_folder: Path
    masker: Masker
    trace_ids: TraceIds
    backend: TraceBackend | None = None
    _store: SpanStore = field(init=False)
    _tap_start: Position = field(default_factory=Position)

    def __post_init__(self) -> None:
        self._store = SpanStore(self.masker, file=self.run_folder / SPANS_FILE, is_issued=self.trace_ids.issued)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Receive spans within the block, if the environment has `traces: otlp`.

        The tap's record belongs to the run from here on.
        """
        self._tap_start = end_of_record(self._tap) if self._tap else Position()
        traces = self.environment.traces
        if traces is None or traces.otlp is None:
            yield
            return
        with Receiver(traces.otlp, self._store):
            yield

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables that make components of an environment that the gate starts send spans here."""
        traces = self.environment.traces
        if traces is None or traces.otlp is None:
            return {}
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": traces.otlp, "OTEL_EXPORTER_OTLP_PROTOCOL": PROTOCOL}

    def recorded(self, stages: Sequence[str], scenarios: Sequence[Scenario], parties: Parties,
                 load_s: tuple[float, float] | None, ended_s: float) -> Recorded:
        """Everything that was recorded; waits for spans that are still to arrive.

        `stages` are those that ran `scenarios`. `load_s` is the start and end of load in seconds since the epoch,
        `ended_s` the end of the stages on the monotonic clock.
        """
        of_scenarios = [(scenario, self._recordings(scenario, parties)) for scenario in scenarios if scenario.attempts]
        exchanges = tuple(exchange for _scenario, recordings in of_scenarios for recording in recordings if recording
                          for exchange in recording.exchanges)
        received, problems = self._spans(exchanges, ended_s)
        spans = sort_spans(received, self._began(exchanges))
        damaged = tuple(self._append_steps(stages))
        tapped = read_record(self._tap, parties, start=self._tap_start) if self._tap else Recording()
        between = self._between(tapped, load_s)
        silent = (f"the tap recorded no exchange in {self._tap}",) if self._tap and not between else ()
        return Recorded(scenarios=scenarios, exchanges=exchanges, between=between, spans=spans.own,
                        foreign_spans=spans.foreign, load_s=load_s, blocked=dict(self._blocked(scenarios, parties)),
                        problems=(*problems, *damaged, *silent),
                        unrecorded=(*self._unrecorded(of_scenarios), *self._missed_by_tap(tapped, between)))

    def _append_steps(self, stages: Iterable[str]) -> Iterator[str]:
        """Append the spans of the scenarios and their steps to those of the components; yields problems."""
        for stage in stages:
            spans, invalid = read_spans(self.run_folder / stage / SPANS_FILE)
            append_spans(self.run_folder / SPANS_FILE, spans, self.masker)
            if invalid:
                yield f"{invalid} lines of {stage}/{SPANS_FILE} cannot be read: steps are missing in the traces"

    def _began(self, exchanges: Iterable[Exchange]) -> Callable[[str], bool]:
        """Whether the run began a trace: its own processes, or a page that is instrumented itself.

        Components that keep 64 bits of an id have the second half of it.
        """
        sent = {exchange.trace_id for exchange in exchanges if exchange.trace_id}
        sent |= {trace_id[16:].zfill(32) for trace_id in sent}
        return lambda trace_id: trace_id in sent or self.trace_ids.issued(trace_id)

    def _blocked(self, scenarios: Iterable[Scenario], parties: Parties) -> Iterator[tuple[str, tuple[Blocked, ...]]]:
        for scenario in scenarios:
            for path in scenario.attempts[-1].attachments if scenario.attempts else ():
                if path.endswith(CONSOLE_FILE):
                    yield scenario.key, blocked_in(self.run_folder / path, parties)

    def _recordings(self, scenario: Scenario, parties: Parties) -> list[Recording | None]:
        """The recordings of the last attempt; None for one that cannot be read."""
        return [self._recording(self.run_folder / path, scenario, parties)
                for path in scenario.attempts[-1].attachments if path.endswith(".har")]

    def _recording(self, path: Path, scenario: Scenario, parties: Parties) -> Recording | None:
        try:
            return read_recording(path, parties.name_of, scenario=scenario.key)
        except EvidenceError:
            return None

    def _unrecorded(self, of_scenarios: Iterable[tuple[Scenario, Sequence[Recording | None]]]) -> Iterator[Unrecorded]:
        """The exchanges of scenarios that are not known; a scenario without a recording has none, if all are kept."""
        kept = self.environment.evidence.exchanges == "always"
        names: dict[UnrecordedCause, list[str]] = {cause: [] for cause in UnrecordedCause}
        for scenario, recordings in of_scenarios:
            if not recordings and not kept and scenario.passed:
                names[UnrecordedCause.PASSED].append(scenario.name)
            if None in recordings:
                names[UnrecordedCause.UNREADABLE].append(scenario.name)
            names[UnrecordedCause.INCOMPLETE] += [scenario.name] * sum(each.damaged for each in recordings if each)
        yield from (Unrecorded(cause, len(each), each[0]) for cause, each in names.items() if each)

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
            return self._store.spans, self._store.problems
        if self.backend is None:
            return (), ()
        fetched = fetch_traces(self.backend, {exchange.trace_id for exchange in exchanges if exchange.trace_id},
                               self.masker)
        append_spans(self.run_folder / SPANS_FILE, fetched.spans, self.masker)
        return fetched.spans, fetched.problems
