"""compare_outside(seen, baseline) → the evidence of what people and partners saw, and this run's own baseline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from gonogo.model.outside import ChangeKind, OutsideChange, OutsideEvidence, Place, PlaceKind
from gonogo.outside.baseline import (
    RACE,
    OutsideBaseline,
    Places,
    is_explained,
    known_places,
    numbered_as,
    varying_between,
)
from gonogo.outside.compare import ItemChange, changes
from gonogo.outside.moments import Moments
from gonogo.outside.observed import ObservedRun, Seen
from gonogo.outside.texts import plain
from gonogo.traffic.http.endpoints import Endpoints

MAX_CHANGES = 5_000


def compare_outside(seen: Seen, endpoints: Endpoints, baseline: OutsideBaseline | None, *,
                    same_images: bool) -> tuple[OutsideEvidence, OutsideBaseline]:
    """The evidence of this run, compared with `baseline` if there is one, and this run's own baseline."""
    run = ObservedRun(seen, endpoints, baseline)
    varying = baseline.varying if baseline else frozenset()
    observations = run.observations(varying)
    if baseline is not None and same_images:
        learnt = varying | {name for key, own in observations.items()
                            for name in varying_between(own, baseline.places.get(key, {}), run.today)}
        if learnt != varying:
            varying, observations = learnt, run.observations(learnt)
    known = {key: run.known(key) for key in observations}
    own = OutsideBaseline(
        {key: run.steps(key) for key in observations},
        {key: numbered_as(known[key], known_places(
            each, run.today, run.inputs[key], varies=partial(run.varies, key))) for key, each in observations.items()},
        varying)
    evidence = OutsideEvidence(sum(map(len, observations.values())), problems=(*run.problems, *run.lost),
                               had_baseline=baseline is not None, views=seen.records, mails=tuple(seen.mails))
    if baseline is None:
        return evidence, own
    same = [key for key in observations if baseline.steps.get(key) == own.steps[key]]
    moments = {key: Moments(own.places[key], known[key], own.steps[key]) for key in same}
    found = [change for key in same for change in (
        *_changes(key, own.places[key], moments[key], run, same_images=same_images),
        *_counts(key, own.places[key], known[key], run, same_images=same_images))]
    evidence = replace(
        _with_changes(evidence, found), compared=len(same),
        not_compared=tuple(run.names[key] for key in observations if key not in same),
        not_shown=sum(not place.is_counted and place not in own.places[key] for key in same for place in known[key]))
    return evidence, own.with_earlier(
        baseline, same_images=same_images, today=run.today, is_all_known=run.is_all_known,
        is_another_moment=lambda key, place: key in moments and moments[key].is_another(place))


def _with_changes(evidence: OutsideEvidence, found: list[OutsideChange]) -> OutsideEvidence:
    found.sort(key=lambda change: (not change.proven, not change.is_data))  # what may stop the release is never cut
    cut = (f"there are {len(found):,} differences; {MAX_CHANGES:,} of them are judged",)
    return replace(evidence, changes=tuple(found[:MAX_CHANGES]),
                   problems=evidence.problems + (cut if len(found) > MAX_CHANGES else ()))


def _changes(scenario: str, own: Places, moments: Moments, run: ObservedRun, *, same_images: bool,
             ) -> Iterator[OutsideChange]:
    """Each difference once, with the number of places that have it."""
    counts: Counter[tuple[object, ...]] = Counter()
    found: dict[tuple[object, ...], OutsideChange] = {}
    for place, now in own.items():
        was = moments.before.get(place)
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


def _counts(scenario: str, own: Places, known: Places, run: ObservedRun, *, same_images: bool,
            ) -> Iterator[OutsideChange]:
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
