"""Secrets where they do not belong, and errors that components logged, as plain data for the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.model.calls import Edge
from gonogo.model.logs import LogRecord


class Medium(StrEnum):
    """What a secret was found in."""

    REQUEST = "request"
    RESPONSE = "response"
    MAIL = "mail"
    PAGE = "page"
    SPAN = "span"
    LOG = "log"


@dataclass(frozen=True, slots=True, order=True)
class SecretPlace:
    """A place in which a secret of a `kind` ("card", "password", "token" …) was found; it has not the secret itself.

    `component` sent, showed, answered or logged it, "" if that is not known; `operation` is that of the call
    ("POST /orders"), "" of other media. `where` is the place within ("response.body.card.number",
    "span.attributes.http.url"), and the same in every run.
    """

    component: str
    kind: str
    medium: Medium
    where: str
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """`place` had a secret `count` times; `edge` is the call that carried it, None of other media.

    `scenarios` are the first whose evidence has it.
    """

    place: SecretPlace
    count: int
    edge: Edge | None = None
    scenarios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class LoggedKind:
    """A kind of error that a component logged: its level's record has an exception of this type."""

    component: str
    exception: str


@dataclass(frozen=True, slots=True)
class LoggedErrors:
    """The errors that components logged: those in the trace of a scenario by its key, and the number of all others.

    `records` is the number of log records that came, of any level.
    """

    by_scenario: Mapping[str, tuple[LogRecord, ...]] = field(default_factory=dict)
    elsewhere: int = 0
    records: int = 0

    @property
    def kinds(self) -> frozenset[LoggedKind]:
        """Those of scenarios, by the type of the exception."""
        return frozenset(LoggedKind(record.component, record.exception) for records in self.by_scenario.values()
                         for record in records if record.exception)
