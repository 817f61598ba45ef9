"""The installed stages, reports, trace backends, clues and probes by name. `gonogo.plugins` loads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from gonogo.core.entry_points import Registered

if TYPE_CHECKING:  # `gonogo check` needs only the stages, and starts fast
    from gonogo.environment.probes import ServiceProbe
    from gonogo.report.report import Report
    from gonogo.stages.stage import Stage
    from gonogo.traffic.spans.backends import TraceBackend
    from gonogo.verdict.blame.clues import ClueSource

Target = TypeVar("Target")


@dataclass(frozen=True, slots=True)
class Extension(Generic[Target]):
    """The object of an entry point, and its registration."""

    registered: Registered
    target: Target


@dataclass(frozen=True, slots=True)
class Extensions:
    """Extensions by name, gonogo's own first."""

    stages: Mapping[str, Extension[type[Stage]]]
    reports: Mapping[str, Extension[type[Report]]]
    trace_backends: Mapping[str, Extension[type[TraceBackend]]]
    clues: Mapping[str, Extension[ClueSource]]
    probes: Mapping[str, Extension[ServiceProbe]]
