"""Races: where people ask for one thing at the same moment, chance decides what each of them gets from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from gonogo.model.calls import BROWSER
from gonogo.model.exchange import Exchange
from gonogo.model.outside import OutsideRecord, Place
from gonogo.traffic.http.endpoints import Endpoints

_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Race:
    """The race of a scenario; `steps_before` are the texts of the steps that had ended when it began."""

    steps_before: frozenset[str]

    def decides(self, place: Place) -> bool:
        """Whether what the place shows may depend on who was first. Mails and calls of partners have no step."""
        return place.step not in self.steps_before


def race_in(record: OutsideRecord, exchanges: Iterable[Exchange], endpoints: Endpoints) -> Race | None:
    """The first race of a scenario: writing requests of one kind from pages of two people that overlap.

    What is answered without a word decides nothing for people: pages send measurements and signs of life all the time.
    """
    writes = (each for each in exchanges if each.caller == BROWSER and each.person and each.method not in _READS
              and not _says_nothing(each))
    ends: dict[object, dict[str, float]] = defaultdict(dict)  # operation → person → when their last one ended
    for exchange in sorted(writes, key=lambda each: each.started_s):
        same = ends[endpoints.edge(exchange)]
        if any(end >= exchange.started_s for person, end in same.items() if person != exchange.person):
            later = {step.text for step in record.steps if step.ended_s >= exchange.started_s}
            return Race(frozenset(step.text for step in record.steps) - later)
        ended_s = exchange.started_s + exchange.duration_ms / 1000
        same[exchange.person] = max(ended_s, same.get(exchange.person, 0.0))
    return None


def _says_nothing(exchange: Exchange) -> bool:
    body = exchange.response.body
    return exchange.resource_type == "ping" or (200 <= exchange.status < 300 and (body is None or body.size == 0))
