"""Findings of the probe stage: about an operation of the front API, or about the stage as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import Parameters
from gonogo.model.probing import Change
from gonogo.model.rules.gate import ErrorReported


@dataclass(frozen=True, slots=True)
class ProbeAnswered(Parameters):
    """The answer to a request of `operation`: `where` is the aspect or the place that differs from the baseline's.

    `was` is "" without a baseline; `is_now` is "" of a place that is gone. `requests` have such an answer, this is the
    first of them; `curl` sends it. `calls` is the key of its calls, if they were recorded.
    """

    operation: str
    change: Change
    where: str
    was: str
    is_now: str
    requests: int = 1
    curl: str = ""
    calls: str = ""


@dataclass(frozen=True, slots=True)
class ProbeIncomplete(Parameters):
    """So many of the baseline's requests were not sent again: `left` for want of time, `unfilled` for want of a value.

    `example` is the first operation and value of those.
    """

    left: int
    unfilled: int
    example: str = ""


@dataclass(frozen=True, slots=True)
class ProbeNoOperation(Parameters):
    """No operation can be probed; `example` is the first that cannot, with why."""

    example: str = ""


@dataclass(frozen=True, slots=True)
class ProbeRefused(Parameters):
    """Requests that the environment does not permit, and the first of them."""

    count: int
    example: str


@dataclass(frozen=True, slots=True)
class ProbeUnanswered(Parameters):
    """The last so many requests had no answer."""

    sent: int


RULES: Mapping[str, type[Parameters]] = {
    "probe-server-error": ProbeAnswered, "probe-refused": ProbeAnswered, "probe-accepted": ProbeAnswered,
    "probe-answer-changed": ProbeAnswered, "probe-shape-changed": ProbeAnswered,
    "probe-error-without-baseline": ProbeAnswered, "probe-unstable": ProbeAnswered,
    "probe-incomplete": ProbeIncomplete, "probe-no-operation": ProbeNoOperation,
    "probe-request-refused": ProbeRefused, "probe-unanswered": ProbeUnanswered,
    "probe-sign-in-failed": ErrorReported, "probe-fault": ErrorReported,
}
