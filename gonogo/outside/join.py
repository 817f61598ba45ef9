"""compare_outside(seen, baseline) → the evidence of what people and partners saw, and this run's own baseline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, partial

from gonogo.model.drawn import DrawnValue
from gonogo.model.exchange import Exchange
from gonogo.model.outside import ChangeKind, Mail, OutsideChange, OutsideEvidence, OutsideRecord, Place, PlaceKind
from gonogo.model.scenarios import Scenario
from gonogo.outside.baseline import (
    PRESENCE,
    RACE,
    Inputs,
    KnownPlace,
    OutsideBaseline,
    Places,
    in_order_of,
    inputs_of,
    is_explained,
    known_places,
    varying_between,
)
from gonogo.outside.compare import ItemChange, changes
from gonogo.outside.observations import Observation, Shown, observations_of
from gonogo.outside.others import Others, by_scenario, owners_of
from gonogo.outside.races import has_race
from gonogo.outside.sources import Told, sources_of
from gonogo.outside.texts import Texts, plain
from gonogo.traffic.http.endpoints import Endpoints

MAX_CHANGES = 5_000
_MAX_APART = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What was recorded of a run. `records` and `drawn` are by scenario key; `exchanges` those of browsers and steps,
    `between` those between components, each with its scenario ("" if it is not known), `all_between` unless some are
    missing; `mails` of all scenarios, caught by `catcher`. `probed` are the endpoints of health and version by
    component: what they answer is no value for people. `problems` are why not all is known.
    """

    scenarios: Sequence[Scenario]
    records: Mapping[str, OutsideRecord]
    drawn: Mapping[str, Sequence[DrawnValue]]
    exchanges: Sequence[Exchange]
    between: Sequence[Exchange] = ()
    all_between: bool = True
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
    run = _Run(seen, endpoints, baseline)
    varying = baseline.varying if baseline else frozenset()
    observations = run.observations(varying)
    if baseline is not None and same_images:
        learnt = varying | {name for key, own in observations.items()
                            for name in varying_between(own, baseline.places.get(key, {}), run.today)}
        if learnt != varying:
            varying, observations = learnt, run.observations(learnt)
    own = OutsideBaseline(
        {key: run.steps(key) for key in observations},
        {key: in_order_of(run.known(key), known_places(
            each, run.today, run.inputs[key], varies=partial(run.varies, key))) for key, each in observations.items()},
        varying)
    evidence = OutsideEvidence(sum(map(len, observations.values())), problems=run.problems,
                               had_baseline=baseline is not None, views=seen.records, mails=tuple(seen.mails))
    if baseline is not None:
        evidence = _compared(evidence, run, own, baseline, observations, same_images=same_images)
    return evidence, own.with_earlier(baseline, same_images=same_images, today=run.today, is_all_known=run.is_all_known)


def _compared(evidence: OutsideEvidence, run: _Run, own: OutsideBaseline, baseline: OutsideBaseline,
              observations: Mapping[str, Sequence[Observation]], *, same_images: bool) -> OutsideEvidence:
    same = [key for key in observations if baseline.steps.get(key) == own.steps[key]]
    found = [change for key in same for change in (
        *_changes(key, own.places[key], baseline.places.get(key, {}), run, same_images=same_images),
        *_counts(key, own.places[key], baseline.places.get(key, {}), run, same_images=same_images))]
    found.sort(key=lambda change: (not change.proven, not change.is_data))  # what may stop the release is never cut
    problems = evidence.problems
    if len(found) > MAX_CHANGES:
        problems += (f"there are {len(found):,} differences; {MAX_CHANGES:,} of them are judged",)
    return replace(
        evidence, compared=len(same), changes=tuple(found[:MAX_CHANGES]), problems=problems,
        not_compared=tuple(run.names[key] for key in observations if key not in same),
        not_shown=sum(not place.is_counted and place not in own.places[key]
                      for key in same for place in baseline.places.get(key, {})))


class _Run:
    """The observations of one run; only scenarios that passed show what the system does for people."""

    def __init__(self, seen: Seen, endpoints: Endpoints, baseline: OutsideBaseline | None) -> None:
        self._seen = seen
        self._known = baseline.places if baseline else {}
        self._endpoints = endpoints
        self._moment = datetime.fromtimestamp(seen.started_s, UTC)
        self._others_of = cache(partial(self._others, owners_of(seen.exchanges)))
        self._exchanges = by_scenario(seen.exchanges, self._others_of)
        partners = (each for each in seen.between if each.callee in seen.third_parties)
        self._partners = by_scenario(partners, self._others_of)
        self._of_no_scenario = {(each.callee, endpoints.edge(each).operation) for each in self._partners.get("", ())}
        self.inputs: dict[str, Inputs] = {}  # by scenario key
        self._named = {key: _addresses(each.value for each in record.inputs) for key, record in seen.records.items()}
        self._retried = {scenario.key for scenario in seen.scenarios if len(scenario.attempts) > 1}
        self.names = {scenario.key: scenario.name for scenario in seen.scenarios}
        self._cut: set[str] = set()
        self._raced: set[str] = set()  # scenario keys

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
        partners = self._partners.get(key, [])
        if has_race(exchanges, self._endpoints):
            self._raced.add(key)
        told = Told(record, self._seen.drawn.get(key, ()), exchanges, partners)
        sources = sources_of(told, self._endpoints, varying, self._seen.tools)
        self.inputs[key] = inputs_of(sources, self.today)
        named = self._named[key] = _addresses(sources)
        mails = [mail for mail in self._seen.mails if not named.isdisjoint(map(str.lower, mail.recipients))]
        others = self._others_of(key)
        pages = tuple(replace(view, tree=others.left_out_of_tree(view.tree)) for view in record.pages)
        shown = Shown(replace(record, pages=pages), exchanges, partners, mails, self._seen.catcher)
        texts = Texts(sources, self._moment, record.locales)
        found, is_cut = observations_of(shown, texts, self._endpoints, self._seen.tools, self._seen.probed)
        if is_cut:
            self._cut.add(key)
        return found

    def known(self, key: str) -> Places:
        """What earlier runs have shown of the scenario, as it would be today."""
        return {place: each.on(self.today) for place, each in self._known.get(key, {}).items()}

    def _others(self, owners: Mapping[str, str], key: str) -> Others:
        shown_before = (item.text for place in self._known.get(key, {}).values() for item in place.items)
        return Others.of(owners, key, shown_before)

    def has_own_mails(self, key: str) -> bool:
        """Whether no other scenario or attempt has named its addresses: mails say for whom they are, not for which."""
        return key not in self._retried and not self._shares_addresses(key)

    def varies(self, key: str, place: Place) -> frozenset[str]:
        """A mail may be another scenario's, or one more that another attempt has sent; a race may decide the rest."""
        by_chance = place.kind is PlaceKind.MAIL and (self._shares_addresses(key) or (
            key in self._retried and place not in self._known.get(key, {})))
        return frozenset([*([PRESENCE] if by_chance else ()), *([RACE] if key in self._raced else ())])

    def _shares_addresses(self, key: str) -> bool:
        return any(not self._named[key].isdisjoint(named) for other, named in self._named.items() if other != key)

    def is_all_known(self, place: Place) -> bool:
        """Whether each of such places is known that there was: one that is not known was not there."""
        if not place.is_counted or self.problems:
            return False
        return place.kind is not PlaceKind.PARTNER or (
            self._seen.all_between and (place.component, place.name) not in self._of_no_scenario)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why not all is known that was seen: a scenario that passed must have left what it left in the baseline."""
        cut = (f"{self.names[key]}: it showed more than is compared" for key in sorted(self._cut))
        missing = (f"{scenario.name}: nothing of it was recorded" for scenario in self._seen.scenarios
                   if scenario.passed and self._known.get(scenario.key) and scenario.key not in self._seen.records)
        return (*self._seen.problems, *cut, *missing)


def _addresses(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values if "@" in value)


def _changes(scenario: str, own: Places, known: Places, run: _Run, *, same_images: bool,
             ) -> Iterator[OutsideChange]:
    """Each difference once, with the number of places that have it."""
    counts: Counter[tuple[object, ...]] = Counter()
    found: dict[tuple[object, ...], OutsideChange] = {}
    before = {place: each.on(run.today) for place, each in known.items()}
    moments = _Moments(own, before, run.steps(scenario))
    for place, now in own.items():
        was = before.get(place)
        if was is None or now.items == was.items or moments.is_another(place):
            continue
        for change in changes(now.items, was.items, place.person, in_any_order=place.is_of_partner):
            if was.is_known_to_vary(change) or (same_images and is_explained(change)):
                continue
            proven = not now.is_raced and was.proven(change, run.today, run.inputs[scenario])
            if same_images and not proven:
                continue  # no release made it: this run learns what varies
            each = _change(scenario, place, change, proven=proven)
            same = (each.kind, each.key, each.now, each.was, place.kind, place.name)
            counts[same] += 1
            found.setdefault(same, each)
    yield from (replace(each, count=counts[same]) for same, each in found.items())


class _Moments:
    """The reads of a scenario in the run and in the baseline: pages ask when they like."""

    def __init__(self, own: Places, before: Places, steps: Sequence[str]) -> None:
        self._own, self._before, self._steps = own, before, steps
        self._own_reads, self._reads_before = _reads_of(own), _reads_of(before)

    def is_another(self, place: Place) -> bool:
        """Whether a page has only asked a step earlier or later than in the baseline.

        Its answer is the baseline's of a step beside; or the baseline's answer has moved to the step after, so that one
        is the last of this step that was not in the baseline.
        """
        if not _is_read_of_page(place):
            return False
        own, before = self._own, self._before
        at = [number for number, step in enumerate(self._steps) if step == place.step]
        sooner, later = ({self._steps[each + by] for each in at if 0 <= each + by < len(self._steps)} for by in (-1, 1))
        return (any(_is_alike(own[place], before[other], place, other) for step in {*sooner, *later}
                    for other in self._reads_before.get(_read_in(place, step), ()))
                or any(_is_alike(own[other], before[place], place, other)
                       and not (other in before and _is_alike(own[other], before[other], other, other))
                       for step in later for other in self._own_reads.get(_read_in(place, step), ())))


def _is_read_of_page(place: Place) -> bool:
    return place.kind is PlaceKind.ANSWER and bool(place.person) and place.is_read


def _reads_of(places: Places) -> dict[Place, list[Place]]:
    """The reads of pages, by their place without its number."""
    reads: dict[Place, list[Place]] = defaultdict(list)
    for place in filter(_is_read_of_page, places):
        reads[_read_in(place, place.step)].append(place)
    return reads


def _read_in(place: Place, step: str) -> Place:
    return replace(place, step=step, ordinal=1)


def _is_alike(now: KnownPlace, was: KnownPlace, place: Place, other: Place) -> bool:
    """Equal but for what varies; of many reads of a step, only those near in number vary alike."""
    is_near = abs(place.ordinal - other.ordinal) <= _MAX_APART
    return now.items == was.items or (is_near and bool(was.varies) and all(
        was.is_known_to_vary(change) for change in changes(now.items, was.items, place.person)))


def _counts(scenario: str, own: Places, known: Places, run: _Run, *, same_images: bool) -> Iterator[OutsideChange]:
    """Mails, downloads and calls of partners of which there are more or fewer than in each run before."""
    before, now = _groups(known), _groups(own)
    for group in before | now:
        was = [known[place] for place in before.get(group, ())]
        number = len(now.get(group, ()))
        always = [each for each in was if not each.is_sometimes_there]
        most, least = len(was), len(always)
        if number < least:
            is_sure = run.is_all_known(group)
        else:
            is_sure = number > most and (group.kind is not PlaceKind.MAIL or run.has_own_mails(scenario))
        if not is_sure:
            continue
        kind = ChangeKind.COUNT if most else ChangeKind.ADDED
        # what was never there is told from what varies if anything of the scenario was seen often enough
        often = [each.is_proven_there(group, run.today, run.inputs[scenario])
                 for each in (always if number < least else was) or known.values()]
        proven = (all(often) if was else any(often)) and RACE not in run.varies(scenario, group)
        if same_images and not proven:
            continue
        yield OutsideChange(scenario, group, kind, "number", str(number), str(most if number > most else least),
                            "number", proven)


def _groups(places: Places) -> dict[Place, list[Place]]:
    """What is counted, by the place without its number."""
    groups: dict[Place, list[Place]] = defaultdict(list)
    for place in places:
        if place.is_counted:
            groups[replace(place, ordinal=1)].append(place)
    return dict(groups)


def _change(scenario: str, place: Place, change: ItemChange, *, proven: bool) -> OutsideChange:
    item = change.now or change.was
    where = f"{item.label}: {item.key}" if item and item.label else item.key if item else ""
    return OutsideChange(scenario, place, change.kind, where, plain(change.now.text) if change.now else "",
                         plain(change.was.text) if change.was else "", change.key, proven)
