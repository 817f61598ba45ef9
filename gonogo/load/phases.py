"""The phases of a profile: which are judged, which are only shown. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gonogo.config import Arrivals, LoadProfile
from gonogo.model.load import PhaseKind
from gonogo.records.load_record import PlannedPhase


def phases_of(profile: LoadProfile) -> tuple[PlannedPhase, ...]:
    """The phases in order; the warm-up overlaps no other phase, and the last phase has no end."""
    warm_s = profile.warm_up_s
    phases = [PlannedPhase(kind=PhaseKind.WARM_UP, from_s=0, to_s=warm_s)] if warm_s else []
    for phase in _shaped(profile.arrivals, profile.duration_s):
        if phase.to_s is None or phase.to_s > warm_s:
            phases.append(phase.model_copy(update={"from_s": max(phase.from_s, warm_s)}))
    return tuple(phases)


def _shaped(arrivals: Arrivals | None, duration_s: float) -> Iterator[PlannedPhase]:
    if arrivals and arrivals.steps:
        every_s = arrivals.steps.every_s
        for index in range(max(1, math.ceil(duration_s / every_s))):
            yield PlannedPhase(kind=PhaseKind.STEP, from_s=index * every_s, to_s=(index + 1) * every_s,
                               per_s=arrivals.per_s + index * arrivals.steps.by_per_s)
    elif arrivals and arrivals.spike:
        begins_s, ends_s = arrivals.spike.after_s, arrivals.spike.after_s + arrivals.spike.for_s
        well_s = ends_s + arrivals.spike.recovers_within_s
        if begins_s:
            yield PlannedPhase(kind=PhaseKind.LOAD, from_s=0, to_s=begins_s)
        yield PlannedPhase(kind=PhaseKind.SPIKE, from_s=begins_s, to_s=ends_s)
        yield PlannedPhase(kind=PhaseKind.RECOVERY, from_s=ends_s, to_s=well_s)
        yield PlannedPhase(kind=PhaseKind.LOAD, from_s=well_s)
    else:
        yield PlannedPhase(kind=PhaseKind.LOAD, from_s=0)
