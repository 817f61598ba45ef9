"""Whether a component's memory grows over a load profile: the slope of what it told, once the warm-up is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.config import LoadProfile
from gonogo.model.load import LoadEvidence, MemorySample
from gonogo.model.verdict import Severity
from gonogo.verdict.load.confidence import Bounds, shown
from gonogo.verdict.load.objectives import Finding

_FEWEST = 10
_MOST = 500  # all pairs of samples are compared
_MIB = 1024 * 1024


def judge_memory(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[Finding]:
    """Nothing where the profile asks for none. A run that was ended early is not asked: it had no time to grow."""
    if profile.memory is None or evidence.aborted:
        return
    if not evidence.memory:
        yield Finding("memory-untold", Severity.INCONCLUSIVE, "no component told its memory")
    by_component: dict[str, list[MemorySample]] = {}
    for sample in evidence.memory:
        by_component.setdefault(sample.component, [])
        if sample.at_s >= profile.warm_up_s:
            by_component[sample.component].append(sample)
    for component, samples in sorted(by_component.items()):
        yield from _of_component(component, samples, profile.memory.growth_mib_per_h)


def _of_component(component: str, samples: Sequence[MemorySample], limit: float) -> Iterator[Finding]:
    if len(samples) < _FEWEST or samples[0].at_s == samples[-1].at_s:
        yield Finding("memory-untold", Severity.INCONCLUSIVE, (
            f"{component} told its memory {len(samples)} times after the warm-up; a trend needs {_FEWEST}"), component)
        return
    slope, bounds = growth_mib_per_h(samples)
    if bounds.low is not None and bounds.low > limit:
        yield Finding("memory-grows", Severity.BLOCK, (
            f"the memory of {component} grows by {shown(slope, limit)} MiB an hour > {limit:g} MiB (at least "
            f"{shown(bounds.low, limit)} MiB with 95% confidence)"), component)
    elif bounds.high is None or bounds.high > limit:
        yield Finding("memory-undecided", Severity.INCONCLUSIVE, (
            f"the memory of {component} grows by {_lies(bounds, limit)} MiB an hour, at most {limit:g} MiB are asked "
            f"for: a longer run would tell"), component)


def growth_mib_per_h(samples: Sequence[MemorySample]) -> tuple[float, Bounds]:
    """Theil and Sen's slope (a jump or two do not bend it), and one-sided bounds of 95 %."""
    from scipy.stats import theilslopes  # noqa: PLC0415  it takes a second

    every = -(-len(samples) // _MOST)
    thinned = samples[::every]
    found = theilslopes([sample.rss_bytes / _MIB for sample in thinned],
                        [sample.at_s / 3600 for sample in thinned], alpha=0.9)
    return float(found.slope), Bounds(float(found.low_slope), float(found.high_slope))


def _lies(bounds: Bounds, limit: float) -> str:
    if bounds.low is None or bounds.high is None:
        return "an unknown number of"
    return f"{shown(bounds.low, limit)} to {shown(bounds.high, limit)}"
