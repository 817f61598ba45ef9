"""What exceptions make of findings. A waiver takes away a NO-GO, and never what makes a run INCONCLUSIVE or void.

Which rules may be waived at all is `gonogo.model.exceptions`'s; the day is the reader's: what is expired is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gonogo.config.load_model import Load
from gonogo.model.exceptions import KINDS, WAIVABLE, RuleException, Waiver, covers
from gonogo.model.findings import EndpointSubject, Finding, GateSubject, Severity, StageSubject, Waived
from gonogo.model.load import LostObjective
from gonogo.model.rules.exceptions import ExceptionUnused, WaivedEndedEarly
from gonogo.model.rules.load import FailuresTooMany, RequestsTooFew
from gonogo.model.rules.traffic import ShapeChanged

_GATE = "gate"
_LOAD = "load"


def apply_waivers(findings: Iterable[Finding], exceptions: Sequence[RuleException],
                  environment: str) -> list[Finding]:
    """`findings`, where each blocking one that a waiver covers is a warning which names it."""
    return [_waived(finding, exceptions, environment) for finding in findings]


def left_open(findings: Iterable[Finding], aborted: Mapping[str, LostObjective],
              load: Load | None) -> Iterator[Finding]:
    """What waived findings on load leave open: a miss explains why no more was tried, and a waived one does not.

    Of a profile that gave up on an objective (`aborted`) the rest was never tried; of an endpoint that missed its
    `error_ratio` early, fewer requests may have been judged than its objectives ask for.
    """
    of_load = [finding for finding in findings if finding.stage == _LOAD]
    for profile, objective in aborted.items():
        mine = [finding for finding in of_load if getattr(finding.subject, "part", "") == profile]
        if any(each.waived for each in mine) and not any(each.severity is Severity.BLOCK for each in mine):
            yield Finding(_LOAD, "waived-load-ended-early", Severity.INCONCLUSIVE, StageSubject(_LOAD, profile),
                          WaivedEndedEarly(objective), evidence=(f"load/{profile}/end.json",))
    for finding in of_load:
        found, subject = finding.parameters, finding.subject
        if finding.waived and load and isinstance(found, FailuresTooMany) and isinstance(subject, EndpointSubject):
            objectives = load.profiles[subject.part].objectives
            wanted = objectives[subject.operation].min_requests if subject.operation in objectives else 0
            if found.requests < wanted:
                yield replace(finding, rule="too-few-requests", severity=Severity.INCONCLUSIVE, waived=None,
                              parameters=RequestsTooFew(found.requests, wanted))


def unused_exceptions(findings: Sequence[Finding], exceptions: Iterable[RuleException],
                      environment: str) -> Iterator[Finding]:
    """A warning for each exception that holds here and that no finding needed: it may well be over."""
    for entry in exceptions:
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


def _is_about(entry: RuleException, finding: Finding) -> bool:
    if isinstance(finding.parameters, ShapeChanged) and finding.parameters.endpoints:
        return False  # it speaks of other endpoints too, which an exception for one of them does not name
    return entry.rule == finding.rule and covers(entry.subject, finding.subject)
