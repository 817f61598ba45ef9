"""The rules that hold for every system: what does not hold is judged by its policy; what the baseline has too warns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.config import Environment
from gonogo.model.calls import BROWSER, WireEvidence
from gonogo.model.findings import ComponentSubject, Finding, Severity
from gonogo.model.invariants import Fault
from gonogo.model.outside import PlaceKind
from gonogo.model.rules.invariants import PageBroken
from gonogo.model.run import RunEvidence
from gonogo.model.stages import ScenarioResults
from gonogo.verdict.blame.flow import receiver_of
from gonogo.verdict.rules.stages import GATE

MAX_FINDINGS = 30  # of one rule
SYSTEM = "system"  # what a fault is about whose component is not known
POLICIES: Mapping[str, str] = {
    "data-of-another": "data_of_another",
    "foreign-host": "foreign_host",
    "protection-lost": "protection_lost",
    "grown": "grown",
    "page-broken": "page_broken",
    "broken-text": "broken_text",
    "access-lost": "access_lost",
}
"""Rule → its key under `rules` in environments.yml."""
OF_PAGES = frozenset({"data-of-another", "foreign-host", "grown", "broken-text", "access-lost"})  # and mails
COMPARING = frozenset({"data-of-another", "protection-lost", "grown", "access-lost"})  # with a baseline alone
_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}


def judge_invariants(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    """A finding for each fault, up to a bound for each rule; new ones first."""
    if run.invariants is None:
        return
    stage_of = {scenario.key: stage for stage, results in run.evidence(ScenarioResults)
                for scenario in results.scenarios.scenarios}
    for rule, key in POLICIES.items():
        policy = _SEVERITIES.get(getattr(environment.rules, key))
        if policy is None:
            continue
        faults = sorted((fault for fault in run.invariants.faults if fault.rule == rule),
                        key=lambda fault: (fault.known, not fault.certain))
        for fault in faults[:MAX_FINDINGS]:
            severity = policy if fault.certain and not fault.known else Severity.WARN
            yield _finding(fault, stage_of.get(fault.scenario, GATE), severity, run)


def _finding(fault: Fault, stage: str, severity: Severity, run: RunEvidence) -> Finding:
    wire = run.wire or WireEvidence()
    component, reader = _named(fault.pair, wire) if fault.pair else (_component(fault, wire), _reader(fault, wire))
    return Finding(stage, fault.rule, severity, ComponentSubject(component or SYSTEM), fault.parameters,
                   component or None, reader if reader != component else None, tuple(_evidence(fault, run)))


def _named(pair: tuple[str, str], wire: WireEvidence) -> tuple[str, str | None]:
    """The pair, with the component whose code runs in the browser for the browser."""
    component, peer = (wire.pages or name if name == BROWSER else name for name in pair)
    return component, peer


def _component(fault: Fault, wire: WireEvidence) -> str:
    """The component that is at fault: that of pages, or the one that answered, behind gateways that only forward."""
    place = fault.parameters.place
    if place.kind in (PlaceKind.PAGE, PlaceKind.DOWNLOAD):
        return fault.component or wire.pages or wire.front or ""
    if place.kind is PlaceKind.MAIL:
        senders = [caller for caller, callee in wire.crossed if callee == place.component]
        return senders[0] if len(senders) == 1 else ""
    calls = (call for root in wire.calls.get(fault.scenario, ()) for call in root.walk()
             if (call.edge.callee, call.edge.operation) == (place.component, place.name))
    return next(map(receiver_of, calls), fault.component)


def _reader(fault: Fault, wire: WireEvidence) -> str | None:
    """The component that reads the place, as far as it is one."""
    is_answer = fault.parameters.place.kind is PlaceKind.ANSWER
    return (wire.pages or BROWSER) if is_answer and fault.parameters.place.person else None


def _evidence(fault: Fault, run: RunEvidence) -> Iterator[str]:
    parameters = fault.parameters
    if isinstance(parameters, PageBroken) and parameters.cause == "error":
        endings: tuple[str, ...] = ("/console.json",)
    else:
        endings = (".har",) if parameters.place.kind is PlaceKind.ANSWER else ("/outside.json", ".har")
    for scenario in run.scenarios:
        if scenario.key == fault.scenario and scenario.attempts:
            paths = scenario.attempts[-1].attachments
            yield from (path for ending in endings for path in paths if path.endswith(ending))
            return
