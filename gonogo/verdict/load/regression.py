"""A load profile compared with the same one of the last promoted run: which endpoints became slower.

Requests that follow each other fare alike, so buckets of some seconds are compared, each as one observation. What is
said of it is `load_compared`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from gonogo.config.load_model import SmallestRegression
from gonogo.model.load import Bucket, LoadBaseline, LoadEvidence
from gonogo.verdict.load.shift import chance_of_longer, holm, least_that_shows, ratio, ratio_bounds

MIN_BUCKETS = 4
MAX_PROBE_RATIO = 1.5  # machines that differ by more are not compared
_DOUBT = 0.05
_MIN_IN_BUCKET = {50: 5, 95: 20}  # with fewer requests a bucket's p95 is its slowest one

Times = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one percentile of an endpoint: `was_ms` → `now_ms`, medians of its buckets.

    `ratio` is corrected by the probe's; its bounds hold with 95 % each; `chance` is Holm's p over all that were
    compared. A `ratio` matters above `from_ratio`; `would_show` is the smallest that would have been found in four of
    five runs, None for none.
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
    would_show: float | None

    @property
    def is_regression(self) -> bool:
        """More than chance, and enough to matter."""
        return self.chance <= _DOUBT and self.ratio > self.from_ratio

    @property
    def name(self) -> str:
        return f"{self.endpoint} p{self.percent}"


@dataclass(frozen=True, slots=True)
class Regression:
    """The comparison of one profile. `why_not` is "aborted", "generator", "size" or "probe" where nothing was compared;
    `too_few` had too few buckets.

    `probe_ratio` is how many times as long the probe took, None where it was not asked in both runs.
    """

    baseline: str = ""
    why_not: str = ""
    probe_ratio: float | None = None
    changes: tuple[Change, ...] = ()
    too_few: tuple[str, ...] = field(default_factory=tuple)

    @property
    def regressions(self) -> tuple[Change, ...]:
        """Those that matter, the worst first."""
        return tuple(sorted((each for each in self.changes if each.is_regression), key=lambda each: -each.ratio))


def compare(evidence: LoadEvidence, baseline: LoadBaseline, smallest: SmallestRegression) -> Regression:
    """The endpoints of `evidence` with those of `baseline`; only a profile of the same size is comparable."""
    if _size(evidence) != _size(baseline):
        return Regression(baseline.run, why_not="size")
    probe_ratio = _probe_ratio(evidence.probe, baseline.probe)
    if probe_ratio is not None and not 1 / MAX_PROBE_RATIO <= probe_ratio <= MAX_PROBE_RATIO:
        return Regression(baseline.run, "probe", probe_ratio)
    pairs = dict(_pairs(evidence.buckets, baseline.buckets))
    enough = {key: times for key, times in pairs.items() if min(map(len, times)) >= MIN_BUCKETS}
    found = [_change(key, times, probe_ratio or 1.0, tests=len(enough), smallest=smallest)
             for key, times in enough.items()]
    chances = holm([each.chance for each in found])
    changes = tuple(replace(each, chance=chance) for each, chance in zip(found, chances, strict=True))
    too_few = tuple(f"{endpoint} p{percent}" for endpoint, percent in pairs if (endpoint, percent) not in enough)
    return Regression(baseline.run, "", probe_ratio, changes, too_few)


def _size(run: LoadEvidence | LoadBaseline) -> tuple[float, int, float, Mapping[str, object] | None]:
    return run.planned_s, run.planned_users, run.planned_spawn_rate, run.planned_arrivals


def _change(key: tuple[str, int], times: Times, probe_ratio: float, *, tests: int,
            smallest: SmallestRegression) -> Change:
    now, was = times
    low, high = ratio_bounds(now, was)
    was_ms = median(was)
    from_ratio = max(smallest.ratio, 1 + smallest.ms / was_ms)
    return Change(*key, was_ms, median(now), ratio(now, was) / probe_ratio, low / probe_ratio, high / probe_ratio,
                  chance_of_longer(now, was, probe_ratio), from_ratio, least_that_shows(now, was, tests, from_ratio))


def _pairs(now: Sequence[Bucket], was: Sequence[Bucket]) -> Iterator[tuple[tuple[str, int], Times]]:
    """(endpoint, percent) → its times of now and of then, for endpoints of both runs."""
    for endpoint in sorted({bucket.endpoint for bucket in now} & {bucket.endpoint for bucket in was}):
        for percent in _MIN_IN_BUCKET:
            yield (endpoint, percent), (_times(now, endpoint, percent), _times(was, endpoint, percent))


def _times(buckets: Sequence[Bucket], endpoint: str, percent: int) -> list[float]:
    found = [(bucket.p50_ms if percent == 50 else bucket.p95_ms) for bucket in buckets
             if bucket.endpoint == endpoint and bucket.requests >= _MIN_IN_BUCKET[percent]]
    return [took_ms for took_ms in found if took_ms > 0]


def _probe_ratio(now: Sequence[Bucket], was: Sequence[Bucket]) -> float | None:
    """Of its medians; None where one of the runs had no probe, or hardly any."""
    now_ms, was_ms = ([bucket.p50_ms for bucket in each if bucket.p50_ms > 0] for each in (now, was))
    return ratio(now_ms, was_ms) if min(len(now_ms), len(was_ms)) >= MIN_BUCKETS else None
