"""Who broke whom: clues from every failing scenario and from load, joined with the images that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gonogo.evidence.calls import WireEvidence
from gonogo.evidence.model import RunEvidence, Scenario, Status
from gonogo.verdict.clues import Clue, Scene, Weight, by_pair, clues_of
from gonogo.verdict.load_clues import clues_under_load
from gonogo.verdict.model import Suspect

# What has not changed since the last GO worked then: it is suspected only where nothing else is.
_UNCHANGED_COUNTS = 1 / 16
_BESIDE_THE_STRONGEST = 1 / 64
_MOST_SUSPECTS = 5
_LONGEST_WHY = 600


def rank_suspects(run: RunEvidence, *, load_failed: bool = False) -> tuple[Suspect, ...]:
    """Suspects, the likeliest first; empty where the evidence points at nobody. Load tells only where it failed."""
    changed = _changed(run)
    found: dict[tuple[str, str], _Case] = {}
    for scenario in _failed(run):
        for pair, clues in by_pair(clues_of(_scene(scenario, run))).items():
            found.setdefault(pair, _Case(*pair)).add(clues)
    for clue in clues_under_load(run, changed) if load_failed else ():
        found.setdefault((clue.component, clue.peer), _Case(clue.component, clue.peer)).add([clue])
    return tuple(case.suspect(changed, found.values()) for case in _ranked(found.values(), changed)[:_MOST_SUSPECTS])


def suspect_of(scenario: Scenario, run: RunEvidence) -> Suspect | None:
    """The likeliest suspect of one scenario."""
    changed = _changed(run)
    cases = [_Case(*pair) for pair in by_pair(clues_of(_scene(scenario, run)))]
    for case in cases:
        case.add([clue for clue in clues_of(_scene(scenario, run)) if (clue.component, clue.peer) == case.pair])
    ranked = _ranked(cases, changed)
    return ranked[0].suspect(changed, cases) if ranked else None


def why_nobody(run: RunEvidence) -> str:
    """Why no suspect is named where scenarios failed: what evidence there was, and what was missing."""
    changed = _changed(run)
    wire = run.wire or WireEvidence()
    said = ["nobody is named: no call of a failing scenario tells who broke whom"]
    if not wire.traced:
        said.append("there were no traces")
    if changed is None:
        said.append("there is no earlier GO to compare with")
    elif changed:
        said.append(f"changed since the last GO: {', '.join(changed)}")
    else:
        said.append("no image changed since the last GO")
    return "; ".join(said)


def changed_components(run: RunEvidence) -> tuple[str, ...]:
    """Components that are not as in the last GO: another image is released or runs, or other settings than released.

    None where there has been no GO.
    """
    if run.last_go is None:
        return ()
    probes = run.platform.before if run.platform else ()
    running = {probe.component: probe.image for probe in probes if probe.image}
    edited = {probe.component for probe in probes
              if probe.config and probe.config != run.release_configs.get(probe.component, probe.config)}
    return tuple(component for component in dict.fromkeys([*run.release, *running])
                 if component in edited or any(
                     images[component] != run.last_go.get(component) for images in (run.release, running)
                     if component in images))


@dataclass(slots=True)
class _Case:
    """What speaks against one pair."""

    component: str
    peer: str
    clues: list[Clue] = field(default_factory=list)
    weight: float = 0.0

    @property
    def pair(self) -> tuple[str, str]:
        return (self.component, self.peer)

    def add(self, clues: Sequence[Clue]) -> None:
        """The clues of one scenario: the strongest counts, the others only between equals."""
        self.clues += clues
        weights = sorted({clue.weight for clue in clues})
        self.weight += weights[-1] + sum(weights[:-1]) * _BESIDE_THE_STRONGEST

    def suspect(self, changed: Sequence[str] | None, others: Iterable[_Case]) -> Suspect:
        """The pair with the strongest that speaks against it, what its component did elsewhere first."""
        of_component = [clue for case in others if case.component == self.component for clue in case.clues]
        strongest = sorted(self.clues, key=lambda clue: -clue.weight)
        one_of_each = list({clue.weight: clue for clue in reversed(strongest)}.values())[::-1]
        texts = dict.fromkeys(clue.text for clue in [*_cause(of_component), *one_of_each[:2]])
        why = "; ".join([*texts, _changes(changed)])
        return Suspect(self.component, self.peer, strongest[0].operation, why[:_LONGEST_WHY])


def _cause(clues: Sequence[Clue]) -> list[Clue]:
    """What a component was seen to do otherwise: the shape that it changed, else the contract that it broke."""
    for weight in (Weight.CHANGED_SHAPE, Weight.BROKE_CONTRACT):
        found = [clue for clue in clues if clue.weight is weight]
        if found:
            return found[:1]
    return []


def _ranked(cases: Iterable[_Case], changed: Sequence[str] | None) -> list[_Case]:
    return sorted(cases, key=lambda case: -case.weight * _share(case, changed))


def _share(case: _Case, changed: Sequence[str] | None) -> float:
    return 1.0 if not changed or case.component in changed else _UNCHANGED_COUNTS


def _failed(run: RunEvidence) -> list[Scenario]:
    return [scenario for evidence in (run.platform_scenarios, run.behaviour) if evidence
            for scenario in evidence.scenarios
            if scenario.attempts and scenario.attempts[-1].status is Status.FAILED]


def _scene(scenario: Scenario, run: RunEvidence) -> Scene:
    return Scene(scenario.location, scenario.attempts[-1].step, run.wire or WireEvidence(), _changed(run))


def _changed(run: RunEvidence) -> tuple[str, ...] | None:
    return None if run.last_go is None else changed_components(run)


def _changes(changed: Sequence[str] | None) -> str:
    if changed is None:
        return "there is no earlier GO to compare images with"
    if not changed:
        return "no image changed since the last GO"
    return f"changed since the last GO: {', '.join(changed)}"
