"""The rule on secrets in the open: what is known to be secret must not stand where it does not belong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gonogo.config import Environment
from gonogo.model.calls import Edge, UnrecordedCause, WireEvidence
from gonogo.model.exposures import Exposure, Medium, SecretPlace
from gonogo.model.findings import ComponentSubject, Finding, GateSubject, Severity
from gonogo.model.rules.secrets import SecretExposed, SecretsNotSearched
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Scenario
from gonogo.model.stages import ScenarioResults
from gonogo.records.console import CONSOLE_FILE
from gonogo.records.logs import LOGS_FILE
from gonogo.records.outside import MAILS_FILE, OUTSIDE_FILE
from gonogo.records.spans import SPANS_FILE
from gonogo.traffic.analysis.documents import places_of
from gonogo.verdict.blame.flow import caller_of, receiver_of
from gonogo.verdict.rules.stages import GATE

_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}
_FILES = {Medium.LOG: LOGS_FILE, Medium.SPAN: SPANS_FILE, Medium.MAIL: MAILS_FILE}


def judge_secrets(run: RunEvidence, environment: Environment) -> Iterator[Finding]:
    """A finding for each place; those that the baseline has too, and those of third parties, are warnings.

    If it blocks, evidence that could not be searched is a finding too.
    """
    severity = _SEVERITIES.get(environment.rules.secrets_exposed)
    if severity is None:
        return
    known = (places_of(run.baseline.documents) if run.baseline is not None else None) or frozenset()
    stage = next((stage for stage, results in run.evidence(ScenarioResults) if results.exercises_system), GATE)
    placed: dict[SecretPlace, list[Exposure]] = {}
    if severity is Severity.BLOCK:
        yield from _not_searched(stage, run)
    for exposure in run.exposures:
        placed.setdefault(_placed(exposure, run.wire or WireEvidence()), []).append(exposure)
    for place, alike in placed.items():
        is_known = all(each.place in known for each in alike)
        foreign = place.component in environment.third_parties
        yield Finding(stage, "secret-exposed", Severity.WARN if is_known or foreign else severity,
                      ComponentSubject(place.component) if place.component else GateSubject(),
                      SecretExposed(place, sum(each.count for each in alike), is_known), place.component or None,
                      evidence=tuple(_evidence(alike[0], run)))


def _not_searched(stage: str, run: RunEvidence) -> Iterator[Finding]:
    """INCONCLUSIVE: whether a secret stands there, which would stop the release, is not known."""
    missing = [each for each in (run.wire or WireEvidence()).unrecorded if each.cause is not UnrecordedCause.NO_STAGE]
    if run.unsearched or missing:
        yield Finding(stage, "secrets-not-searched", Severity.INCONCLUSIVE, GateSubject(),
                      SecretsNotSearched(run.unsearched, tuple(missing)))


def _placed(exposure: Exposure, wire: WireEvidence) -> SecretPlace:
    """The place with the component that is at fault: behind gateways that only forward, and the sender of a mail."""
    place, edge = exposure.place, exposure.edge
    if place.medium is Medium.MAIL:
        senders = [caller for caller, callee in wire.crossed if callee == place.component]
        return replace(place, component=senders[0] if len(senders) == 1 else "")
    if edge is None:
        return place
    if place.medium is Medium.RESPONSE:
        return replace(place, component=_answered(exposure, edge, wire))
    return replace(place, component=caller_of(edge, wire))


def _answered(exposure: Exposure, edge: Edge, wire: WireEvidence) -> str:
    calls = (call for scenario in exposure.scenarios for call in wire.calls.get(scenario, ()) if call.edge == edge)
    return next((receiver_of(call) for call in calls), edge.callee)


def _evidence(exposure: Exposure, run: RunEvidence) -> Iterator[str]:
    if file := _FILES.get(exposure.place.medium):
        yield file
        return
    shown_in = CONSOLE_FILE if exposure.place.where == "console" else OUTSIDE_FILE
    suffix = ".har" if exposure.edge is not None else f"/{shown_in}"
    yield from (path for scenario in run.scenarios if scenario.key in exposure.scenarios[:1]
                for path in _attachments(scenario) if path.endswith(suffix))


def _attachments(scenario: Scenario) -> tuple[str, ...]:
    return scenario.attempts[-1].attachments if scenario.attempts else ()
