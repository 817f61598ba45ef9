"""Ranks suspects from the clues of all failing scenarios and of load, and from the images that changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from gonogo.model.calls import WireEvidence
from gonogo.model.findings import Finding, Subject
from gonogo.model.rules.probe import ProbeAnswered
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Scenario, Status
from gonogo.model.suspects import Clue, NoSuspect, Suspect, Weight
from gonogo.traffic.analysis.documents import errors_of
from gonogo.verdict.blame.clues import ClueSource, by_pair, clues_of
from gonogo.verdict.blame.load_clues import clues_under_load
from gonogo.verdict.blame.outside_clues import clues_outside
from gonogo.verdict.blame.probe_clues import clues_of_probe
from gonogo.verdict.blame.scene import Scene

# A component that has not changed worked in the baseline: a suspect only if no changed component is.
_UNCHANGED_COUNTS = 1 / 64
_SHARE_BESIDE_STRONGEST = 1 / 128
_MAX_SUSPECTS = 5
_MAX_CLUES = 2  # in addition to the component's own change


def rank_suspects(run: RunEvidence, sources: Sequence[ClueSource], *, load_failed: bool = False,
                  waived: Collection[Subject] = (), outside: Iterable[Finding] = (), probed: Iterable[Finding] = (),
                  ) -> tuple[Suspect, ...]:
    """Suspects, most likely first; empty without clues. Load counts only if it failed; `waived` scenarios do not
    count. `outside` are the findings on what people and partners saw that stop the release, `probed` those on probes.
    """
    changed = _changed(run)
    cases = _Cases(changed or ())
    for scenario in _failed(run):
        if scenario.id not in waived:
            cases.add(clues_of(_scene(scenario, run), sources))
    for finding in outside:
        cases.add(clues_outside(finding, run.wire or WireEvidence(), changed))
    for finding in probed:
        cases.add(_clues_of_probe(finding, run, sources))
    if load_failed:
        cases.add(clues_under_load(run, changed))
    return tuple(case.suspect(changed, cases.cases.values()) for case in cases.ranked()[:_MAX_SUSPECTS])


def suspect_of(scenario: Scenario, run: RunEvidence, sources: Sequence[ClueSource]) -> Suspect | None:
    """The most likely suspect of one scenario."""
    changed = _changed(run)
    cases = _Cases(changed or ())
    cases.add(clues_of(_scene(scenario, run), sources))
    return next((case.suspect(changed, cases.cases.values()) for case in cases.ranked()), None)


def suspect_outside(finding: Finding, run: RunEvidence) -> Suspect | None:
    """The most likely suspect of a finding on what people and partners saw."""
    changed = _changed(run)
    cases = _Cases(changed or ())
    cases.add(clues_outside(finding, run.wire or WireEvidence(), changed))
    return next((case.suspect(changed, cases.cases.values()) for case in cases.ranked()), None)


def suspect_of_probe(finding: Finding, run: RunEvidence, sources: Sequence[ClueSource]) -> Suspect | None:
    """The most likely suspect of a finding on probes."""
    changed = _changed(run)
    cases = _Cases(changed or ())
    cases.add(_clues_of_probe(finding, run, sources))
    return next((case.suspect(changed, cases.cases.values()) for case in cases.ranked()), None)


def why_no_suspect(run: RunEvidence) -> NoSuspect:
    """Why there is no suspect: whether there were traces, and what changed."""
    return NoSuspect((run.wire or WireEvidence()).traced, _changed(run))


def changed_components(run: RunEvidence) -> tuple[str, ...]:
    """Components whose released or running image differs from the baseline, or whose settings differ from the release.

    Empty without a baseline.
    """
    if run.baseline is None:
        return ()
    probes = run.platform.before if run.platform else ()
    running = {probe.component: probe.image for probe in probes if probe.image}
    edited = {probe.component for probe in probes
              if probe.config and probe.config != run.release_configs.get(probe.component, probe.config)}
    return tuple(component for component in dict.fromkeys([*run.release, *running])
                 if component in edited or any(
                     images[component] != run.baseline.images.get(component) for images in (run.release, running)
                     if component in images))


@dataclass(slots=True)
class _Case:
    """The clues against one pair."""

    component: str
    peer: str
    clues: list[Clue] = field(default_factory=list)
    weight: float = 0.0

    def suspect(self, changed: Sequence[str] | None, others: Iterable[_Case]) -> Suspect:
        """The suspect with its strongest clues, after the component's own change (also towards other peers)."""
        of_component = [clue for case in others if case.component == self.component for clue in case.clues]
        strongest = sorted(self.clues, key=lambda clue: -clue.weight)
        one_of_each = list({clue.weight: clue for clue in reversed(strongest)}.values())[::-1]
        evidence = dict.fromkeys(clue.evidence for clue in [*_cause(of_component), *one_of_each[:_MAX_CLUES]])
        return Suspect(self.component, self.peer, strongest[0].operation, tuple(evidence),
                       None if changed is None else tuple(changed))


def _cause(clues: Sequence[Clue]) -> list[Clue]:
    """The component's own change: the shape that it changed, else the contract that it broke."""
    for weight in (Weight.SHAPE_CHANGED, Weight.CONTRACT_BROKEN):
        of_weight = [clue for clue in clues if clue.weight is weight]
        if of_weight:
            return of_weight[:1]
    return []


@dataclass(slots=True)
class _Cases:
    """All pairs with clues; `changed` components differ from the baseline."""

    changed: Sequence[str]
    cases: dict[tuple[str, str], _Case] = field(default_factory=dict)

    def add(self, clues: Sequence[Clue]) -> None:
        """Adds the clues of one scenario or of load: full weight for the most likely pair, a small share for others."""
        pairs = by_pair(clues)
        weights = {pair: self._weight(pair[0], each) for pair, each in pairs.items()}
        most_likely = max(weights, key=weights.__getitem__, default=None)
        for pair, each in pairs.items():
            case = self.cases.setdefault(pair, _Case(*pair))
            case.clues += each
            case.weight += weights[pair] * (1 if pair == most_likely else _SHARE_BESIDE_STRONGEST)

    def ranked(self) -> list[_Case]:
        return sorted(self.cases.values(), key=lambda case: -case.weight)

    def _weight(self, component: str, clues: Sequence[Clue]) -> float:
        kinds = sorted({clue.weight for clue in clues})
        share = 1.0 if not self.changed or component in self.changed else _UNCHANGED_COUNTS
        return (kinds[-1] + sum(kinds[:-1]) * _SHARE_BESIDE_STRONGEST) * share


def _failed(run: RunEvidence) -> list[Scenario]:
    return [scenario for scenario in run.scenarios
            if scenario.attempts and scenario.attempts[-1].status is Status.FAILED]


def _scene(scenario: Scenario, run: RunEvidence) -> Scene:
    return Scene(scenario.key, scenario.attempts[-1].step, scenario.attempts[-1].message,
                 run.wire or WireEvidence(), _changed(run), run.errors.by_scenario.get(scenario.key, ()),
                 (errors_of(run.baseline.documents) if run.baseline is not None else None) or frozenset())


def _clues_of_probe(finding: Finding, run: RunEvidence, sources: Sequence[ClueSource]) -> tuple[Clue, ...]:
    parameters = finding.parameters
    return clues_of_probe(finding, parameters, run.wire or WireEvidence(), _changed(run), sources) \
        if isinstance(parameters, ProbeAnswered) else ()


def _changed(run: RunEvidence) -> tuple[str, ...] | None:
    return None if run.baseline is None else changed_components(run)
