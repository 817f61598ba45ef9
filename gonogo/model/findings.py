"""A finding: the result of a rule about the run or the release, as data. `report.wording` words it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gonogo.model.identity import ScenarioId


class Severity(StrEnum):
    """The effect of a finding on the verdict; the first of these that occurs decides."""

    VOID = "void"  # what was tried is not what is to be promoted: INCONCLUSIVE, whatever else was found
    BLOCK = "block"  # the release misses the policy: NO-GO
    INCONCLUSIVE = "inconclusive"  # the environment, a browser, a generator or the suite failed, or too little was seen
    WARN = "warn"  # listed, and does not stop


@dataclass(frozen=True, slots=True)
class GateSubject:
    """The run as a whole."""


@dataclass(frozen=True, slots=True)
class StageSubject:
    """A stage, or one `part` of it: of load, a profile."""

    stage: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class ComponentSubject:
    component: str


@dataclass(frozen=True, slots=True)
class PairSubject:
    """A caller and its callee."""

    component: str
    peer: str


@dataclass(frozen=True, slots=True)
class EndpointSubject:
    """An `operation` ("POST /bookings") of `component`, "" where that is not known; `part` is a load profile."""

    operation: str
    component: str = ""
    part: str = ""


Subject = ScenarioId | GateSubject | StageSubject | ComponentSubject | PairSubject | EndpointSubject


@dataclass(frozen=True, slots=True)
class Parameters:
    """The figures and facts of a finding; each kind of finding has a class of its own, without a sentence in it."""


@dataclass(frozen=True, slots=True)
class NoParameters(Parameters):
    """No parameters: the rule and its subject are enough."""


@dataclass(frozen=True, slots=True)
class PluginParameters(Parameters):
    """What a plug-in found: `values` by name, and `words` that have them in braces ("{page} weighs {kib} KiB")."""

    values: tuple[tuple[str, str | int | float | bool | None], ...]
    words: str


@dataclass(frozen=True, slots=True)
class Waived:
    """Why a finding that stops the release is a warning all the same: who answers for it, and until which day."""

    owner: str
    reason: str
    expires: date


@dataclass(frozen=True, slots=True)
class Finding:
    """`component` → `peer` is who broke whom, where known; `evidence` are paths in the run folder.

    `waived` is set where the rule stopped the release, were it not for a waiver.
    """

    stage: str
    rule: str
    severity: Severity
    subject: Subject
    parameters: Parameters = NoParameters()
    component: str | None = None
    peer: str | None = None
    evidence: tuple[str, ...] = ()
    waived: Waived | None = None
