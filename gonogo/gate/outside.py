"""Gathers what people and partners saw in the scenarios."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gonogo.config import Environment
from gonogo.core.errors import EvidenceError
from gonogo.model.calls import UnrecordedCause
from gonogo.model.drawn import DrawnValue
from gonogo.model.exchange import Exchange
from gonogo.model.outside import OutsideRecord
from gonogo.model.scenarios import Scenario
from gonogo.outside import Seen
from gonogo.outside.baseline import OutsideBaseline
from gonogo.outside.json_items import leaves_of
from gonogo.outside.mails import Caught, await_mails
from gonogo.records.drawn import DRAWN_FILE, read_drawn
from gonogo.records.outside import MAILS_FILE, OUTSIDE_FILE, read_kept_mails, read_outside, write_mails
from gonogo.secrets.masking import Masker
from gonogo.traffic.analysis import AnalysisContext, Recorded
from gonogo.traffic.analysis.join import with_scenarios

_CLOCKS_DIFFER_S = 60.0


def seconds_of(started: str) -> float:
    """The start of a run, as its documents have it, in seconds since the epoch."""
    return datetime.fromisoformat(started).timestamp()


@dataclass(frozen=True, slots=True)
class OutsideRecords:
    """What the scenarios' last attempts have recorded and drawn, by scenario key.

    `problems` are records that cannot be read or were cut. Drawn values that cannot be read are only not known by name.
    """

    by_scenario: Mapping[str, OutsideRecord]
    drawn: Mapping[str, tuple[DrawnValue, ...]]
    problems: tuple[str, ...]


def catch_mails(records: OutsideRecords, recorded: Recorded, environment: Environment, run_folder: Path, masker: Masker,
                *, baseline: OutsideBaseline | None, started_s: float) -> Caught:
    """Read the mails to addresses that a scenario has named, and write them to the run folder; load has its own.

    Those that the scenarios sent in `baseline` are waited for.
    """
    if environment.mail is None or not records.by_scenario:
        return Caught()
    passed = [scenario.key for scenario in recorded.scenarios if scenario.passed]
    caught = await_mails(environment.mail, started_s - _CLOCKS_DIFFER_S,
                         to=_maskers(records, recorded.exchanges, masker),
                         at_least=baseline.mails_of(passed) if baseline else 0)
    if caught.mails:
        write_mails(run_folder / MAILS_FILE, caught.mails, masker)
    return caught


def kept_mails(run_folder: Path, problem: str) -> Caught:
    """The mails in the folder of an earlier run. Raises EvidenceError if the file is damaged."""
    return Caught(read_kept_mails(run_folder / MAILS_FILE), problem)


def seen_of(records: OutsideRecords, recorded: Recorded, caught: Caught, context: AnalysisContext,
            environment: Environment, *, started_s: float) -> Seen:
    """Everything that people and partners saw; `started_s` is when the run began."""
    partners = frozenset(environment.third_parties)
    catcher = context.parties.name_of(environment.mail) if environment.mail else ""
    missed = any(each.cause is UnrecordedCause.TAP for each in recorded.unrecorded)
    return Seen(
        recorded.scenarios, records.by_scenario, drawn=records.drawn, exchanges=recorded.exchanges,
        between=with_scenarios(recorded), all_between=environment.wire.tap is not None and not missed,
        between_lost=missed, mails=caught.mails, problems=(*records.problems, *filter(None, [caught.problem])),
        third_parties=partners, tools=partners | {catcher} - {""}, probed=context.probed_endpoints, catcher=catcher,
        started_s=started_s)


def read_records(scenarios: Sequence[Scenario], run_folder: Path) -> OutsideRecords:
    records: dict[str, OutsideRecord] = {}
    problems: list[str] = []
    for scenario in scenarios:
        for path in scenario.attachments:
            if path.endswith(f"/{OUTSIDE_FILE}"):
                try:
                    records[scenario.key] = read_outside(run_folder / path)
                except EvidenceError as error:
                    problems.append(f"{scenario.name}: {error.what}")
    problems += [f"{scenario.name}: it showed more than is recorded" for scenario in scenarios
                 if scenario.key in records and records[scenario.key].cut]
    return OutsideRecords(records, dict(_drawn(scenarios, run_folder)), tuple(problems))


def _drawn(scenarios: Iterable[Scenario], run_folder: Path) -> Iterator[tuple[str, tuple[DrawnValue, ...]]]:
    for scenario in scenarios:
        for path in scenario.attachments:
            if path.endswith(f"/{DRAWN_FILE}"):
                with contextlib.suppress(EvidenceError):
                    yield scenario.key, read_drawn((run_folder / path).parent).values


def _maskers(records: OutsideRecords, exchanges: Sequence[Exchange], masker: Masker) -> dict[str, Masker]:
    """By address that a scenario has named, in lower case: what masks the secrets of these scenarios too."""
    traces = {exchange.scenario: exchange.trace_id for exchange in exchanges if exchange.trace_id}
    named: dict[str, set[str]] = defaultdict(set)  # address → the scenarios
    for key, value in _named_in(records.by_scenario, exchanges):
        if "@" in value:
            named[value.lower()].add(key)
    maskers = {keys: masker.among(traces.get(key, key) for key in keys) for keys in map(frozenset, named.values())}
    return {address: maskers[frozenset(keys)] for address, keys in named.items()}


def _named_in(records: Mapping[str, OutsideRecord], exchanges: Iterable[Exchange]) -> Iterator[tuple[str, str]]:
    """(scenario key, text) of what people put in, and what requests carry."""
    for key, record in records.items():
        yield from ((key, each.value) for each in record.inputs)
    for exchange in exchanges:
        yield from ((exchange.scenario, value) for _, value in leaves_of(exchange.request.json())
                    if isinstance(value, str))
