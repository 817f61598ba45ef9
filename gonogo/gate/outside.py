"""Gathers what people and partners saw in the scenarios."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gonogo.config import Environment
from gonogo.core.errors import EvidenceError
from gonogo.model.drawn import DrawnValue
from gonogo.model.exchange import Exchange
from gonogo.model.outside import OutsideRecord
from gonogo.model.scenarios import Scenario
from gonogo.outside import Seen
from gonogo.outside.json_items import leaves_of
from gonogo.outside.mails import Caught, read_mails
from gonogo.records.drawn import DRAWN_FILE, read_drawn
from gonogo.records.outside import MAILS_FILE, OUTSIDE_FILE, read_kept_mails, read_outside, write_mails
from gonogo.secrets.masking import Masker
from gonogo.traffic.analysis import AnalysisContext, Recorded
from gonogo.traffic.analysis.join import with_scenarios

_CLOCKS_DIFFER_S = 60.0


def seconds_of(started: str) -> float:
    """The start of a run, as its documents have it, in seconds since the epoch."""
    return datetime.fromisoformat(started).timestamp()


def catch_mails(recorded: Recorded, environment: Environment, run_folder: Path, masker: Masker, *,
                started_s: float) -> Caught:
    """Read the mails to addresses that a scenario has named, and write them to the run folder; load has its own."""
    records, _ = _records(recorded.scenarios, run_folder)
    caught = _mails(environment, records, recorded.exchanges, started_s, masker)
    if caught.mails:
        write_mails(run_folder / MAILS_FILE, caught.mails, masker)
    return caught


def kept_mails(run_folder: Path, problem: str) -> Caught:
    """The mails in the folder of an earlier run. Raises EvidenceError if the file is damaged."""
    return Caught(read_kept_mails(run_folder / MAILS_FILE), problem)


def seen_of(recorded: Recorded, caught: Caught, context: AnalysisContext, environment: Environment, run_folder: Path,
            *, started_s: float) -> Seen:
    """Everything that people and partners saw; `started_s` is when the run began."""
    records, problems = _records(recorded.scenarios, run_folder)
    partners = frozenset(environment.third_parties)
    catcher = context.parties.name_of(environment.mail) if environment.mail else ""
    return Seen(
        recorded.scenarios, records, dict(_drawn(recorded.scenarios, run_folder)), recorded.exchanges,
        with_scenarios(recorded), caught.mails,
        (*problems, *filter(None, [caught.problem])), partners, partners | {catcher} - {""},
        context.probed_endpoints, catcher, started_s)


def _records(scenarios: Sequence[Scenario], run_folder: Path) -> tuple[dict[str, OutsideRecord], list[str]]:
    """By scenario key, of the last attempts; and the records that cannot be read."""
    records: dict[str, OutsideRecord] = {}
    problems: list[str] = []
    for scenario in scenarios:
        for path in scenario.attempts[-1].attachments if scenario.attempts else ():
            if path.endswith(f"/{OUTSIDE_FILE}"):
                try:
                    records[scenario.key] = read_outside(run_folder / path)
                except EvidenceError as error:
                    problems.append(f"{scenario.name}: {error.what}")
    problems += [f"{scenario.name}: it showed more than is recorded" for scenario in scenarios
                 if scenario.key in records and records[scenario.key].cut]
    return records, problems


def _drawn(scenarios: Iterable[Scenario], run_folder: Path) -> Iterator[tuple[str, tuple[DrawnValue, ...]]]:
    """Scenario key → the test data that it drew; what cannot be read is only not known by its name."""
    for scenario in scenarios:
        for path in scenario.attempts[-1].attachments if scenario.attempts else ():
            if path.endswith(f"/{DRAWN_FILE}"):
                with contextlib.suppress(EvidenceError):
                    yield scenario.key, read_drawn((run_folder / path).parent).values


def _mails(environment: Environment, records: Mapping[str, OutsideRecord], exchanges: Iterable[Exchange],
           started_s: float, masker: Masker) -> Caught:
    """The mails to addresses that a scenario has named, without the secrets of these scenarios: those of load are no
    scenario's.
    """
    if environment.mail is None or not records:
        return Caught()
    traces = {exchange.scenario: exchange.trace_id for exchange in exchanges if exchange.trace_id}
    named: dict[str, set[str]] = defaultdict(set)  # address → the scenarios
    for key, value in _named_in(records, exchanges):
        if "@" in value:
            named[value.lower()].add(key)
    maskers = {keys: masker.among(traces.get(key, key) for key in keys) for keys in map(frozenset, named.values())}
    return read_mails(environment.mail, started_s - _CLOCKS_DIFFER_S,
                      to={address: maskers[frozenset(keys)] for address, keys in named.items()})


def _named_in(records: Mapping[str, OutsideRecord], exchanges: Iterable[Exchange]) -> Iterator[tuple[str, str]]:
    """(scenario key, text) of what people put in, and what requests carry."""
    for key, record in records.items():
        yield from ((key, each.value) for each in record.inputs)
    for exchange in exchanges:
        yield from ((exchange.scenario, value) for _, value in leaves_of(exchange.request.json())
                    if isinstance(value, str))
