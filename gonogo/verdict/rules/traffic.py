"""What the exchanges between components say about the release: contracts broken, shapes changed, edges not crossed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.config import Environment
from gonogo.model.calls import STEP, Difference, Violation, WireEvidence
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Reason, Severity
from gonogo.verdict.blame.clues import what_changed
from gonogo.verdict.blame.flow import caller_of, destination, in_request, origin

_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}
_SHOWN = 10  # of a kind; the rest is counted


def judge_wire(run: RunEvidence, environment: Environment, changed: Sequence[str], *,
               scenarios_stop: bool) -> Iterator[Reason]:
    """Reasons of what was exchanged; none where nothing was. `changed` are the components with another image."""
    wire = run.wire
    if wire is None or "behaviour" not in run.stages:
        return
    rules = environment.wire
    if severity := _SEVERITIES.get(rules.contract):
        yield from _bounded([_broken(each, wire, severity) for each in wire.violations], "contract-broken", severity)
    if severity := _SEVERITIES.get(rules.shapes):
        firsts = [each for each in wire.differences if each.edge == origin(each, wire.differences)]
        yield from _bounded([_changed(each, wire, severity) for each in _alike(firsts)], "shape-changed", severity)
    # What failed or was not asked for explains by itself why an edge was not crossed.
    if not run.partial and not scenarios_stop:
        for caller, callee in wire.uncrossed:
            yield _not_crossed(caller, callee, changed)


def _not_crossed(caller: str, callee: str, changed: Sequence[str]) -> Reason:
    """An edge of what has changed must be tried: without it there is too little evidence on the change."""
    title = f"{caller} never called {callee}, which it is known to do: no scenario and no load tried it"
    mine = next((name for name in (caller, callee) if name in changed), None)
    if mine is None:
        return Reason("behaviour", "edge-not-crossed", Severity.WARN, title, caller, callee)
    return Reason("behaviour", "edge-not-crossed", Severity.INCONCLUSIVE,
                  f"{title}; {mine} has changed since the last GO", caller, callee)


def _bounded(reasons: Sequence[Reason], rule: str, severity: Severity) -> Iterator[Reason]:
    yield from reasons[:_SHOWN]
    if len(reasons) > _SHOWN:
        yield Reason("behaviour", rule, severity, f"and {len(reasons) - _SHOWN} more of this kind")


def _broken(violation: Violation, wire: WireEvidence, severity: Severity) -> Reason:
    edge = violation.edge
    caller = caller_of(edge, wire)
    at_fault, other = (caller, edge.callee) if violation.at_fault == edge.caller else (edge.callee, caller)
    before = ", as in the last GO" if violation.known else ""
    times = f" ({violation.count} times{before})"
    return Reason("behaviour", "contract-broken", Severity.WARN if violation.known else severity,
                  f"{edge.operation} of {edge.callee}: {violation.where}: {violation.what}{times}",
                  *_pair(at_fault, other))


def _alike(differences: Sequence[Difference]) -> list[Sequence[Difference]]:
    """Those that say the same of a component's endpoints stand together: a header of all its answers is one change."""
    found: dict[tuple[object, ...], list[Difference]] = {}
    for each in differences:
        found.setdefault((each.edge.caller, each.edge.callee, each.where, each.was, each.now), []).append(each)
    return list(found.values())


def _changed(alike: Sequence[Difference], wire: WireEvidence, severity: Severity) -> Reason:
    difference = alike[0]
    last = destination(difference, wire.differences)
    edge = difference.edge
    elsewhere = f", and so on {len(alike) - 1} more of its endpoints" if len(alike) > 1 else ""
    component, peer = ((caller_of(edge, wire), last.callee) if in_request(difference)
                       else (edge.callee, caller_of(last, wire)))
    counted = f"({difference.count} of {difference.total}{elsewhere})"
    return Reason("behaviour", "shape-changed", severity,
                  f"{edge.operation} of {edge.callee}: {what_changed(difference)} {counted}", *_pair(component, peer))


def _pair(component: str, peer: str) -> tuple[str | None, str | None]:
    """The suite's own steps are no component."""
    return (component if component != STEP else None, peer if peer != STEP else None)
