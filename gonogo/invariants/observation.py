"""observe(watched, baseline) → the faults of a run by all rules of this room, and the run's own baseline."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gonogo.invariants.access_lost import access_lost, pages_of
from gonogo.invariants.baseline import RulesBaseline, known_of, steps_of
from gonogo.invariants.broken_text import broken_texts
from gonogo.invariants.data_of_another import data_of_another
from gonogo.invariants.foreign_host import foreign_hosts
from gonogo.invariants.grown import grown
from gonogo.invariants.own_values import own_values
from gonogo.invariants.page_broken import pages_broken
from gonogo.invariants.protection_lost import guarded_by, protections_lost
from gonogo.invariants.samples import Figures, figures_of, learnt
from gonogo.invariants.shown import shown_texts, told_to_partners
from gonogo.model.calls import Call
from gonogo.model.invariants import ConsoleMessage, Fault, InvariantEvidence
from gonogo.model.reach import Reach
from gonogo.model.rules.invariants import DataOfAnother
from gonogo.outside import Seen
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.parties import Parties

MAX_FAULTS = 2_000  # of one rule


@dataclass(frozen=True, slots=True)
class Watched:
    """What was recorded of a run, and what is known of its environment. `console` and `calls` (call trees) are by
    scenario;
    `same_images` are those of the baseline."""

    seen: Seen
    endpoints: Endpoints = field(default_factory=Endpoints)
    parties: Parties = field(default_factory=Parties)
    reach: Reach = field(default_factory=lambda: Reach(frozenset()))
    console: Mapping[str, Sequence[ConsoleMessage]] = field(default_factory=dict)
    calls: Mapping[str, Sequence[Call]] = field(default_factory=dict)
    same_images: bool = False


def observe(watched: Watched, baseline: RulesBaseline | None) -> tuple[InvariantEvidence, RulesBaseline]:
    """The faults of this run, and which of them the baseline has too; and this run's own baseline."""
    steps = steps_of(watched.seen)
    every = list(_all(watched, baseline, steps))
    faults = list(_once((fault for fault in every if not fault.told), lambda fault: fault.key))
    figures = figures_of(watched.seen, watched.calls, watched.endpoints)
    known = known_of([*faults, *(fault for fault in every if fault.told)])
    own = RulesBaseline(known, steps, guarded_by(watched.seen, watched.endpoints), learnt(
        figures, baseline.figures if baseline else {}, same_images=watched.same_images),
        pages_of(watched.seen, watched.parties))
    same_steps = {key for key, digest in steps.items() if baseline and baseline.steps.get(key) == digest}
    since = _since(watched, baseline, figures, same_steps)
    compared = (_compared(fault, watched.seen, baseline) for fault in (*faults, *since)
                if not fault.by_comparison or fault.scenario in same_steps)
    judged = tuple(fault for fault in compared if not fault.known or not (fault.by_comparison or fault.meant_if_known))
    judged = tuple(_once(judged, lambda fault: (fault.group or fault.key, fault.known, fault.certain)))
    return InvariantEvidence(judged, compared=baseline is not None), own.with_earlier(
        baseline, same_images=watched.same_images)


def _all(watched: Watched, baseline: RulesBaseline | None, steps: Mapping[str, str]) -> Iterator[Fault]:
    seen, compared = watched.seen, baseline is not None
    texts = list(shown_texts(seen, watched.endpoints, watched.parties))
    told = told_to_partners(seen, watched.endpoints)
    yield from data_of_another([*texts, *told], own_values(seen, texts))
    yield from foreign_hosts(seen, texts, watched.reach, watched.endpoints, compared=compared)
    yield from broken_texts(seen, texts, compared=compared)
    is_new = frozenset(steps.keys() - (baseline.steps.keys() if baseline else set()))
    yield from pages_broken(seen, watched.console, watched.endpoints, new_scenario=is_new, compared=compared)


def _since(watched: Watched, baseline: RulesBaseline | None, figures: Figures, same_steps: Collection[str],
           ) -> Iterator[Fault]:
    """What was in the baseline and is not as it was: the next GO keeps it as it is now."""
    if baseline is not None:
        yield from protections_lost(watched.seen, watched.endpoints, baseline.guarded)
        yield from _once(access_lost(watched.seen, watched.parties, baseline.pages), lambda fault: fault.key)
        more = grown(figures, baseline.figures, same_steps, watched.seen.third_parties)
        yield from _once(more, lambda fault: fault.key)


def _once(faults: Iterable[Fault], key_of: Callable[[Fault], Hashable]) -> Iterator[Fault]:
    """Of equal faults the first that is certain, with the number of further scenarios that have one."""
    firsts: dict[tuple[str, Hashable], Fault] = {}
    scenarios: dict[tuple[str, Hashable], set[str]] = {}
    for fault in faults:
        same = (fault.rule, key_of(fault))
        first = firsts.setdefault(same, fault)
        scenarios.setdefault(same, set()).add(fault.scenario)
        if fault.certain and not first.certain:
            firsts[same] = fault
    counts: dict[str, int] = {}
    for same, fault in firsts.items():
        counts[fault.rule] = counts.get(fault.rule, 0) + 1
        if counts[fault.rule] <= MAX_FAULTS:
            more = max(fault.parameters.more, len(scenarios[same] - {fault.scenario}))
            yield replace(fault, parameters=replace(fault.parameters, more=more))


def _compared(fault: Fault, seen: Seen, baseline: RulesBaseline | None) -> Fault:
    names = {scenario.key: scenario.name for scenario in seen.scenarios}
    known = baseline is not None and baseline.has(fault)
    parameters = replace(fault.parameters, known=known, compared=baseline is not None,
                         scenario=names.get(fault.scenario, ""))
    if isinstance(parameters, DataOfAnother):
        parameters = replace(parameters, elsewhere=names.get(parameters.elsewhere, parameters.elsewhere))
    return replace(fault, known=known, parameters=parameters)
