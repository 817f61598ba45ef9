"""Rules on exchanges between components: broken contracts, changed shapes, edges that were not crossed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.config import Environment
from gonogo.model.calls import (
    STEP,
    Difference,
    Edge,
    Unchecked,
    Unrecorded,
    UnrecordedCause,
    Violation,
    WireEvidence,
)
from gonogo.model.findings import EndpointSubject, Finding, PairSubject, Severity, StageSubject
from gonogo.model.rules.traffic import (
    ContractBroken,
    ContractNotChecked,
    EdgeNotCrossed,
    ExchangesNotRecorded,
    ShapeChanged,
    TracesMissing,
)
from gonogo.model.run import RunEvidence
from gonogo.model.stages import ScenarioResults
from gonogo.verdict.blame.flow import caller_of, destination, in_request, origin
from gonogo.verdict.rules.stages import GATE

_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}


def judge_traffic(run: RunEvidence, environment: Environment, changed: Sequence[str], *,
               scenarios_stop: bool) -> Iterator[Finding]:
    """Findings on exchanges, reported under the stage that exercises the system as users do; none without such a stage.

    `changed` are the components that differ from the baseline.
    """
    wire = run.wire
    stage = next((stage for stage, results in run.evidence(ScenarioResults) if results.exercises_system), None)
    rules = environment.wire
    if wire is None:
        return
    if stage is None:
        if rules.contract == "block" and has_contracts(environment) and not run.partial:
            yield _not_recorded(GATE, Unrecorded(UnrecordedCause.NO_STAGE, 0, ""))
        return
    if severity := _SEVERITIES.get(rules.contract):
        yield from (_broken(stage, each, wire, severity) for each in wire.violations)
    if rules.contract == "block":
        yield from (_not_checked(stage, each) for each in wire.unchecked)
        yield from (_not_recorded(stage, each) for each in wire.unrecorded if has_contracts(environment))
    if severity := _SEVERITIES.get(rules.shapes):
        firsts = [each for each in wire.differences if each.edge == origin(each, wire.differences)]
        yield from (_changed(stage, each, wire, severity) for each in _alike(firsts))
    # A partial run, or a failed scenario, explains why an edge was not crossed, and why there is no trace.
    if not run.partial and not scenarios_stop:
        if environment.traces is not None and wire.was_traced and not wire.traced:
            yield _without_traces(stage, wire, changed)
        for caller, callee in wire.uncrossed:
            yield _not_crossed(stage, caller, callee, changed, wire.crossed_elsewhere.get((caller, callee), 0))


def _not_crossed(stage: str, caller: str, callee: str, changed: Sequence[str], elsewhere: int) -> Finding:
    """INCONCLUSIVE if one end has changed, because the change was not exercised; else a warning."""
    changed_end = next((name for name in (caller, callee) if name in changed), None)
    return Finding(stage, "edge-not-crossed", Severity.WARN if changed_end is None else Severity.INCONCLUSIVE,
                   PairSubject(caller, callee), EdgeNotCrossed(changed_end, elsewhere), caller, callee)


def _without_traces(stage: str, wire: WireEvidence, changed: Sequence[str]) -> Finding:
    """As of an edge that was not crossed: no edge is known to have been."""
    return Finding(stage, "traces-missing", Severity.INCONCLUSIVE if changed else Severity.WARN, StageSubject(stage),
                   TracesMissing(wire.foreign_spans))


def _broken(stage: str, violation: Violation, wire: WireEvidence, severity: Severity) -> Finding:
    edge = violation.edge
    caller = caller_of(edge, wire)
    at_fault, other = (caller, edge.callee) if violation.at_fault == edge.caller else (edge.callee, caller)
    return Finding(stage, "contract-broken", Severity.WARN if violation.known else severity, _endpoint(edge),
                   ContractBroken(violation.where, violation.fault, violation.count, violation.known),
                   *_pair(at_fault, other))


def has_contracts(environment: Environment) -> bool:
    """Whether any component has an OpenAPI document, so that unknown exchanges may break it."""
    return (any(each.openapi for each in environment.services.values())
            or any(each.openapi for each in environment.third_parties.values()))


def _not_checked(stage: str, gap: Unchecked) -> Finding:
    """INCONCLUSIVE: whether the exchange breaks the contract, which would stop the release, is not known."""
    return Finding(stage, "contract-not-checked", Severity.INCONCLUSIVE, _endpoint(gap.edge),
                   ContractNotChecked(gap.where, gap.cause, gap.why, gap.count), gap.edge.callee)


def _not_recorded(stage: str, missing: Unrecorded) -> Finding:
    return Finding(stage, "exchanges-not-recorded", Severity.INCONCLUSIVE, StageSubject(stage),
                   ExchangesNotRecorded(missing.cause, missing.count, missing.example))


def _alike(differences: Sequence[Difference]) -> list[Sequence[Difference]]:
    """Groups equal differences of one component's endpoints: a header in all its answers is one change."""
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for each in differences:
        groups.setdefault((each.edge.caller, each.edge.callee, each.where, each.changes, each.answers), []).append(each)
    return list(groups.values())


def _changed(stage: str, group: Sequence[Difference], wire: WireEvidence, severity: Severity) -> Finding:
    difference = group[0]
    last = destination(difference, wire.differences)
    edge = difference.edge
    component, peer = ((caller_of(edge, wire), last.callee) if in_request(difference)
                       else (edge.callee, caller_of(last, wire)))
    parameters = ShapeChanged(difference.where, difference.changes, difference.answers, difference.count,
                              difference.total, len(group) - 1)
    return Finding(stage, "shape-changed", severity, _endpoint(edge), parameters, *_pair(component, peer))


def _endpoint(edge: Edge) -> EndpointSubject:
    return EndpointSubject(edge.operation, edge.callee)


def _pair(component: str, peer: str) -> tuple[str | None, str | None]:
    """Component and peer; None for the suite's own steps."""
    return (component if component != STEP else None, peer if peer != STEP else None)
