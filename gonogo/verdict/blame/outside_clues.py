"""Clues in what people and partners got to see: which component is behind a difference, and who reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.model.calls import BROWSER, STEP, Call, WireEvidence
from gonogo.model.findings import Finding
from gonogo.model.identity import ScenarioId
from gonogo.model.outside import Place, PlaceKind
from gonogo.model.rules.outside import OutsideChanged
from gonogo.model.suspects import ChangedOutside, Clue, Weight
from gonogo.verdict.blame.flow import path_between, receiver_of


def clues_outside(finding: Finding, wire: WireEvidence, changed: Sequence[str] | None) -> tuple[Clue, ...]:
    """The clues of one finding about what was seen; none for a finding of another kind."""
    parameters, subject = finding.parameters, finding.subject
    if not isinstance(parameters, OutsideChanged) or not isinstance(subject, ScenarioId):
        return ()
    calls = wire.calls.get(subject.key, ())
    pairs = dict.fromkeys(_pairs(parameters.place, calls, wire, changed or ()))
    weight = Weight.CALLS_CHANGED if parameters.place.kind is PlaceKind.PAGE else Weight.SHAPE_CHANGED
    return tuple(Clue(component, peer, parameters.place.name, weight, ChangedOutside(
        parameters.place, parameters.change, parameters.where, parameters.now, parameters.was))
        for component, peer in pairs)


def _pairs(place: Place, calls: Sequence[Call], wire: WireEvidence, changed: Sequence[str],
           ) -> Iterator[tuple[str, str]]:
    match place.kind:
        case PlaceKind.MAIL | PlaceKind.PARTNER:
            yield from _senders(place.component, wire, changed)
        case PlaceKind.ANSWER:
            yield from _answerers(place, calls, wire, changed)
        case PlaceKind.PAGE | PlaceKind.DOWNLOAD:
            yield from _behind_pages(calls, wire, changed)


def _senders(party: str, wire: WireEvidence, changed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The changed components from which something reaches the party, the nearest first."""
    ways = [(name, path_between(name, party, wire.crossed)) for name in changed]
    for name, way in sorted(ways, key=lambda each: len(each[1])):
        if way:
            yield name, way[0]


def _answerers(place: Place, calls: Sequence[Call], wire: WireEvidence, changed: Sequence[str],
               ) -> Iterator[tuple[str, str]]:
    """The changed components that took part in the answer; else those that wrote to one that did; else who answered."""
    reader = wire.pages or BROWSER
    asked = [call for root in calls for call in root.walk() if call.edge.callee == place.component
             and call.edge.operation == place.name and call.edge.caller in (BROWSER, STEP)]
    below = dict.fromkeys(each.edge.callee for call in asked for each in call.walk())
    took_part = [name for name in below if name in changed]
    writers = [name for name in changed if any((name, each) in wire.crossed for each in below)]
    for name in took_part or writers or list(changed[:1] if len(changed) == 1 else ()) or [place.component]:
        yield name, reader if name != reader else (receiver_of(asked[0]) if asked else place.component)


def _behind_pages(calls: Sequence[Call], wire: WireEvidence, changed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The component of the pages, if it has changed; else those behind the answers that they had."""
    pages = wire.pages
    requests = [root for root in calls if root.edge.caller == BROWSER]
    if pages is None:
        return
    if pages in changed:
        peers = [receiver_of(root) for root in requests if receiver_of(root) != pages]
        yield pages, peers[-1] if peers else pages
    below = dict.fromkeys(each.edge.callee for root in requests for each in root.walk())
    for name in changed:
        if name != pages and name in below:
            yield name, pages
