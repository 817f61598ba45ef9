"""What the exchanges between components say about the release: contracts broken, shapes changed, edges not crossed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.config import Environment
from gonogo.model.calls import STEP, Difference, Edge, Violation, WireEvidence
from gonogo.model.findings import EndpointSubject, Finding, PairSubject, Severity
from gonogo.model.rules.traffic import ContractBroken, EdgeNotCrossed, ShapeChanged
from gonogo.model.run import RunEvidence
from gonogo.model.stages import ScenarioResults
from gonogo.verdict.blame.flow import caller_of, destination, in_request, origin

_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}


def judge_traffic(run: RunEvidence, environment: Environment, changed: Sequence[str], *,
               scenarios_stop: bool) -> Iterator[Finding]:
    """Findings of what was exchanged, of the stage whose scenarios use the system as its users do; none without one.

    `changed` are the components with another image.
    """
    wire = run.wire
    stage = next((stage for stage, found in run.evidence(ScenarioResults) if found.exercises_system), None)
    if wire is None or stage is None:
        return
    rules = environment.wire
    if severity := _SEVERITIES.get(rules.contract):
        yield from (_broken(stage, each, wire, severity) for each in wire.violations)
    if severity := _SEVERITIES.get(rules.shapes):
        firsts = [each for each in wire.differences if each.edge == origin(each, wire.differences)]
        yield from (_changed(stage, each, wire, severity) for each in _alike(firsts))
    # What failed or was not requested explains by itself why an edge was not crossed.
    if not run.partial and not scenarios_stop:
        for caller, callee in wire.uncrossed:
            yield _not_crossed(stage, caller, callee, changed)


def _not_crossed(stage: str, caller: str, callee: str, changed: Sequence[str]) -> Finding:
    """An edge of what has changed must be tried: without it there is too little evidence on the change."""
    mine = next((name for name in (caller, callee) if name in changed), None)
    return Finding(stage, "edge-not-crossed", Severity.WARN if mine is None else Severity.INCONCLUSIVE,
                   PairSubject(caller, callee), EdgeNotCrossed(mine), caller, callee)


def _broken(stage: str, violation: Violation, wire: WireEvidence, severity: Severity) -> Finding:
    edge = violation.edge
    caller = caller_of(edge, wire)
    at_fault, other = (caller, edge.callee) if violation.at_fault == edge.caller else (edge.callee, caller)
    return Finding(stage, "contract-broken", Severity.WARN if violation.known else severity, _endpoint(edge),
                   ContractBroken(violation.where, violation.fault, violation.count, violation.known),
                   *_pair(at_fault, other))


def _alike(differences: Sequence[Difference]) -> list[Sequence[Difference]]:
    """Those that say the same of a component's endpoints stand together: a header of all its answers is one change."""
    found: dict[tuple[object, ...], list[Difference]] = {}
    for each in differences:
        found.setdefault((each.edge.caller, each.edge.callee, each.where, each.changes, each.answers), []).append(each)
    return list(found.values())


def _changed(stage: str, alike: Sequence[Difference], wire: WireEvidence, severity: Severity) -> Finding:
    difference = alike[0]
    last = destination(difference, wire.differences)
    edge = difference.edge
    component, peer = ((caller_of(edge, wire), last.callee) if in_request(difference)
                       else (edge.callee, caller_of(last, wire)))
    parameters = ShapeChanged(difference.where, difference.changes, difference.answers, difference.count,
                              difference.total, len(alike) - 1)
    return Finding(stage, "shape-changed", severity, _endpoint(edge), parameters, *_pair(component, peer))


def _endpoint(edge: Edge) -> EndpointSubject:
    return EndpointSubject(edge.operation, edge.callee)


def _pair(component: str, peer: str) -> tuple[str | None, str | None]:
    """The suite's own steps are no component."""
    return (component if component != STEP else None, peer if peer != STEP else None)
