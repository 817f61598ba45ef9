"""What was recorded of a run, and what it shows: the places of each scenario, and what of them chance decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, cached_property, partial

from gonogo.model.drawn import DrawnValue
from gonogo.model.exchange import Exchange
from gonogo.model.outside import Mail, OutsideRecord, Place, PlaceKind
from gonogo.model.scenarios import Scenario
from gonogo.outside.baseline import PRESENCE, RACE, Inputs, OutsideBaseline, Places, inputs_of
from gonogo.outside.observations import Observation, Shown, observations_of
from gonogo.outside.others import Others, by_scenario, owners_of
from gonogo.outside.races import has_race
from gonogo.outside.sources import Told, sources_of
from gonogo.outside.texts import Texts
from gonogo.traffic.http.endpoints import Endpoints


@dataclass(frozen=True, slots=True)
class Seen:
    """What was recorded of a run. `records` and `drawn` are by scenario key; `exchanges` those of browsers and steps,
    `between` those between components, each with its scenario ("" if it is not known), `all_between` unless some are
    missing, `between_lost` if a tap was to record them and has not; `mails` of all scenarios, caught by `catcher`.
    `probed` are the endpoints of health and version by component: what they answer is no value for people. `problems`
    are why not all is known.
    """

    scenarios: Sequence[Scenario]
    records: Mapping[str, OutsideRecord]
    drawn: Mapping[str, Sequence[DrawnValue]]
    exchanges: Sequence[Exchange]
    between: Sequence[Exchange] = ()
    all_between: bool = True
    between_lost: bool = False
    mails: Sequence[Mail] = ()
    problems: tuple[str, ...] = ()
    third_parties: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    probed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    catcher: str = ""
    started_s: float = 0.0


class ObservedRun:
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
        return not self._shared.isdisjoint(self._named[key])

    @cached_property
    def _shared(self) -> frozenset[str]:
        """The addresses that several scenarios have named. To be asked once there are observations."""
        times = Counter(address for named in self._named.values() for address in named)
        return frozenset(address for address, count in times.items() if count > 1)

    def is_all_known(self, place: Place) -> bool:
        """Whether each of such places is known that there was: one that is not known was not there."""
        if not place.is_counted or self.problems:
            return False
        return place.kind is not PlaceKind.PARTNER or (
            self._seen.all_between and (place.component, place.name) not in self._of_no_scenario)

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Why not all is known that was seen: a scenario that passed must have left what it left in the baseline.

        To be asked once there are observations.
        """
        cut = (f"{self.names[key]}: it showed more than is compared" for key in sorted(self._cut))
        missing = (f"{scenario.name}: nothing of it was recorded" for scenario in self._seen.scenarios
                   if scenario.passed and self._known.get(scenario.key) and scenario.key not in self._seen.records)
        return (*self._seen.problems, *cut, *missing)

    @property
    def lost(self) -> tuple[str, ...]:
        """What the baseline has of scenarios that passed, and the run should have and has not recorded."""
        if not self._seen.between_lost or not any(
                place.is_of_partner for scenario in self._seen.scenarios if scenario.passed
                for place in self._known.get(scenario.key, {})):
            return ()
        return ("the tap has not recorded all calls of third parties, which the baseline has",)


def _addresses(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values if "@" in value)
