"""The outside of a GO as a baseline for later runs: places by scenario, with what varies among runs of equal images.

The history stores it as the document `outside`.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from pydantic import BaseModel

from gonogo.model.outside import ChangeKind, Place, PlaceKind
from gonogo.outside.compare import ItemChange, changes, key_of, value_variation
from gonogo.outside.observations import Item, Observation
from gonogo.outside.texts import ID, data_of, plain, shifted, wording_of

KIND = "outside"
MAX_DAYS = 3  # that a place remembers
MAX_INPUTS = 10
PRESENCE = "presence"  # the variation of a place that is not there in each run
RACE = "race"  # of one that shows what chance has decided
_MANY = 5  # other dates with which a place was the same
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ANSWERED = {PlaceKind.ANSWER: "", PlaceKind.PARTNER: "answer."}  # how the members of answers begin there
_NAME = re.compile(r"(?=.*[^\W\d_])[\w-]{3,64}|\d{6,}")


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """The items of a place in the last run; `runs`, `days` and `inputs` tell how often, when and with which dates.

    `varies` are the variations (`ItemChange.variations`) between runs of the same images, `constants` the items that
    were there in every run, although others of their key varied: one of several prices that was always the same.
    """

    items: tuple[Item, ...]
    varies: frozenset[str] = frozenset()
    constants: frozenset[Item] = frozenset()
    runs: int = 1
    days: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    def proven(self, change: ItemChange, today: date, inputs: Inputs = ()) -> bool:
        """Whether it was seen often enough to tell a change from what varies, also from day to day and date to date.

        What a system answers can depend on the date that it is asked for, as fares and times of the day do.
        """
        min_runs = 3 if change.variations <= self.varies else 2
        return not self.is_raced and self.runs >= min_runs and self._was_seen_alike(today, inputs)

    def is_proven_there(self, place: Place, today: date, inputs: Inputs = ()) -> bool:
        """As `proven`, for the place itself. A token or an answer that is kept for a while shows in the third run."""
        min_runs = 3 if place.kind is PlaceKind.PARTNER else 2
        return not self.is_raced and self.runs >= min_runs and self._was_seen_alike(today, inputs)

    def _was_seen_alike(self, today: date, inputs: Inputs) -> bool:
        same_day = today.isoformat() in self.days or len(self.days) >= 2
        same_inputs = not inputs or not set(self.inputs).isdisjoint(inputs) or len(self.inputs) >= _MANY * len(inputs)
        return same_day and same_inputs

    @property
    def is_sometimes_there(self) -> bool:
        """Whether runs of the same images had it, and others had not."""
        return PRESENCE in self.varies

    @property
    def is_raced(self) -> bool:
        """Whether chance has decided what it shows: who came first to what several people wanted."""
        return RACE in self.varies

    def is_known_to_vary(self, change: ItemChange) -> bool:
        """An item of values that vary and stands elsewhere is only equal by chance."""
        values = _values(change.now) if change.now is not None and change.now == change.was else None
        if values and values <= self.varies:
            return True
        return change.variations <= self.varies and (change.was is None or change.was not in self.constants)

    def on(self, today: date) -> KnownPlace:
        """With dates that move with the day of the run moved to `today`."""
        days = (today - date.fromisoformat(self.days[-1])).days if self.days else 0
        if not days:
            return self
        return replace(self, items=tuple(replace(item, text=shifted(item.text, days)) for item in self.items))


Places = Mapping[Place, KnownPlace]
Inputs = tuple[str, ...]  # the digests of the dates that a scenario put in, as they are and counted from today


@dataclass(frozen=True, slots=True)
class OutsideBaseline:
    """By scenario key: the texts of its steps, and its places. `varying` are members of answers that vary."""

    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, Places] = field(default_factory=dict)
    varying: frozenset[str] = frozenset()

    def with_earlier(self, earlier: OutsideBaseline | None, *, same_images: bool, today: date,
                     is_all_known: Callable[[Place], bool] = lambda place: place.is_counted,
                     is_another_moment: Callable[[str, Place], bool] = lambda *_: False) -> OutsideBaseline:
        """This run with what earlier ones have learnt: what differs between runs of the same images varies.

        Where this run has a source's name for a value that stood for itself before, the name explains the difference.
        Where a place was not shown, and not all of such places are known, it stays as it was; so does an answer of
        another moment (scenario key, place), which shows nothing that varies.
        """
        if earlier is None:
            return self
        places = dict(earlier.places)
        for scenario, own in self.places.items():
            known = earlier.places.get(scenario) if earlier.steps.get(scenario) == self.steps.get(scenario) else None
            kept = {place: known[place] for place in own
                    if known and place in known and same_images and is_another_moment(scenario, place)}
            places[scenario] = {**_still_known(known or {}, is_all_known, same_images=same_images),
                                **_learnt_places(own, known, same_images=same_images, today=today), **kept}
        return OutsideBaseline({**earlier.steps, **self.steps}, places, self.varying | earlier.varying)

    def mails_of(self, scenarios: Iterable[str]) -> int:
        """The number of mails that each run has sent in these scenarios (keys)."""
        return sum(place.kind is PlaceKind.MAIL and not known.is_sometimes_there
                   for scenario in scenarios for place, known in self.places.get(scenario, {}).items())

    def as_document(self) -> dict[str, object]:
        return {"version": 1, "varying": sorted(self.varying),
                "steps": {scenario: list(steps) for scenario, steps in self.steps.items()},
                "places": {scenario: [[[place.kind.value, place.name, place.person, place.step, place.ordinal,
                                        place.component],
                                       [_written(item) for item in known.items], sorted(known.varies),
                                       [_written(item) for item in sorted(known.constants, key=repr)], known.runs,
                                       list(known.days), list(known.inputs)] for place, known in places.items()]
                           for scenario, places in self.places.items()}}

    @classmethod
    def from_document(cls, document: object) -> OutsideBaseline | None:
        """The stored baseline; None if it is not valid, or of another version."""
        try:
            read = _Document.model_validate(document)
            places = {scenario: dict(_place(*entry) for entry in each) for scenario, each in read.places.items()}
        except ValueError:
            return None
        return cls({key: tuple(steps) for key, steps in read.steps.items()}, places, frozenset(read.varying))


def _place(place: _Place, items: list[_Item], varies: list[str], constants: list[_Item], runs: int, *more: list[str],
           ) -> tuple[Place, KnownPlace]:
    days, inputs = more
    return Place(PlaceKind(place[0]), *place[1:]), KnownPlace(
        tuple(Item(*item) for item in items), frozenset(varies), frozenset(Item(*item) for item in constants), runs,
        tuple(days), tuple(inputs))


def _written(item: Item) -> list[str]:
    return [item.key, item.text, item.label]


_Item = tuple[str, str, str]
_Place = tuple[str, str, str, str, int, str]


class _Document(BaseModel):
    version: Literal[1]
    varying: list[str]
    steps: dict[str, list[str]]
    places: dict[str, list[tuple[_Place, list[_Item], list[str], list[_Item], int, list[str], list[str]]]]


def known_places(observations: Iterable[Observation], today: date, inputs: Inputs = (), *,
                 varies: Callable[[Place], frozenset[str]] = lambda _: frozenset()) -> dict[Place, KnownPlace]:
    """`varies`: what is known to vary from the run itself."""
    return {each.place: KnownPlace(each.items, varies(each.place), days=(today.isoformat(),), inputs=inputs)
            for each in observations}


def numbered_as(known: Places, own: Mapping[Place, KnownPlace]) -> dict[Place, KnownPlace]:
    """`own` with the numbers that equal mails and calls of a partner have in `known`: they come in any order.

    Whole ones change places, so that nothing of one passes for a part of another.
    """
    numbered: dict[Place, list[Place]] = defaultdict(list)
    for place in own:
        if place.kind in (PlaceKind.MAIL, PlaceKind.PARTNER):
            numbered[replace(place, ordinal=1)].append(place)
    moved = dict(own)
    for places in numbered.values():
        waiting = [place for place in places if place not in known or own[place].items != known[place].items]
        free = {known[place].items: place for place in reversed(waiting) if place in known}
        rest, left = [], set(waiting)
        for place in waiting:
            target = free.pop(own[place].items, None)
            if target is None:
                rest.append(place)
            else:
                moved[target] = own[place]
                left.discard(target)
        for place, target in zip(rest, sorted(left, key=lambda each: each.ordinal), strict=True):
            moved[target] = own[place]
    return moved


def inputs_of(sources: Mapping[str, str], today: date) -> Inputs:
    """The digests of the dates among the values of sources; () without a date."""
    dates = sorted((name, value) for value, name in sources.items() if name and _DATE.fullmatch(value))
    if not dates:
        return ()
    days = [(name, (date.fromisoformat(value) - today).days) for name, value in dates]
    return _digest(dates), _digest(days)


def _digest(values: object) -> str:
    return hashlib.sha256(repr(values).encode("utf-8", "replace")).hexdigest()[:12]


def _still_known(was: Places, is_all_known: Callable[[Place], bool], *, same_images: bool) -> dict[Place, KnownPlace]:
    """What a run does not forget that did not show it. A page that a new release does not show is none of it."""
    places = {}
    for place, known in was.items():
        if not is_all_known(place) and (same_images or place.is_counted):
            places[place] = known
        elif same_images:
            places[place] = replace(known, varies=known.varies | {PRESENCE})
    return places


def _learnt_places(now: Places, was: Places | None, *, same_images: bool, today: date) -> dict[Place, KnownPlace]:
    """`was` is None for a scenario that no run before had; one that showed nothing has no places."""
    places = {}
    for place, each in now.items():
        if was and place in was:
            places[place] = _learnt(each, was[place], place, same_images=same_images, today=today)
        elif was is not None and same_images:
            places[place] = replace(each, varies=each.varies | {PRESENCE})
        else:
            places[place] = each
    return places


def _learnt(now: KnownPlace, was: KnownPlace, place: Place, *, same_images: bool, today: date) -> KnownPlace:
    before = was.on(today)
    different: frozenset[str] = frozenset()
    if same_images:
        differences = changes(now.items, before.items, place.person, in_any_order=place.is_of_partner)
        different = frozenset().union(*(change.variations for change in differences if not is_explained(change)))
    days = tuple(dict.fromkeys([*was.days, *now.days]))[-MAX_DAYS:]
    varies = (was.varies - {RACE}) | now.varies | different  # what is kept are the items of this run
    always = {item for item in before.items if not _values(item) & was.varies} | was.constants
    constants = frozenset(item for item in now.items if _values(item) & varies and item in always)
    return replace(now, varies=varies, constants=constants if same_images else was.constants, runs=was.runs + 1,
                   days=days, inputs=tuple(dict.fromkeys([*was.inputs, *now.inputs]))[-MAX_INPUTS:])


def _values(item: Item) -> frozenset[str]:
    """The variations of the data in an item."""
    return frozenset(value_variation(key_of(item), number) for number in range(len(data_of(item.text))))


def is_explained(change: ItemChange) -> bool:
    """Whether now only the names of sources stand where values stood for themselves."""
    if change.now is None or change.was is None or wording_of(change.now.text) != wording_of(change.was.text):
        return False
    pairs = zip(data_of(change.now.text), data_of(change.was.text), strict=True)
    return all(now == was or (now.startswith("‹") and (was == ID or not was.startswith("‹"))) for now, was in pairs)


def varying_between(now: Iterable[Observation], was: Places, today: date) -> Iterator[str]:
    """The members of answers that are texts, and differ between two runs of the same images: their values are names."""
    for observation in now:
        known = was.get(observation.place)
        prefix = _ANSWERED.get(observation.place.kind)
        if prefix is None or known is None:
            continue
        for change in changes(
                observation.items, known.on(today).items, observation.place.person,
                in_any_order=observation.place.is_of_partner):
            if (change.kind is ChangeKind.ALTERED and change.now and change.was and change.now.key.startswith(prefix)
                    and _is_name(change.now, change.was)):
                yield f"{observation.place.name}: {change.now.key.removeprefix(prefix)}"


def _is_name(now: Item, was: Item) -> bool:
    """Whether both are one word, and no figures: amounts and times that vary are no names."""
    texts = [plain(item.text) for item in (now, was)]
    return now.key not in ("status", "answer.status") and all(_NAME.fullmatch(text) for text in texts)
