"""Protection lost: headers that protected people in the baseline and are gone or weaker, by endpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from gonogo.invariants.protections import Protections, lost, protections_of, weaker
from gonogo.invariants.shown import answer_place
from gonogo.model.calls import BROWSER, STEP
from gonogo.model.exchange import Exchange
from gonogo.model.invariants import Fault
from gonogo.model.rules.invariants import ProtectionLost
from gonogo.outside import Seen
from gonogo.traffic.http.endpoints import Endpoints

RULE = "protection-lost"
_NO_NEWS = 304  # an answer that stands for an earlier one


class Answers(NamedTuple):
    """All answers of an endpoint whose status has the same first digit: an error has headers of its own."""

    component: str
    operation: str
    statuses: str


Guarded = Mapping[Answers, Protections]


def guarded_by(seen: Seen, endpoints: Endpoints) -> Guarded:
    """What protects every answer of each endpoint of the system itself."""
    found: dict[Answers, Protections] = {}
    for exchange in _answered(seen):
        answers = _answers(exchange, endpoints)
        own = protections_of(exchange)
        found[answers] = weaker(found[answers], own) if answers in found else own
    return found


def protections_lost(seen: Seen, endpoints: Endpoints, was: Guarded) -> Iterator[Fault]:
    """The first answer that lacks what the baseline's had; one fault for equal losses of a component."""
    firsts: dict[tuple[str, ...], Fault] = {}
    places: Counter[tuple[str, ...]] = Counter()
    counted: set[tuple[object, ...]] = set()
    for exchange in _answered(seen):
        answers = _answers(exchange, endpoints)
        for each in lost(protections_of(exchange), was[answers]) if answers in was else ():
            key = (answers.component, each.name, each.was, each.now)
            firsts.setdefault(key, Fault(RULE, key, ProtectionLost(
                place=answer_place(exchange, endpoints), protection=each.name, was=each.was, now=each.now),
                exchange.scenario, answers.component))
            if (key, answers) not in counted:
                counted.add((key, answers))
                places[key] += 1
    for same, fault in firsts.items():
        yield replace(fault, parameters=replace(fault.parameters, endpoints=places[same]))  # type: ignore[call-arg]


def merged(now: Guarded, earlier: Guarded, *, same_images: bool) -> Guarded:
    """What later runs are compared with: of equal images, what held in each run."""
    both = {answers: weaker(now[answers], earlier[answers]) for answers in now.keys() & earlier.keys()}
    return {**earlier, **now, **(both if same_images else {})}


def _answered(seen: Seen) -> Iterator[Exchange]:
    for exchange in seen.exchanges:
        if exchange.caller in (BROWSER, STEP) and exchange.callee not in seen.tools and exchange.status >= 200 and (
                exchange.status != _NO_NEWS):
            yield exchange


def _answers(exchange: Exchange, endpoints: Endpoints) -> Answers:
    edge = endpoints.edge(exchange)
    return Answers(edge.callee, edge.operation, f"{exchange.status // 100}xx")
