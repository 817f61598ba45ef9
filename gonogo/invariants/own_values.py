"""The values that are one person's own: who put each of them in, in which scenario, and texts that have one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gonogo.invariants.shown import ShownText
from gonogo.model.calls import STEP
from gonogo.model.outside import OutsideRecord
from gonogo.outside import Seen
from gonogo.outside.json_items import leaves_of
from gonogo.secrets.masking import is_masked

MIN_CHARS = 5
MAX_CHARS = 200
MAX_OWN_VALUES = 20_000
_WORD = re.compile(r"\w+")
_FIGURES = re.compile(r"[\d\W_]+")


@dataclass(frozen=True, slots=True)
class OwnValue:
    """`text` in lower case was put into `field` by `person`, "" for a step, not before `since_s`.

    `people` are all who put it in, in the scenario (its key) that alone has it.
    """

    text: str
    scenario: str
    person: str
    field: str
    since_s: float
    people: frozenset[str]


class OwnValues:
    """Finds values in texts by their rarest word: addresses have one in common. `words` are those that a scenario has
    itself, by its key.
    """

    def __init__(self, values: Iterable[OwnValue], words: Mapping[str, frozenset[str]] | None = None) -> None:
        self._words = words or {}
        self._by_word: dict[str, list[OwnValue]] = defaultdict(list)
        by_value = [(value, set(_WORD.findall(value.text))) for value in values]
        counts = Counter(word for _, each in by_value for word in each)
        for value, each in by_value:
            self._by_word[min(each, key=lambda word: (counts[word], -len(word), word))].append(value)

    def within(self, text: str, scenario: str = "") -> Iterator[OwnValue]:
        """The values that stand in a text as whole words.

        Of other scenarios than `scenario` only those that are not made of words that it has itself: a full name, of
        names that are typed one by one.
        """
        words = self._words.get(scenario, frozenset())
        yield from (value for value in self._within(text)
                    if value.scenario == scenario or not words.issuperset(_WORD.findall(value.text)))

    def _within(self, text: str) -> Iterator[OwnValue]:
        folded = " ".join(text.lower().split())
        for word in set(_WORD.findall(folded)) & self._by_word.keys():
            yield from (value for value in self._by_word[word] if _has(folded, value.text))


def own_values(seen: Seen, texts: Iterable[ShownText]) -> OwnValues:
    """Values that one scenario alone has, and that the system did not show before they were put in.

    What the system offers (an option), or shows first (a city of a list), is no person's own.
    """
    all_values = list(_values(seen))[:MAX_OWN_VALUES]
    scenarios: dict[str, set[str]] = defaultdict(set)
    people: dict[str, set[str]] = defaultdict(set)
    for value in all_values:
        scenarios[value.text].add(value.scenario)
        people[value.text].add(value.person)
    in_steps = _texts_of_steps(seen)
    firsts: dict[str, OwnValue] = {}
    for value in sorted(all_values, key=lambda each: (each.since_s, not each.person)):
        if len(scenarios[value.text]) == 1 and not any(
                _has(text, value.text) for key, text in in_steps.items() if key != value.scenario):
            firsts.setdefault(value.text, value)
    offered = _offered(OwnValues(firsts.values()), texts)
    own = (OwnValue(each.text, each.scenario, each.person, each.field, each.since_s, frozenset(people[each.text]))
           for text, each in firsts.items() if text not in offered)
    return OwnValues(own, _words_of(seen, in_steps))


def _words_of(seen: Seen, in_steps: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """The words of each scenario's own texts, however short."""
    words = {key: set(_WORD.findall(text)) for key, text in in_steps.items()}
    for scenario, _, _, value, _ in put_in(seen):
        words.setdefault(scenario, set()).update(_WORD.findall(value.lower()))
    return {key: frozenset(each) for key, each in words.items()}


def _offered(values: OwnValues, texts: Iterable[ShownText]) -> set[str]:
    return {value.text for shown in texts for value in values.within(shown.text, shown.scenario)
            if 0 < shown.at_s < value.since_s or shown.where.startswith("option")}


def _values(seen: Seen) -> Iterator[OwnValue]:
    for scenario, person, field, value, since_s in put_in(seen):
        if text := _own(value):
            yield OwnValue(text, scenario, person, field, since_s, frozenset())


def put_in(seen: Seen) -> Iterator[tuple[str, str, str, str, float]]:
    """(scenario, person, field, value, since when) of all that people typed and steps sent to the system."""
    for key, record in seen.records.items():
        starts = {step.index: step.started_s for step in record.steps}
        yield from ((key, each.person, each.name, each.value, starts.get(each.step, 0.0)) for each in record.inputs)
    for exchange in seen.exchanges:
        if exchange.caller == STEP and exchange.callee not in seen.tools:
            yield from ((exchange.scenario, "", path, value, exchange.started_s)
                        for path, value in leaves_of(exchange.request.json()) if isinstance(value, str))


def _own(value: str) -> str:
    """The value in lower case; "" for one that is too short, too long, a mask, or has no letter."""
    text = " ".join(value.lower().split())
    usable = MIN_CHARS <= len(text) <= MAX_CHARS and not _FIGURES.fullmatch(text) and not is_masked(text)
    return text if usable else ""


def _texts_of_steps(seen: Seen) -> dict[str, str]:
    return {key: _of_steps(record) for key, record in seen.records.items()}


def _of_steps(record: OutsideRecord) -> str:
    return " ".join("\n".join(step.text for step in record.steps).lower().split())


def _has(text: str, value: str) -> bool:
    """Whether a value stands in a text, not as a part of a longer word."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        before, after = text[at - 1:at], text[end:end + 1]
        if not (before.isalnum() and value[0].isalnum()) and not (after.isalnum() and value[-1].isalnum()):
            return True
        at = text.find(value, at + 1)
    return False
