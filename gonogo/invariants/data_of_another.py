"""Data of another: what one person put in reaches another, who did not get to see it in the baseline.

Within a scenario, it is another person or a third party; between scenarios, a value that one of them alone put in and
another is shown, as by a cache with a key that is too short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gonogo.invariants.own_values import OwnValue, OwnValues
from gonogo.invariants.shown import ShownText, is_address
from gonogo.model.invariants import Fault
from gonogo.model.outside import PlaceKind
from gonogo.model.rules.invariants import DataOfAnother

RULE = "data-of-another"
MIN_CHARS_ELSEWHERE = 8  # shorter ones can be equal by chance


def data_of_another(texts: Iterable[ShownText], values: OwnValues) -> Iterator[Fault]:
    """Every value at a place where its owner is not the reader. Within a scenario that is often meant."""
    for shown in texts:
        if is_address(shown.where):
            continue  # nobody reads a value in it
        for value in values.within(shown.text, shown.scenario):
            if shown.place.kind is PlaceKind.PARTNER:
                if value.scenario == shown.scenario and _is_distinctive(value.text):
                    yield _fault(shown, value, elsewhere="")
            elif value.scenario != shown.scenario:
                if _is_distinctive(value.text):
                    yield _fault(shown, value, elsewhere=value.scenario)
            elif shown.place.person and value.person and shown.place.person not in value.people:
                yield _fault(shown, value, elsewhere="")


def _is_distinctive(text: str) -> bool:
    return len(text) >= MIN_CHARS_ELSEWHERE and (any(map(str.isdigit, text)) or "@" in text or " " in text)


def _fault(shown: ShownText, value: OwnValue, *, elsewhere: str) -> Fault:
    """The key of a value of another scenario has its field and its place: who reads a list of all sees any of them.

    So has that of a third party, who gets anyone's, and its findings are one for all scenarios.
    """
    place = shown.place
    alike = (place.kind.value, place.name, place.component, value.field)
    if elsewhere:
        key: tuple[str, ...] = (place.kind.value, place.name, value.field)
    elif place.kind is PlaceKind.PARTNER:
        key = (shown.scenario, *alike)
    else:
        key = (shown.scenario, place.kind.value, place.name, place.person, value.person, value.field)
    return Fault(RULE, key, DataOfAnother(place=place, owner=value.person, field=value.field, reader=place.person,
                                          elsewhere=elsewhere),
                 shown.scenario, place.component, by_comparison=not elsewhere,
                 group=alike if place.kind is PlaceKind.PARTNER else ())
