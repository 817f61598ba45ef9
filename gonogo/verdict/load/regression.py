"""Compares a load profile with the same profile of the baseline: which endpoints became slower.

Consecutive requests are correlated, so the comparison uses buckets of several seconds, each as one observation.
`comparison` makes findings of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from gonogo.config.load_model import Objective, SmallestRegression
from gonogo.model.load import Bucket, LoadBaseline, LoadEvidence
from gonogo.verdict.load.shift import chance_of_longer, holm, ratio, ratio_bounds, smallest_detectable_ratio

MIN_BUCKETS = 4
MAX_PROBE_RATIO = 1.5  # machines that differ by more are not compared
FELT_GROWTH, FELT_PART = 0.05, 0.25  # of the objective: a growth by so much, or up to so much, can be felt
_ALPHA = 0.05
_MIN_IN_BUCKET = {50: 5, 95: 20}  # with fewer requests the p95 of a bucket is its maximum

Times = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one percentile of an endpoint: `was_ms` → `now_ms`, medians of its buckets.

    `ratio` is corrected by the probe's; its bounds hold with 95 % each; `chance` is the p-value after Holm's
    correction. A `ratio` is relevant above `from_ratio`; `detectable_ratio` is the smallest ratio that such a run
    detects with a power of 80 %, None if none.
    """

    endpoint: str
    percent: int
    was_ms: float
    now_ms: float
    ratio: float
    low: float
    high: float
    chance: float
    from_ratio: float
    detectable_ratio: float | None

    @property
    def is_regression(self) -> bool:
        """Significant and relevant."""
        return self.chance <= _ALPHA and self.ratio > self.from_ratio

    @property
    def name(self) -> str:
        return f"{self.endpoint} p{self.percent}"


@dataclass(frozen=True, slots=True)
class Regression:
    """The comparison of one profile. `why_not` is "aborted", "generator", "size" or "probe" if nothing was compared;
    `too_few` had too few buckets.

    `probe_ratio` is the probe's latency ratio, None if it was not measured in both runs.
    """

    baseline: str = ""
    why_not: str = ""
    probe_ratio: float | None = None
    changes: tuple[Change, ...] = ()
    too_few: tuple[str, ...] = field(default_factory=tuple)

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The regressions, worst first."""
        return tuple(sorted((each for each in self.changes if each.is_regression), key=lambda each: -each.ratio))


def compare(evidence: LoadEvidence, baseline: LoadBaseline, smallest: SmallestRegression) -> Regression:
    """Compares the endpoints of `evidence` and `baseline`; only profiles of the same size are comparable."""
    if _size(evidence) != _size(baseline):
        return Regression(baseline.run, why_not="size")
    probe_ratio = _probe_ratio(evidence.probe, baseline.probe)
    if probe_ratio is not None and not 1 / MAX_PROBE_RATIO <= probe_ratio <= MAX_PROBE_RATIO:
        return Regression(baseline.run, "probe", probe_ratio)
    pairs = dict(_pairs(evidence.buckets, baseline.buckets))
    enough = {key: times for key, times in pairs.items() if min(map(len, times)) >= MIN_BUCKETS}
    tested = [_change(key, times, probe_ratio or 1.0, tests=len(enough), smallest=smallest)
             for key, times in enough.items()]
    chances = holm([each.chance for each in tested])
    changes = tuple(replace(each, chance=chance) for each, chance in zip(tested, chances, strict=True))
    too_few = tuple(f"{endpoint} p{percent}" for endpoint, percent in pairs if (endpoint, percent) not in enough)
    return Regression(baseline.run, "", probe_ratio, changes, too_few)


def objective_ms(change: Change, objective: Objective | None) -> float | None:
    """The bound on this percentile, or on the next higher one that has a bound: it holds for this one too."""
    bounds = objective.percentiles if objective else {}
    return next((bounds[percent] for percent in sorted(bounds) if percent >= change.percent), None)


def can_be_felt(change: Change, objective: Objective | None) -> bool:
    """Whether the growth takes a good part of what the objective allows; without one, any growth may."""
    bound_ms = objective_ms(change, objective)
    return bound_ms is None or change.now_ms - change.was_ms >= FELT_GROWTH * bound_ms or (
        change.now_ms >= FELT_PART * bound_ms)


def _size(run: LoadEvidence | LoadBaseline) -> tuple[float, int, float, Mapping[str, object] | None]:
    return run.planned_s, run.planned_users, run.planned_spawn_rate, run.planned_arrivals


def _change(key: tuple[str, int], times: Times, probe_ratio: float, *, tests: int,
            smallest: SmallestRegression) -> Change:
    now, was = times
    low, high = ratio_bounds(now, was)
    was_ms = median(was)
    from_ratio = max(smallest.ratio, 1 + smallest.ms / was_ms)
    return Change(*key, was_ms, median(now), ratio(now, was) / probe_ratio, low / probe_ratio, high / probe_ratio,
                  chance_of_longer(now, was, probe_ratio), from_ratio,
                  smallest_detectable_ratio(now, was, tests, from_ratio))


def _pairs(now: Sequence[Bucket], was: Sequence[Bucket]) -> Iterator[tuple[tuple[str, int], Times]]:
    """(endpoint, percent) → (times now, times in the baseline), for endpoints of both runs."""
    for endpoint in sorted({bucket.endpoint for bucket in now} & {bucket.endpoint for bucket in was}):
        for percent in _MIN_IN_BUCKET:
            yield (endpoint, percent), (_times(now, endpoint, percent), _times(was, endpoint, percent))


def _times(buckets: Sequence[Bucket], endpoint: str, percent: int) -> list[float]:
    times = [(bucket.p50_ms if percent == 50 else bucket.p95_ms) for bucket in buckets
             if bucket.endpoint == endpoint and bucket.requests >= _MIN_IN_BUCKET[percent]]
    return [took_ms for took_ms in times if took_ms > 0]


def _probe_ratio(now: Sequence[Bucket], was: Sequence[Bucket]) -> float | None:
    """The ratio of the probe's medians; None if a run has too few probe buckets."""
    now_ms, was_ms = ([bucket.p50_ms for bucket in each if bucket.p50_ms > 0] for each in (now, was))
    return ratio(now_ms, was_ms) if min(len(now_ms), len(was_ms)) >= MIN_BUCKETS else None
