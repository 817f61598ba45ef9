"""What is installed, by name: stages, reports, trace backends, clues and probes. No implementation is named here.

`gonogo.plugins` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from gonogo.core.entry_points import Registered

if TYPE_CHECKING:  # `gonogo check` needs the stages alone, and is quick
    from gonogo.environment.probes import ServiceProbe
    from gonogo.report.report import Report
    from gonogo.stages.stage import Stage
    from gonogo.traffic.spans.backends import TraceBackend
    from gonogo.verdict.blame.clues import ClueSource

Target = TypeVar("Target")


@dataclass(frozen=True, slots=True)
class Extension(Generic[Target]):
    """What stands behind an entry point, and who registered it."""

    registered: Registered
    target: Target


@dataclass(frozen=True, slots=True)
class Extensions:
    """By name, those of gonogo itself first."""

    stages: Mapping[str, Extension[type[Stage]]]
    reports: Mapping[str, Extension[type[Report]]]
    trace_backends: Mapping[str, Extension[type[TraceBackend]]]
    clues: Mapping[str, Extension[ClueSource]]
    probes: Mapping[str, Extension[ServiceProbe]]
