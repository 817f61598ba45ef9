"""A log record: one line that a component wrote, or sent over OTLP.

`gonogo.traffic.logs` receives and reads records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["", "trace", "debug", "info", "warn", "error", "fatal"]


@dataclass(frozen=True, slots=True)
class LogRecord:
    """`component` is the resource's service.name, or the name of the file that the record was read from (`source`).

    `level` is "" if the record has none; `at_s` are seconds since the epoch, 0 if unknown; ids are lower-case hex, ""
    if the record belongs to no trace; `exception` is the type of the error ("KeyError"), "" without one.
    """

    component: str
    body: str
    level: Level = ""
    at_s: float = 0.0
    trace_id: str = ""
    span_id: str = ""
    exception: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    @property
    def is_error(self) -> bool:
        return self.level in ("error", "fatal")
