"""Exceptions to rules, as in exceptions.yml: subject, reason, owner and expiry.

`gonogo.verdict.exceptions` applies them to findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from gonogo.model.findings import (
    ComponentSubject,
    EndpointSubject,
    GateSubject,
    PairSubject,
    StageSubject,
    Subject,
)
from gonogo.model.identity import ScenarioId


@dataclass(frozen=True, slots=True)
class ScenarioChoice:
    """A scenario as a file names it: `ordinal` tells those apart that share file, rule and name.

    Of an outline it is every row, or those whose cells have the values of `example`.
    """

    file: str
    name: str
    under_rule: str = ""
    ordinal: int = 1
    example: tuple[tuple[str, str], ...] = ()

    def covers(self, scenario: ScenarioId) -> bool:
        return ((scenario.uri, scenario.rule, scenario.name, scenario.ordinal)
                == (self.file, self.under_rule, self.name, self.ordinal)
                and set(self.example) <= set(scenario.cells))


@dataclass(frozen=True, slots=True)
class SeenChoice:
    """A part of what people or partners see: the `kind` and `name` of a place, and the `key` of what it shows there."""

    kind: str
    name: str
    key: str


ExceptionSubject = (SeenChoice | ScenarioChoice | GateSubject | StageSubject | ComponentSubject | PairSubject
                    | EndpointSubject)


def covers(chosen: ExceptionSubject, subject: Subject) -> bool:
    """Whether an exception about `chosen` is about the `subject` of a finding."""
    if isinstance(chosen, ScenarioChoice):
        return isinstance(subject, ScenarioId) and chosen.covers(subject)
    return chosen == subject


@dataclass(frozen=True, slots=True)
class RuleException:
    """One entry. `expires` is the last day on which it holds (UTC); without `environments` it holds in each.

    `where` is its place in the file ("exceptions.yml:12").
    """

    rule: str
    subject: ExceptionSubject
    reason: str
    owner: str
    expires: date
    environments: tuple[str, ...] = ()
    where: str = ""

    def holds_in(self, environment: str) -> bool:
        return not self.environments or environment in self.environments

    def is_over(self, today: date) -> bool:
        return today > self.expires


@dataclass(frozen=True, slots=True)
class Waiver(RuleException):
    """A finding of `rule` about the subject becomes a warning that names this waiver."""


@dataclass(frozen=True, slots=True)
class Approval(RuleException):
    """What people or partners see was meant to change: each pair of (was, is). Other values are not approved."""

    changes: tuple[tuple[str, str], ...] = ()


def waived_objectives(exceptions: Iterable[RuleException], environment: str) -> tuple[tuple[str, str, str], ...]:
    """(profile, rule, endpoint) of the objectives of load that are waived in an environment."""
    return tuple((entry.subject.part, entry.rule, entry.subject.operation) for entry in exceptions
                 if isinstance(entry, Waiver) and entry.holds_in(environment)
                 and isinstance(entry.subject, EndpointSubject) and entry.subject.part)


KINDS: Mapping[type[RuleException], str] = {Waiver: "waiver", Approval: "approval"}

# Rule → what its findings are about, for each rule whose finding is a fact about the release, observed in full.
_PROFILE_ENDPOINT = "endpoint of a load profile"
_COMPONENT_ENDPOINT = "endpoint of a component"
_PROFILE = "load profile"
_SCENARIO = "scenario"
_COMPONENT = "component"
WAIVABLE: Mapping[str, str] = {
    "scenario-failed": _SCENARIO, "scenario-flaky": _SCENARIO, "journey-failed": _SCENARIO,
    "component-unhealthy": _COMPONENT, "secret-exposed": _COMPONENT,
    "data-of-another": _COMPONENT, "foreign-host": _COMPONENT, "protection-lost": _COMPONENT, "grown": _COMPONENT,
    "page-broken": _COMPONENT, "broken-text": _COMPONENT, "access-lost": _COMPONENT,
    "contract-broken": _COMPONENT_ENDPOINT, "shape-changed": _COMPONENT_ENDPOINT,
    **dict.fromkeys(("probe-server-error", "probe-refused", "probe-accepted", "probe-answer-changed",
                     "probe-shape-changed"), _COMPONENT_ENDPOINT),
    "error-ratio": _PROFILE_ENDPOINT, "latency": _PROFILE_ENDPOINT, "not-recovered": _PROFILE_ENDPOINT,
    "regression": _PROFILE_ENDPOINT,
    "knee-too-low": _PROFILE, "memory-grows": _PROFILE, "vital": _PROFILE,
}

EXAMPLES: Mapping[str, str] = {
    _SCENARIO: "{scenario: Ana pays, file: features/journeys/paying.feature}",
    _COMPONENT: "{component: payments}",
    _COMPONENT_ENDPOINT: "{endpoint: POST /bookings, component: bookings}",
    _PROFILE_ENDPOINT: "{endpoint: /api/flights, profile: steady}",
    _PROFILE: "{stage: load, profile: steady}",
}
"""What a finding is about, as exceptions.yml writes it."""

# Rules that stop the release and are not waivable: behind each stands something that was not tested.
_NOT_TESTED: Mapping[str, str] = {
    **dict.fromkeys(("wrong-image", "wrong-settings", "deployed-during-run", "several-versions",
                     "release-not-compared"),
                    "what was tested is not what is to be promoted"),
    "inputs-changed": "stages may have read different versions of the suite",
    "component-lost": "a lost component can no longer report its version",
    "arrivals-failed": "the load was incomplete, so its other figures do not describe the profile",
}
_NO_EVIDENCE = "it means that evidence is missing or invalid, and nothing can stand for a test that was not made"


def why_not_waivable(rule: str) -> str:
    """Why no waiver may name this rule; "" where one may."""
    return "" if rule in WAIVABLE else _NOT_TESTED.get(rule, _NO_EVIDENCE)


def kind_of_subject(subject: ExceptionSubject) -> str:
    """In the words of WAIVABLE; "" for what no waivable rule is about."""
    match subject:
        case ScenarioChoice():
            return _SCENARIO
        case ComponentSubject():
            return _COMPONENT
        case StageSubject(stage="load", part=part) if part:
            return _PROFILE
        case EndpointSubject(component=component, part=part) if bool(component) != bool(part):
            return _COMPONENT_ENDPOINT if component else _PROFILE_ENDPOINT
    return ""
