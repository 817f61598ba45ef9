"""compare_outside(seen, baseline) → the evidence of what people and partners saw, and this run's own baseline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from gonogo.model.drawn import DrawnValue
from gonogo.model.exchange import Exchange
from gonogo.model.outside import Mail, OutsideChange, OutsideEvidence, OutsideRecord
from gonogo.model.scenarios import Scenario
from gonogo.outside.baseline import (
    Inputs,
    OutsideBaseline,
    Places,
    inputs_of,
    is_explained,
    known_places,
    varying_between,
)
from gonogo.outside.compare import ItemChange, changes
from gonogo.outside.observations import Observation, Shown, observations_of
from gonogo.outside.sources import Told, sources_of
from gonogo.outside.texts import Texts, plain
from gonogo.traffic.http.endpoints import Endpoints

MAX_CHANGES = 5_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What was recorded of a run. `records` and `drawn` are by scenario key; `exchanges` those of browsers and steps,
    `between` those between components, each with its scenario; `mails` of all scenarios, caught by `catcher`. `probed`
    are the endpoints of health and version by component: what they answer is no value for people.
    """

    scenarios: Sequence[Scenario]
    records: Mapping[str, OutsideRecord]
    drawn: Mapping[str, Sequence[DrawnValue]]
    exchanges: Sequence[Exchange]
    between: Sequence[Exchange] = ()
    mails: Sequence[Mail] = ()
    problems: tuple[str, ...] = ()
    third_parties: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    probed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    catcher: str = ""
    started_s: float = 0.0


def compare_outside(seen: Seen, endpoints: Endpoints, baseline: OutsideBaseline | None, *,
                    same_images: bool) -> tuple[OutsideEvidence, OutsideBaseline]:
    """The evidence of this run, compared with `baseline` if there is one, and this run's own baseline."""
    run = _Run(seen, endpoints)
    varying = baseline.varying if baseline else frozenset()
    observations = run.observations(varying)
    if baseline is not None and same_images:
        learnt = varying | {name for key, own in observations.items()
                            for name in varying_between(own, baseline.places.get(key, {}), run.today)}
        if learnt != varying:
            varying, observations = learnt, run.observations(learnt)
    own = OutsideBaseline({key: run.steps(key) for key in observations},
                          {key: known_places(each, run.today, run.inputs[key]) for key, each in observations.items()},
                          varying)
    evidence = OutsideEvidence(sum(map(len, observations.values())), problems=seen.problems,
                               had_baseline=baseline is not None, views=seen.records, mails=tuple(seen.mails))
    if baseline is not None:
        same = {key for key in observations if baseline.steps.get(key) == own.steps[key]}
        changes_ = [change for key in observations if key in same for change in _changes(
            key, observations[key], baseline.places.get(key, {}), run, same_images=same_images)]
        evidence = replace(evidence, compared=len(same), changes=tuple(changes_[:MAX_CHANGES]), not_compared=tuple(
            scenario.name for scenario in seen.scenarios if scenario.key in observations.keys() - same))
    return evidence, own.with_earlier(baseline, same_images=same_images, today=run.today)


class _Run:
    """The observations of one run; only scenarios that passed show what the system does for people."""

    def __init__(self, seen: Seen, endpoints: Endpoints) -> None:
        self._seen = seen
        self._endpoints = endpoints
        self._moment = datetime.fromtimestamp(seen.started_s, UTC)
        self._exchanges = _by_scenario(seen.exchanges)
        self._partners = _by_scenario(each for each in seen.between if each.callee in seen.third_parties)
        self.inputs: dict[str, Inputs] = {}  # by scenario key

    @property
    def today(self) -> date:
        return self._moment.date()

    def steps(self, key: str) -> tuple[str, ...]:
        return tuple(step.text for step in self._seen.records[key].steps)

    def observations(self, varying: Collection[str]) -> dict[str, list[Observation]]:
        """By scenario key; `varying` are members of answers whose values are names."""
        return {scenario.key: self._of(scenario.key, self._seen.records[scenario.key], varying)
                for scenario in self._seen.scenarios if scenario.passed and scenario.key in self._seen.records}

    def _of(self, key: str, record: OutsideRecord, varying: Collection[str]) -> list[Observation]:
        exchanges = self._exchanges.get(key, [])
        told = Told(record, self._seen.drawn.get(key, ()), exchanges)
        sources = sources_of(told, self._endpoints, varying, self._seen.tools)
        self.inputs[key] = inputs_of(sources, self.today)
        shown = Shown(record, exchanges, self._partners.get(key, []), _mails_to(self._seen.mails, sources),
                      self._seen.catcher)
        texts = Texts(sources, self._moment, record.locales)
        return observations_of(shown, texts, self._endpoints, self._seen.tools, self._seen.probed)


def _by_scenario(exchanges: Iterable[Exchange]) -> dict[str, list[Exchange]]:
    found: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in sorted(exchanges, key=lambda each: each.started_s):
        found[exchange.scenario].append(exchange)
    return found


def _mails_to(mails: Iterable[Mail], sources: Collection[str]) -> list[Mail]:
    """The mails to addresses that this scenario has named: they differ from scenario to scenario."""
    known = {value.lower() for value in sources if "@" in value}
    return [mail for mail in mails if any(address.lower() in known for address in mail.recipients)]


def _changes(scenario: str, observations: Iterable[Observation], known: Places, run: _Run, *, same_images: bool,
             ) -> Iterator[OutsideChange]:
    """Each difference once, with the number of places that have it."""
    counts: Counter[tuple[object, ...]] = Counter()
    found: dict[tuple[object, ...], OutsideChange] = {}
    for observation in observations:
        place = observation.place
        was = known.get(place)
        for change in changes(observation.items, was.on(run.today).items, place.person) if was else ():
            if was is None or was.is_known_to_vary(change) or (same_images and is_explained(change)):
                continue
            each = _change(scenario, observation, change, proven=was.proven(change, run.today, run.inputs[scenario]))
            same = (each.kind, each.key, each.now, each.was, place.kind, place.name)
            counts[same] += 1
            found.setdefault(same, each)
    yield from (replace(each, count=counts[same]) for same, each in found.items())


def _change(scenario: str, observation: Observation, change: ItemChange, *, proven: bool) -> OutsideChange:
    item = change.now or change.was
    where = f"{item.label}: {item.key}" if item and item.label else item.key if item else ""
    return OutsideChange(scenario, observation.place, change.kind, where, plain(change.now.text) if change.now else "",
                         plain(change.was.text) if change.was else "", change.key, proven, observation.trace_id)
