"""Rules on memory: the slope of the memory that a component reports after the warm-up of a load profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.config import LoadProfile
from gonogo.model.findings import Severity
from gonogo.model.load import LoadEvidence, MemorySample
from gonogo.model.rules.load import MemoryGrows, MemoryNotReported
from gonogo.verdict.load.confidence import Bounds
from gonogo.verdict.load.objectives import Observation

_MIN_SAMPLES = 10
_MAX_SAMPLES = 500  # all pairs of samples are compared
_MIB = 1024 * 1024


def judge_memory(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Observation]:
    """Nothing if the profile does not check memory, or stopped early: the run was too short to show growth."""
    if profile.memory is None or evidence.aborted:
        return
    if not evidence.memory:
        yield Observation("memory-not-reported", Severity.INCONCLUSIVE, MemoryNotReported())
    by_component: dict[str, list[MemorySample]] = {}
    for sample in evidence.memory:
        by_component.setdefault(sample.component, [])
        if sample.at_s >= profile.warm_up_s:
            by_component[sample.component].append(sample)
    for component, samples in sorted(by_component.items()):
        yield from _of_component(component, samples, profile.memory.growth_mib_per_h)


def _of_component(component: str, samples: Sequence[MemorySample], limit: float) -> Iterator[Observation]:
    if len(samples) < _MIN_SAMPLES or samples[0].at_s == samples[-1].at_s:
        yield Observation("memory-not-reported", Severity.INCONCLUSIVE, MemoryNotReported(len(samples), _MIN_SAMPLES),
                          component)
        return
    slope, bounds = growth_mib_per_h(samples)
    growth = MemoryGrows(slope, bounds.low, bounds.high, limit)
    if bounds.low is not None and bounds.low > limit:
        yield Observation("memory-grows", Severity.BLOCK, growth, component)
    elif bounds.high is None or bounds.high > limit:
        yield Observation("memory-undecided", Severity.INCONCLUSIVE, growth, component)


def growth_mib_per_h(samples: Sequence[MemorySample]) -> tuple[float, Bounds]:
    """The Theil-Sen slope, which is robust against outliers, and its one-sided 95 % bounds."""
    from scipy.stats import theilslopes  # noqa: PLC0415  it takes a second

    step = -(-len(samples) // _MAX_SAMPLES)
    thinned = samples[::step]
    slopes = theilslopes([sample.rss_bytes / _MIB for sample in thinned],
                        [sample.at_s / 3600 for sample in thinned], alpha=0.9)
    return float(slopes.slope), Bounds(float(slopes.low_slope), float(slopes.high_slope))
