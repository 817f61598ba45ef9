"""Applies exceptions.yml to findings. An exception can remove a NO-GO, never what makes a run INCONCLUSIVE or void.

`gonogo.model.exceptions` lists the rules that may be waived. Expired entries were refused when the file was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gonogo.config.load_model import Load
from gonogo.model.exceptions import KINDS, WAIVABLE, Approval, RuleException, SeenChoice, Waiver, covers
from gonogo.model.findings import EndpointSubject, Finding, GateSubject, Severity, StageSubject, Waived
from gonogo.model.load import LostObjective
from gonogo.model.rules.exceptions import ExceptionUnused, WaivedEndedEarly
from gonogo.model.rules.load import FailuresTooMany, RequestsTooFew
from gonogo.model.rules.outside import OutsideChanged
from gonogo.model.rules.traffic import ShapeChanged

_GATE = "gate"
_LOAD = "load"


def apply_exceptions(findings: Iterable[Finding], exceptions: Sequence[RuleException],
                  environment: str) -> list[Finding]:
    """`findings`; each that a waiver or an approval covers becomes a warning which names it."""
    return [_approved(_waived(finding, exceptions, environment), exceptions, environment) for finding in findings]


def unexplained_by_waived(findings: Iterable[Finding], aborted: Mapping[str, LostObjective],
              load: Load | None) -> Iterator[Finding]:
    """Findings on load that waived findings would hide: a miss explains missing evidence, a waived miss does not.

    A profile that stopped early on an objective (`aborted`) did not run to its end. An endpoint that missed its
    `error_ratio` may have fewer requests than its objectives require.
    """
    of_load = [finding for finding in findings if finding.stage == _LOAD]
    for profile, objective in aborted.items():
        of_profile = [finding for finding in of_load if getattr(finding.subject, "part", "") == profile]
        if any(each.waived for each in of_profile) and not any(each.severity is Severity.BLOCK for each in of_profile):
            yield Finding(_LOAD, "waived-load-ended-early", Severity.INCONCLUSIVE, StageSubject(_LOAD, profile),
                          WaivedEndedEarly(objective), evidence=(f"load/{profile}/end.json",))
    for finding in of_load:
        parameters, subject = finding.parameters, finding.subject
        if finding.waived and load and isinstance(parameters, FailuresTooMany) and isinstance(subject, EndpointSubject):
            objectives = load.profiles[subject.part].objectives
            required = objectives[subject.operation].min_requests if subject.operation in objectives else 0
            if parameters.requests < required:
                yield replace(finding, rule="too-few-requests", severity=Severity.INCONCLUSIVE, waived=None,
                              parameters=RequestsTooFew(parameters.requests, required))


def unused_exceptions(findings: Sequence[Finding], exceptions: Iterable[RuleException],
                      environment: str) -> Iterator[Finding]:
    """A warning for each exception of this environment that no finding needed: it may be obsolete."""
    for entry in exceptions:
        if isinstance(entry, Approval):
            continue  # it has no effect once the baseline has the change; `gonogo approve --prune` removes it
        if entry.holds_in(environment) and not any(finding.waived and _is_about(entry, finding)
                                                   for finding in findings):
            yield Finding(_GATE, "exception-unused", Severity.WARN, GateSubject(),
                          ExceptionUnused(KINDS[type(entry)], entry.rule, entry.subject, entry.where))


def _waived(finding: Finding, exceptions: Sequence[RuleException], environment: str) -> Finding:
    if finding.severity is not Severity.BLOCK or finding.rule not in WAIVABLE:
        return finding
    waiver = next((entry for entry in exceptions if isinstance(entry, Waiver) and entry.holds_in(environment)
                   and _is_about(entry, finding)), None)
    if waiver is None:
        return finding
    return replace(finding, severity=Severity.WARN, waived=Waived(waiver.owner, waiver.reason, waiver.expires))


def _approved(finding: Finding, exceptions: Sequence[RuleException], environment: str) -> Finding:
    """A finding is approved if each of its changes is, by one entry or by several."""
    parameters = finding.parameters
    if not isinstance(parameters, OutsideChanged):
        return finding
    subject = SeenChoice(parameters.place.kind.value, parameters.place.name, parameters.key)
    entries = [entry for entry in exceptions if isinstance(entry, Approval) and entry.holds_in(environment)
               and (entry.rule, entry.subject) == (finding.rule, subject)]
    approved = {pair for entry in entries for pair in entry.changes}
    if not entries or parameters.pairs_left_out or not set(parameters.pairs) <= approved:
        return finding
    first = entries[0]
    return replace(finding, severity=Severity.WARN, waived=Waived(first.owner, first.reason, first.expires))


def _is_about(entry: RuleException, finding: Finding) -> bool:
    if isinstance(finding.parameters, ShapeChanged) and finding.parameters.endpoints:
        return False  # the finding covers further endpoints, which the exception does not name
    return entry.rule == finding.rule and covers(entry.subject, finding.subject)
