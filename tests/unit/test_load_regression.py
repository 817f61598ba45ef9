"""Load is compared with the baseline, with generated buckets. Runs that cannot be compared come first."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gonogo.config import Environment
from gonogo.config.load_model import SmallestRegression
from gonogo.model.baseline import Baseline
from gonogo.model.findings import Severity
from gonogo.model.histogram import Histogram
from gonogo.model.load import Bucket, EndpointSamples, LoadBaseline, LoadEvidence, LostObjective
from gonogo.report.wording import not_checked_words, title_of
from gonogo.verdict.load.comparison import compared, not_compared, regression_findings
from gonogo.verdict.load.regression import compare
from gonogo.verdict.load.shift import chance_of_longer, holm, ratio, ratio_bounds, smallest_detectable_ratio

SCATTER = 0.05


def buckets(p50_ms: float, *, count: int = 12, endpoint: str = "/api/flights", seed: int = 1, requests: int = 100,
            scatter: float = SCATTER) -> tuple[Bucket, ...]:
    """Buckets whose p95 is about three times their p50, with random scatter."""
    chance = np.random.default_rng(seed)
    return tuple(Bucket(endpoint, 5 * index, requests, 0, p50_ms * math.exp(chance.normal(0, scatter)),
                        3 * p50_ms * math.exp(chance.normal(0, scatter)), 9 * p50_ms) for index in range(count))


def evidence(found: tuple[Bucket, ...], probe: tuple[Bucket, ...] = (), **changes: object) -> LoadEvidence:
    return replace(LoadEvidence(
        "mix", (EndpointSamples("/api/flights", Histogram([20.0] * 400)),), finished=True, planned_s=60, sent_s=60,
        planned_users=5, planned_spawn_rate=5, peak_users=5, cpu_ratio=0.2, lag_p95_ms=3, buckets=found, probe=probe),
        **changes)


WAS = LoadBaseline("r1", 60, 5, 5, None, buckets(100, seed=2), buckets(4, seed=3, endpoint="probe"))
SAME_PROBE = buckets(4, seed=4, endpoint="probe")
SMALLEST = SmallestRegression()


@pytest.mark.parametrize(("now", "why_not"), [
    (evidence(buckets(100), planned_users=6), "size"),
    (evidence(buckets(100), planned_s=30.0), "size"),
    (evidence(buckets(100), planned_spawn_rate=6), "size"),
    (evidence(buckets(100), planned_arrivals={"per_s": 4}), "size"),
    (evidence(buckets(100), buckets(7, seed=4, endpoint="probe")), "probe"),
    (evidence(buckets(100), buckets(2, seed=4, endpoint="probe")), "probe"),
])
def test_runs_that_are_not_comparable(now: LoadEvidence, why_not: str) -> None:
    found = compare(now, WAS, SMALLEST)
    assert found.why_not == why_not
    assert not found.changes


@pytest.mark.parametrize("now", [
    buckets(150, count=3), buckets(150, requests=4), (*buckets(150, count=3), *buckets(150, requests=4))])
def test_too_few_buckets(now: tuple[Bucket, ...]) -> None:
    """Three buckets, or buckets with a handful of requests each, are not enough evidence."""
    found = compare(evidence(now, SAME_PROBE), WAS, SMALLEST)
    assert found.too_few == ("/api/flights p50", "/api/flights p95")
    assert not found.regressions


def test_p95_needs_more_requests_than_p50() -> None:
    found = compare(evidence(buckets(150, requests=10), SAME_PROBE), WAS, SMALLEST)
    assert [each.name for each in found.changes] == ["/api/flights p50"]
    assert found.too_few == ("/api/flights p95",)


CASES = {
    "as fast as before": (buckets(100), SAME_PROBE, []),
    "faster": (buckets(50), SAME_PROBE, []),
    "slower by less than a tenth": (buckets(103, scatter=0.01), SAME_PROBE, []),
    "slower within random scatter": (buckets(112, scatter=0.4, seed=14), SAME_PROBE, []),
    "slower by half": (buckets(150), SAME_PROBE, ["/api/flights p50", "/api/flights p95"]),
    "slower by as much as the probe": (buckets(140), buckets(5.6, seed=4, endpoint="probe"), []),
    "slower by more than the probe": (
        buckets(180), buckets(5.6, seed=4, endpoint="probe"), ["/api/flights p50", "/api/flights p95"]),
    "without a probe": (buckets(150), (), ["/api/flights p50", "/api/flights p95"]),
}


@pytest.mark.parametrize(("now", "probe", "expected"), CASES.values(), ids=CASES.keys())
def test_regression(now: tuple[Bucket, ...], probe: tuple[Bucket, ...], expected: list[str]) -> None:
    """A regression is significant, above a tenth and 5 ms, and greater than the change of the probe."""
    assert sorted(each.name for each in compare(evidence(now, probe), WAS, SMALLEST).regressions) == expected


def test_few_milliseconds_do_not_matter() -> None:
    """A p50 of 4 instead of 2 ms is twice as long, but no user notices it."""
    was = replace(WAS, buckets=buckets(2, seed=2), probe=())
    assert [each.name for each in compare(evidence(buckets(4)), was, SMALLEST).regressions] == ["/api/flights p95"]


@pytest.mark.parametrize(("smallest", "expected"), [
    (SmallestRegression(ratio=1.4, ms=15), ["/api/flights p50", "/api/flights p95"]),
    (SmallestRegression(ratio=1.7), []),
    (SmallestRegression(ms=70), ["/api/flights p95"]),
])
def test_environment_sets_the_smallest_regression(smallest: SmallestRegression, expected: list[str]) -> None:
    """Teams differ on whether 100 → 150 ms matters. The detectable ratio is never below the configured one."""
    found = compare(evidence(buckets(150), SAME_PROBE), WAS, smallest)
    assert sorted(each.name for each in found.regressions) == expected
    assert all(each.detectable_ratio is not None and each.detectable_ratio >= smallest.ratio for each in found.changes)


def test_many_endpoints_do_not_cause_false_alarms() -> None:
    """A p-value below 0.05 at one endpoint is not a finding among twenty endpoints."""
    names = [f"/api/{index}" for index in range(20)]
    was = replace(WAS, probe=(), buckets=tuple(
        each for index, name in enumerate(names) for each in buckets(100, endpoint=name, seed=index, scatter=0.3)))
    now = tuple(each for index, name in enumerate(names)
                for each in buckets(130 if index == 0 else 100, endpoint=name, seed=index + 50, scatter=0.3))
    found = compare(evidence(now), was, SMALLEST)
    alone = chance_of_longer([each.p50_ms for each in now[:12]], [each.p50_ms for each in was.buckets[:12]])
    assert alone < 0.05
    assert not found.regressions


def test_holm() -> None:
    assert holm([]) == []
    assert holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_equal_times_have_no_shift() -> None:
    same = [20.0] * 6
    assert ratio(same, same) == 1.0
    assert chance_of_longer(same, same) == 1.0
    assert ratio_bounds([20.0] * 2, [20.0] * 2) == (0.0, math.inf)


@pytest.mark.parametrize(("count", "scatter", "was_count", "was_scatter"), [
    (12, 0.1, 12, 0.1), (12, 0.6, 12, 0.05), (6, 0.3, 12, 0.05), (24, 0.05, 12, 0.3)])
def test_chance_is_rarely_taken_for_a_shift(count: int, scatter: float, was_count: int, was_scatter: float) -> None:
    """At most 5 % of comparisons of equal distributions are significant, even if one of them scatters more."""
    chance = np.random.default_rng(17)
    alarms = sum(chance_of_longer(list(np.exp(chance.normal(0, scatter, count))),
                                  list(np.exp(chance.normal(0, was_scatter, was_count)))) <= 0.05 for _ in range(800))
    assert alarms / 800 < 0.066


def test_ratio_bounds_hold_often_enough() -> None:
    chance = np.random.default_rng(9)
    lows = 0
    for _ in range(1500):
        low, _high = ratio_bounds(list(1.3 * np.exp(chance.normal(0, 0.2, 9))), list(np.exp(chance.normal(0, 0.2, 9))))
        lows += low <= 1.3
    assert lows / 1500 >= 0.94


def test_smallest_detectable_ratio_is_detected_in_four_of_five_runs() -> None:
    """A simulation confirms the power of 80 %. Four buckets cannot exclude chance in eight tests."""
    assert smallest_detectable_ratio([1.0, 1.1, 1.2, 1.3], [1.0, 1.1, 1.2, 1.3], 8, 1.1) is None
    chance = np.random.default_rng(13)

    def run() -> list[float]:
        return list(np.exp(chance.normal(0, 0.15, 12)))

    promised = float(np.median([smallest_detectable_ratio(run(), run(), 4, 1.1) for _ in range(200)]))
    found = 0
    for _ in range(1000):
        was, now = run(), [promised * each for each in run()]
        found += chance_of_longer(now, was) * 4 <= 0.05 and ratio(now, was) > 1.1
    assert 0.74 < found / 1000 < 0.86


ENVIRONMENT = Environment.model_validate({
    "url": "http://127.0.0.1:1", "stages": ["load"], "permits": {"load_users": 10},
    "load": {"run": ["mix"], "profiles": {"mix": {
        "users": 5, "duration_s": 60, "objectives": {"/api/flights": {"p95_ms": 1000}}}}}})


def told(now: LoadEvidence, *, baseline: LoadBaseline | None = WAS,
         regression: str = "warn") -> tuple[list[tuple[str, Severity]], str]:
    load = ENVIRONMENT.load.model_copy(update={"regression": regression})
    promoted = Baseline("r1", promoted=True, load={"mix": baseline} if baseline else {})
    found = compared((now,), load, promoted)
    findings = list(regression_findings("mix", found.get("mix"), load))
    return [(finding.rule, finding.severity) for finding in findings], "\n".join(
        [*map(not_checked_words, not_compared((now,), load, promoted, found)), *map(title_of, findings)])


@pytest.mark.parametrize(("policy", "severity"), [("warn", Severity.WARN), ("block", Severity.BLOCK)])
def test_regression_means_what_the_environment_says(policy: str, severity: Severity) -> None:
    """Each endpoint has one finding, with its ratio, its limit and the baseline."""
    rules, said = told(evidence(buckets(150), SAME_PROBE), regression=policy)
    assert rules == [("regression", severity)]
    assert " in the baseline: × 1.5" in said
    assert "regressions below × 1.1" in said
    assert told(evidence(buckets(150), SAME_PROBE), regression="ignore") == ([], "")


UNFELT = {
    "some milliseconds, far below the objective": (buckets(20), buckets(10, seed=2), {"p95_ms": 1000}, Severity.WARN),
    "by the objective of a higher percentile": (buckets(20), buckets(10, seed=2), {"p99_ms": 1000}, Severity.WARN),
    "by the objective of all others": (buckets(20), buckets(10, seed=2), None, Severity.WARN),
    "by more than a twentieth of the objective": (buckets(30), buckets(10, seed=2), {"p95_ms": 1000}, Severity.BLOCK),
    "by less, and beyond a quarter of the objective": (
        buckets(93, scatter=0.01), buckets(80, seed=2, scatter=0.01), {"p95_ms": 1000}, Severity.BLOCK),
    "without an objective": (buckets(20), buckets(10, seed=2), {}, Severity.BLOCK),
    "the objective of a lower percentile alone": (buckets(20), buckets(10, seed=2), {"p50_ms": 1000}, Severity.BLOCK),
}


@pytest.mark.parametrize(("now", "was", "objective", "severity"), UNFELT.values(), ids=UNFELT)
def test_what_nobody_can_feel_warns(now: tuple[Bucket, ...], was: tuple[Bucket, ...],
                                    objective: dict[str, float] | None, severity: Severity) -> None:
    """A growth by some milliseconds, far below the objective, does not stop a release; without an objective it does."""
    own = {"*": {"p95_ms": 1000}} if objective is None else {"/api/flights": objective}
    load = Environment.model_validate({
        "url": "http://127.0.0.1:1", "stages": ["load"], "permits": {"load_users": 10},
        "load": {"run": ["mix"], "regression": "block", "profiles": {
            "mix": {"users": 5, "duration_s": 60, "objectives": own}}}}).load
    assert load is not None
    comparison = compare(evidence(now), replace(WAS, buckets=was, probe=()), SMALLEST)
    [finding] = regression_findings("mix", comparison, load)
    assert finding.severity is severity
    assert ("nobody feels it: the objective is" in title_of(finding)) == (severity is Severity.WARN)


@pytest.mark.parametrize(("now", "baseline", "line"), [
    (evidence(buckets(150)), None, "load: the baseline has no load figures to compare with"),
    (evidence(buckets(150), profile="other"), WAS, "load: other: the baseline has no figures for it"),
    (evidence(buckets(150), aborted=LostObjective("/api/flights", 95, 100, 45, 400)), WAS, "load: mix: not compared with the baseline (run r1): this run stopped early"),
    (evidence(buckets(150), cpu_ratio=0.99), WAS, "the generator was the bottleneck"),
    (evidence(buckets(150), planned_s=30), WAS, "its load size was different"),
    (evidence(buckets(150, count=3)), WAS, "too few requests to compare with the baseline (run r1): /api/flights p50"),
    (evidence(buckets(100)), WAS, "the probe was not measured in both runs"),
    (evidence(buckets(100, count=4)), replace(WAS, buckets=buckets(100, count=4), probe=()),
     "would not be detected (baseline: run r1)"),
    (evidence((*buckets(100, count=4), *buckets(100, count=4, endpoint="/b"))),
     replace(WAS, buckets=(*buckets(100, count=4), *buckets(100, count=4, endpoint="/b"))),
     "the run was too short to detect a regression in /api/flights p50, /api/flights p95, /b p50, /b p95"),
])
def test_what_was_not_compared_is_reported(now: LoadEvidence, baseline: LoadBaseline | None, line: str) -> None:
    rules, said = told(now, baseline=baseline)
    assert rules == []
    assert line in said
