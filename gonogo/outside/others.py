"""Leaves out what other scenarios of the run have brought into the system: lists that all see show it as well.

Whether another scenario has already ordered, or not yet, differs from run to run, and is no difference of the release.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gonogo.model.exchange import Exchange, Message
from gonogo.outside.json_items import MAX_DEPTH, leaves_of
from gonogo.outside.pages import without_items
from gonogo.outside.texts import is_opaque

_WORD = re.compile(r"[\w.-]{5,64}")


def owners_of(exchanges: Iterable[Exchange]) -> dict[str, str]:
    """Id → the key of the scenario that has brought it in, by a request that was answered with it.

    `exchanges` are those of all scenarios. An id that an earlier answer had, or the request itself, was there before.
    """
    owners: dict[str, str] = {}
    answered = [(each, list(_ids_in(each.response))) for each in sorted(exchanges, key=lambda each: each.started_s)]
    shown_s: dict[str, float] = {}  # id → when the first answer that has it came
    for exchange, ids in answered:
        for _, value in ids:
            shown_s[value] = min(_ended_s(exchange), shown_s.get(value, math.inf))
    for exchange, ids in answered:
        if not exchange.reads:
            sent = {value for _, value in _ids_in(exchange.request)}
            for path, value in ids:
                if "[]" not in path and value not in sent and shown_s[value] >= exchange.started_s:
                    owners.setdefault(value, exchange.scenario)
    return owners


def _ended_s(exchange: Exchange) -> float:
    return exchange.started_s + max(exchange.duration_ms, 0.0) / 1000


def _ids_in(message: Message) -> Iterator[tuple[str, str]]:
    for path, value in leaves_of(message.json()):
        if isinstance(value, str) and _WORD.fullmatch(value) and _is_id(value):
            yield path, value


def _is_id(value: str) -> bool:
    """Whether it is a name for one thing: it has letters and figures, or is one that is drawn."""
    return is_opaque(value) or (any(map(str.isdigit, value)) and any(map(str.isalpha, value)))


@dataclass(frozen=True, slots=True)
class Others:
    """All that other scenarios than `scenario` have brought in, by `owners_of`, and that is not `known`.

    What an earlier run has shown the scenario was not brought in, whoever was answered with it first.
    """

    owners: Mapping[str, str]
    scenario: str
    known: frozenset[str] = frozenset()

    @classmethod
    def of(cls, owners: Mapping[str, str], scenario: str, shown_before: Iterable[str]) -> Others:
        """`shown_before` are the texts of the scenario in earlier runs."""
        words = (word for text in shown_before for word in _WORD.findall(text)) if owners else ()
        return cls(owners, scenario, frozenset(word for word in words if word in owners))

    def has(self, texts: Iterable[str]) -> bool:
        """Whether they hold another scenario's id, and none of this one."""
        found = {self.owners[word] for text in texts for word in _WORD.findall(text)
                 if word in self.owners and word not in self.known}
        return bool(found) and self.scenario not in found

    def left_out_of(self, exchange: Exchange) -> Exchange:
        """The exchange without others' items in the lists of its answer."""
        document = exchange.response.json()
        rest = self._without(document, MAX_DEPTH)
        if rest == document or exchange.response.body is None:
            return exchange
        body = replace(exchange.response.body, text=json.dumps(rest, ensure_ascii=False))
        return replace(exchange, response=replace(exchange.response, body=body))

    def left_out_of_tree(self, tree: str) -> str:
        """The ARIA snapshot without others' items and rows."""
        return without_items(tree, self.has)

    def _without(self, value: object, depth: int) -> object:
        if isinstance(value, dict) and depth:
            return {name: self._without(each, depth - 1) for name, each in value.items()}
        if isinstance(value, list) and depth:
            rest = (self._without(each, depth - 1) for each in value)
            return [each for each in rest if not (isinstance(each, dict) and self._are_others(each))]
        return value

    def _are_others(self, item: object) -> bool:
        return self.has(value for _, value in leaves_of(item) if isinstance(value, str))


def by_scenario(exchanges: Iterable[Exchange], others_of: Callable[[str], Others]) -> dict[str, list[Exchange]]:
    """In order, each scenario's without what others have brought in."""
    found: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in sorted(exchanges, key=lambda each: each.started_s):
        found[exchange.scenario].append(others_of(exchange.scenario).left_out_of(exchange))
    return found
