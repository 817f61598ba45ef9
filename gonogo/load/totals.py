"""The counts since the start, by phase, for decisions during a run. `recorder` writes the record on disk."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gonogo.load.tally import Count, Counts
from gonogo.model.load import EndpointSamples, Phase, PhaseKind
from gonogo.records.load_reader import judged_samples
from gonogo.records.load_record import PlannedPhase


class Totals:
    def __init__(self, phases: Sequence[PlannedPhase]) -> None:
        self._phases = phases
        self._counts: list[dict[str, Count]] = [{} for _ in phases]

    def add(self, counts: Counts) -> None:
        for (second, endpoint), count in counts.items():
            for phase, counts_by_endpoint in zip(self._phases, self._counts, strict=True):
                if phase.holds(second):
                    total = counts_by_endpoint.setdefault(endpoint, Count())
                    total.latencies.add(count.latencies)
                    total.failures.update(count.failures)
                    total.untimed += count.untimed

    def phases(self, until_s: float, kind: PhaseKind | None = None) -> tuple[Phase, ...]:
        """The phases of `kind` (or all) that began before `until_s`, with their counts."""
        return tuple(
            Phase(phase.kind, phase.from_s, until_s if phase.to_s is None else phase.to_s, phase.per_s,
                  tuple(EndpointSamples(name, count.latencies, dict(count.failures), count.untimed)
                        for name, count in sorted(counts_by_endpoint.items())))
            for phase, counts_by_endpoint in zip(self._phases, self._counts, strict=True)
            if phase.from_s < until_s and kind in (None, phase.kind))

    @property
    def endpoints(self) -> tuple[EndpointSamples, ...]:
        return judged_samples(self.phases(math.inf))
