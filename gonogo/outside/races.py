"""Races: where people ask for one thing at the same moment, chance decides what each of them gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from gonogo.model.calls import BROWSER
from gonogo.model.exchange import Exchange
from gonogo.traffic.http.endpoints import Endpoints


def has_race(exchanges: Iterable[Exchange], endpoints: Endpoints) -> bool:
    """Whether writing requests of one kind from pages of two people overlap, among the `exchanges` of a scenario.

    What is answered without a word decides nothing for people: pages send measurements and signs of life all the time.
    """
    writes = (each for each in exchanges if each.caller == BROWSER and each.person and not each.reads
              and not _says_nothing(each))
    ends: dict[object, dict[str, float]] = defaultdict(dict)  # operation → person → when their last one ended
    for exchange in sorted(writes, key=lambda each: each.started_s):
        same = ends[endpoints.edge(exchange)]
        if any(end >= exchange.started_s for person, end in same.items() if person != exchange.person):
            return True
        ended_s = exchange.started_s + exchange.duration_ms / 1000
        same[exchange.person] = max(ended_s, same.get(exchange.person, 0.0))
    return False


def _says_nothing(exchange: Exchange) -> bool:
    body = exchange.response.body
    return exchange.resource_type == "ping" or (200 <= exchange.status < 300 and (body is None or body.size == 0))
