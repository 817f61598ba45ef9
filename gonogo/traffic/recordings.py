"""The traffic that a run leaves in its folder: recordings of scenarios, of the tap and of spans, read for the analysis.

The gate reads it when the stages have ended; a run that is judged again reads the same files. `collection` gathers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gonogo.config import Environment
from gonogo.core.errors import EvidenceError
from gonogo.model.calls import Blocked, Unrecorded, UnrecordedCause
from gonogo.model.exchange import Exchange
from gonogo.model.invariants import ConsoleMessage
from gonogo.model.logs import LogRecord
from gonogo.model.scenarios import Scenario
from gonogo.model.span import Span
from gonogo.model.trace_ids import TraceIds
from gonogo.records.console import CONSOLE_FILE, read_console
from gonogo.records.har import Recording, read_recording
from gonogo.records.logs import LOGS_FILE, read_logs
from gonogo.records.spans import SPANS_FILE, read_spans
from gonogo.traffic.analysis import Recorded
from gonogo.traffic.http.blocked import blocked_in
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.spans.run_traces import sort_spans

TAP_FILE = "tap.har"
_RUN_AGAIN = "run the gate again; nothing else may write to the run folder."


@dataclass(frozen=True, slots=True)
class Gathered:
    """The traffic beside the recordings of the scenarios, and what of it is missing.

    `spans` are those that were received or fetched, also of foreign traces; `between` are the tap's exchanges during
    the run; `logs` the records of the run's traces, all errors and all that have a mask, of `log_records` that came.
    The problems are by source: the spans of components, those of steps, the tap, logs. `marks` are the masks of all
    values that are known to be secret.
    """

    trace_ids: TraceIds
    spans: tuple[Span, ...] = ()
    between: tuple[Exchange, ...] = ()
    load_s: tuple[float, float] | None = None
    span_problems: tuple[str, ...] = ()
    step_problems: tuple[str, ...] = ()
    tap_problems: tuple[str, ...] = ()
    missed_by_tap: tuple[Unrecorded, ...] = ()
    logs: tuple[LogRecord, ...] = ()
    log_records: int = 0
    log_problems: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ScenarioRecordings:
    """The recordings of the scenarios' last attempts; None stands for one that cannot be read."""

    run_folder: Path
    scenarios: tuple[Scenario, ...]
    of_scenarios: tuple[tuple[Scenario, tuple[Recording | None, ...]], ...]

    @classmethod
    def read(cls, run_folder: Path, scenarios: Iterable[Scenario], parties: Parties) -> Self:
        every = tuple(scenarios)
        return cls(run_folder, every, tuple((scenario, _recordings(run_folder, scenario, parties))
                                            for scenario in every if scenario.attempts))

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(exchange for _scenario, recordings in self.of_scenarios for recording in recordings if recording
                     for exchange in recording.exchanges)

    def unrecorded(self, *, all_kept: bool) -> Iterator[Unrecorded]:
        """The exchanges that are not known; a scenario without a recording has none if `all_kept`."""
        names: dict[UnrecordedCause, list[str]] = {cause: [] for cause in UnrecordedCause}
        for scenario, recordings in self.of_scenarios:
            if not recordings and not all_kept and scenario.passed:
                names[UnrecordedCause.PASSED].append(scenario.name)
            if None in recordings:
                names[UnrecordedCause.UNREADABLE].append(scenario.name)
            names[UnrecordedCause.INCOMPLETE] += [scenario.name] * sum(each.damaged for each in recordings if each)
        yield from (Unrecorded(cause, len(each), each[0]) for cause, each in names.items() if each)

    def blocked(self, parties: Parties) -> Iterator[tuple[str, tuple[Blocked, ...]]]:
        """Scenario key → the resources that its browser blocked."""
        for scenario, path in self._consoles():
            yield scenario.key, blocked_in(path, parties)

    def console(self) -> Iterator[tuple[str, tuple[ConsoleMessage, ...] | None]]:
        """Scenario key → what its pages logged; None if that cannot be read."""
        for scenario, path in self._consoles():
            try:
                yield scenario.key, read_console(path)
            except EvidenceError:
                yield scenario.key, None

    def _consoles(self) -> Iterator[tuple[Scenario, Path]]:
        for scenario in self.scenarios:
            for path in scenario.attachments:
                if path.endswith(f"/{CONSOLE_FILE}"):
                    yield scenario, self.run_folder / path


def recorded_traffic(recordings: ScenarioRecordings, gathered: Gathered, parties: Parties,
                     environment: Environment, probed: tuple[Exchange, ...] = ()) -> Recorded:
    """Everything that was recorded of a run in `environment`; `probed` are traced requests that no scenario sent."""
    exchanges = recordings.exchanges
    spans = sort_spans(gathered.spans, run_began((*exchanges, *probed), gathered.trace_ids))
    console = dict(recordings.console())
    unsearched = (*gathered.log_problems, *_not_shown(recordings, console.values(), environment))
    return Recorded(
        scenarios=recordings.scenarios, exchanges=exchanges, probed=probed, between=gathered.between, spans=spans.own,
        foreign_spans=spans.foreign, load_s=gathered.load_s, blocked=dict(recordings.blocked(parties)),
        logs=gathered.logs, log_records=gathered.log_records, marks=gathered.marks,
        console={key: messages or () for key, messages in console.items()},
        unsearched=(*gathered.span_problems, *unsearched),
        problems=(*gathered.span_problems, *unsearched, *gathered.step_problems, *gathered.tap_problems),
        unrecorded=(*recordings.unrecorded(all_kept=environment.evidence.exchanges == "always"),
                    *gathered.missed_by_tap))


def _not_shown(recordings: ScenarioRecordings, consoles: Iterable[Sequence[ConsoleMessage] | None],
               environment: Environment) -> Iterator[str]:
    """What is not known of that which pages showed and logged."""
    if recordings.of_scenarios and not environment.evidence.outside:
        yield "what pages and mails showed was not recorded: evidence.outside is false"
    if unreadable := sum(messages is None for messages in consoles):
        yield f"{unreadable} {CONSOLE_FILE} cannot be read"


def spans_in(run_folder: Path, count: int) -> tuple[Span, ...]:
    """The first `count` spans of a run folder: those that were received, before the steps' were appended.

    Raises EvidenceError if there are fewer.
    """
    spans, _invalid = read_spans(run_folder / SPANS_FILE) if count else ((), 0)
    if len(spans) < count:
        raise EvidenceError(f"{SPANS_FILE} has {len(spans)} spans; the run received {count}.",
                            where=str(run_folder / SPANS_FILE), fix=_RUN_AGAIN)
    return spans[:count]


def logs_in(run_folder: Path, count: int) -> tuple[LogRecord, ...]:
    """The log records of a run folder. Raises EvidenceError if there are not `count`."""
    logs, _invalid = read_logs(run_folder / LOGS_FILE) if count else ((), 0)
    if len(logs) != count:
        raise EvidenceError(f"{LOGS_FILE} has {len(logs)} records; the run kept {count}.",
                            where=str(run_folder / LOGS_FILE), fix=_RUN_AGAIN)
    return logs


def tapped_in(run_folder: Path, parties: Parties) -> tuple[Exchange, ...]:
    """The tap's exchanges in a run folder; none without the file. Raises EvidenceError if it cannot be read."""
    path = run_folder / TAP_FILE
    return read_recording(path, parties.name_of).exchanges if path.exists() else ()


def run_began(exchanges: Iterable[Exchange], trace_ids: TraceIds) -> Callable[[str], bool]:
    """Whether the run began a trace: its own processes, or a page that is instrumented itself.

    Components that keep 64 bits of an id have the second half of it.
    """
    sent = {exchange.trace_id for exchange in exchanges if exchange.trace_id}
    sent |= {trace_id[16:].zfill(32) for trace_id in sent}
    return lambda trace_id: trace_id in sent or trace_ids.issued(trace_id)


def _recordings(run_folder: Path, scenario: Scenario, parties: Parties) -> tuple[Recording | None, ...]:
    return tuple(_recording(run_folder / path, scenario, parties)
                 for path in scenario.attachments if path.endswith(".har"))


def _recording(path: Path, scenario: Scenario, parties: Parties) -> Recording | None:
    try:
        return read_recording(path, parties.name_of, scenario=scenario.key)
    except EvidenceError:
        return None
