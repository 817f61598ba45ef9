"""The calls of a run and their differences from contracts and baseline, as plain data for the verdict.

`gonogo.traffic` records, reads and compares calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

BROWSER = "browser"  # the caller of what a page sends
STEP = "step"  # the caller of what the suite's own steps send
LOAD = "load"  # the caller of what the load generator sends
MAX_SCENARIOS = 3  # that a difference names


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One kind of call: `caller` calls `method` `endpoint` of `callee`, a path with its variable parts as `[id]`.

    Where the call is not HTTP, `method` is the protocol in capitals ("SMTP") and `endpoint` its operation.
    """

    caller: str
    callee: str
    method: str
    endpoint: str

    @property
    def operation(self) -> str:
        return f"{self.method} {self.endpoint}"


@dataclass(frozen=True, slots=True)
class Call:
    """One call and the calls that its callee made to answer it.

    `status` is 0 without an answer (for a protocol other than HTTP, 200 or 500); `error_text` is the callee's
    error message; `started_s` are seconds since the epoch; `step` is the scenario's step that was
    running, where known; `late` marks what was done after the answer (a webhook, a message).
    """

    edge: Edge
    status: int
    started_s: float = 0.0
    duration_ms: float = 0.0
    span_id: str = ""
    error_text: str = ""
    step: str = ""
    late: bool = False
    calls: tuple[Call, ...] = ()

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= 400

    def walk(self) -> tuple[Call, ...]:
        """This call and all below it, callers first."""
        return (self, *(below for call in self.calls for below in call.walk()))


class CallKind(NamedTuple):
    """A call of `caller` to `callee` with its status, such as ("bookings", "gds", "POST /pnrs 201").

    Without caller and callee it is what the system takes in or gives, and passes on inside: ("", "", "ja-JP").
    """

    caller: str
    callee: str
    call: str


@dataclass(frozen=True, slots=True)
class ContractFault:
    """What a value is not, as a keyword of JSON Schema ("pattern"), or "status", "mediaType" and "json".

    `value` is the value and `expected` what is documented, both as short JSON; `message` is the schema library's own,
    where the keyword is none that has words of ours.
    """

    keyword: str
    value: str = ""
    expected: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """An exchange that does not keep to the OpenAPI document of its callee.

    `at_fault` sent what is wrong: the edge's caller for a request, its callee for an answer.
    """

    edge: Edge
    at_fault: str
    where: str  # "request.body.passengers[].name", "response.header.Location", "response.status"
    fault: ContractFault
    count: int = 1
    scenarios: tuple[str, ...] = ()
    known: bool = False  # the baseline has it too


class GapCause(StrEnum):
    """Why an exchange, or a part of it, could not be checked against the OpenAPI document of its callee."""

    DOCUMENT = "document"  # the document cannot be read or used
    PART = "part"  # the part of the document that the exchange needs cannot be used
    BODY = "body"  # the body was not recorded whole
    LIMIT = "limit"  # the check takes too long, or the value is nested too deeply


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What could not be checked: the exchange as a whole where `where` is empty, else a place in it.

    `why` has the reason in words ("`type` must be a string, got 3"), empty if the cause has only one.
    """

    edge: Edge
    where: str
    cause: GapCause
    why: str = ""
    count: int = 1


class UnrecordedCause(StrEnum):
    """Why there are exchanges that were not recorded."""

    PASSED = "passed"  # the environment keeps the exchanges of failing scenarios only
    UNREADABLE = "unreadable"  # the recording of a scenario is missing or damaged
    INCOMPLETE = "incomplete"  # entries of a recording are damaged
    NO_STAGE = "no stage"  # no stage of the environment exercises the system as its users do
    TAP = "tap"  # the tap's record is missing, empty or damaged


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Exchanges that nothing is known of: of `count` scenarios, entries or records, for instance `example`."""

    cause: UnrecordedCause
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Undocumented:
    """An endpoint (`where` empty) or a field that the callee's OpenAPI document does not have."""

    edge: Edge
    where: str = ""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """The values of a field under one facet: their `kind` ("digits", "uuid"), the lengths of such texts if there are
    few, and for texts under "type" their formats.
    """

    kind: str
    lengths: tuple[int, ...] = ()
    formats: tuple[FacetValue, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """One facet of a field ("presence", "type", "length", …) that changed: its values in the baseline and now."""

    facet: str
    was: tuple[FacetValue, ...]
    now: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of an endpoint from the baseline.

    `changes` are the facets that changed together; `answers` is the status of the answers, "" for all. `baseline_count`
    is the number of values in the baseline, `count` the number of this run's that differ, of `total` in all.
    """

    edge: Edge
    where: str
    changes: tuple[ShapeChange, ...]
    answers: str
    baseline_count: int
    count: int
    total: int
    scenarios: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """A response of `callee` that a browser blocked; `error_text` is the browser's reason."""

    callee: str
    error_text: str


@dataclass(frozen=True, slots=True)
class CallChange:
    """A kind of call of one scenario that differs from the baseline.

    `kind` is "new", "gone", "more", "fewer" or "status"; `was` and `now` are a count, or statuses, of which 0 is no
    answer.
    """

    edge: Edge
    kind: str
    was: tuple[int, ...]
    now: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LoadEdge:
    """One kind of call under load: how often it was made for one request of the generator, and its callee's own time.

    `self_ms` is the mean time in the callee without the calls that it made itself. `failed` were answered with 5xx or
    not at all; `error_origins` are those of them that no failed call below explains. The `was_…` are those of the
    baseline, None if it has no such call, or if there is no baseline.
    """

    edge: Edge
    calls: int
    per_request: float
    self_ms: float
    failed: int = 0
    error_origins: int = 0
    was_per_request: float | None = None
    was_self_ms: float | None = None
    was_failed_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class WireEvidence:
    """The joined exchanges and traces of a run.

    By scenario (its key): `calls` are its call trees; `hops` the path from a failing scenario's call to the error
    origin, if the baseline does not have that error; `changes` the differences of its calls from the baseline;
    `blocked` what its browser refused. `differences`, `uncrossed` and `changes` are empty if `compared` is False: there
    was no baseline. `crossed` counts calls by (caller, callee), inside and outside of scenarios; `uncrossed` are edges
    that are declared or were crossed in the baseline, `crossed_elsewhere` counts calls in traces that the run did not
    begin, whose `foreign_spans` are no evidence. `without_contract` are called components without an OpenAPI document;
    `traced`: spans of the run were received, `was_traced`: of the baseline's run; `components` are all of the
    environment, `pages` the one whose code runs in the browser, `front` the one that browsers call; `problems` are
    inputs that could not be read. `unchecked` are exchanges with components that have an OpenAPI
    document, and `unrecorded` those that could be some.
    """

    exchanges: int = 0
    calls: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
    hops: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
    changes: Mapping[str, tuple[CallChange, ...]] = field(default_factory=dict)
    blocked: Mapping[str, tuple[Blocked, ...]] = field(default_factory=dict)
    under_load: tuple[LoadEdge, ...] = ()
    violations: tuple[Violation, ...] = ()
    undocumented: tuple[Undocumented, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    unrecorded: tuple[Unrecorded, ...] = ()
    differences: tuple[Difference, ...] = ()
    crossed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    uncrossed: tuple[tuple[str, str], ...] = ()
    crossed_elsewhere: Mapping[tuple[str, str], int] = field(default_factory=dict)
    foreign_spans: int = 0
    was_traced: bool = False
    without_contract: tuple[str, ...] = ()
    components: frozenset[str] = frozenset()
    pages: str | None = None
    front: str | None = None
    compared: bool = False
    traced: bool = False
    problems: tuple[str, ...] = ()
