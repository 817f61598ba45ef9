"""Findings about what was exchanged between components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.calls import ContractFault, GapCause, ShapeChange, UnrecordedCause
from gonogo.model.findings import Parameters


@dataclass(frozen=True, slots=True)
class ContractBroken(Parameters):
    """`where` ("request.body.name") has a fault, `count` times; `known` says that the baseline had it too."""

    where: str
    fault: ContractFault
    count: int
    known: bool = False


@dataclass(frozen=True, slots=True)
class ContractNotChecked(Parameters):
    """`where` in `count` exchanges, "" for all of an exchange, was not checked; `why` is in words, "" if not needed."""

    where: str
    cause: GapCause
    why: str
    count: int


@dataclass(frozen=True, slots=True)
class ExchangesNotRecorded(Parameters):
    """Of `count` scenarios, entries or records, such as `example`, there are exchanges that nothing is known of."""

    cause: UnrecordedCause
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class ShapeChanged(Parameters):
    """`count` of `total` values at `where` are not as they were; `answers` is the status of the answers, "" for all.

    `endpoints` are so many more of the same component that changed alike.
    """

    where: str
    changes: tuple[ShapeChange, ...]
    answers: str
    count: int
    total: int
    endpoints: int = 0


@dataclass(frozen=True, slots=True)
class EdgeNotCrossed(Parameters):
    """`changed` is the one of its ends that is another image than in the baseline, None where neither is.

    `elsewhere` counts its calls in traces that the run did not begin.
    """

    changed: str | None = None
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class TracesMissing(Parameters):
    """The baseline's run had traces and this one has none, but `foreign` spans of traces that it did not begin."""

    foreign: int = 0


RULES: Mapping[str, type[Parameters]] = {
    "contract-broken": ContractBroken, "contract-not-checked": ContractNotChecked,
    "exchanges-not-recorded": ExchangesNotRecorded, "shape-changed": ShapeChanged, "edge-not-crossed": EdgeNotCrossed,
    "traces-missing": TracesMissing,
}
