"""Gathers what people and partners saw in the scenarios, and compares it with the baseline."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gonogo.config import Environment
from gonogo.core.errors import EvidenceError
from gonogo.model.calls import UnrecordedCause
from gonogo.model.drawn import DrawnValue
from gonogo.model.outside import OutsideEvidence, OutsideRecord
from gonogo.model.scenarios import Scenario
from gonogo.outside import Seen, compare_outside
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
    named = (each.value for record in records.by_scenario.values() for each in record.inputs)
    carried = (value for exchange in recorded.exchanges for _, value in leaves_of(exchange.request.json())
               if isinstance(value, str))
    wanted = frozenset(value.lower() for value in (*named, *carried) if "@" in value)
    passed = [scenario.key for scenario in recorded.scenarios if scenario.passed]
    caught = await_mails(environment.mail, started_s - _CLOCKS_DIFFER_S, masker, to=wanted,
                         at_least=baseline.mails_of(passed) if baseline else 0)
    if caught.mails:
        write_mails(run_folder / MAILS_FILE, caught.mails, masker)
    return caught


def kept_mails(run_folder: Path, problem: str) -> Caught:
    """The mails in the folder of an earlier run. Raises EvidenceError if the file is damaged."""
    return Caught(read_kept_mails(run_folder / MAILS_FILE), problem)


def outside_of(records: OutsideRecords, recorded: Recorded, caught: Caught, context: AnalysisContext,
               environment: Environment, *, baseline: OutsideBaseline | None, same_images: bool, started_s: float,
               ) -> tuple[OutsideEvidence, OutsideBaseline]:
    """The evidence of the run, compared with `baseline`, and its own baseline; `started_s` is when the run began."""
    partners = frozenset(environment.third_parties)
    catcher = context.parties.name_of(environment.mail) if environment.mail else ""
    missed = any(each.cause is UnrecordedCause.TAP for each in recorded.unrecorded)
    seen = Seen(
        recorded.scenarios, records.by_scenario, drawn=records.drawn, exchanges=recorded.exchanges,
        between=with_scenarios(recorded), all_between=environment.wire.tap is not None and not missed,
        mails=caught.mails, problems=(*records.problems, *filter(None, [caught.problem])), third_parties=partners,
        tools=partners | {catcher} - {""}, probed=context.probed_endpoints, catcher=catcher, started_s=started_s)
    return compare_outside(seen, context.endpoints, baseline, same_images=same_images)


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
