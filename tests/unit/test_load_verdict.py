"""The rules that a load profile is judged by, from records made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.config import LoadProfile
from gonogo.evidence.model import EndpointSamples, LoadEvidence
from gonogo.verdict.load import judge_load, percentile
from gonogo.verdict.model import Severity

PROFILE = LoadProfile.model_validate({
    "users": 5, "duration_s": 10, "objectives": {
        "/api/flights": {"p50_ms": 50, "p95_ms": 100, "p99_ms": 200, "error_ratio": 0.02, "min_requests": 300}}})


def samples(*latencies_ms: float, endpoint: str = "/api/flights", **failures: int) -> EndpointSamples:
    return EndpointSamples(endpoint, latencies_ms, failures)


GOOD = LoadEvidence("mix", (samples(*[20.0] * 400),), finished=True, planned_s=10, sent_s=10.2, planned_users=5,
                    planned_spawn_rate=5, peak_users=5, cpu_ratio=0.2)


def rules(evidence: LoadEvidence) -> list[tuple[str, Severity]]:
    return [(reason.rule, reason.severity) for reason in judge_load(evidence, PROFILE)]


def test_sound_run_that_meets_its_objectives_gives_no_reason() -> None:
    assert judge_load(GOOD, PROFILE) == ()


@pytest.mark.parametrize("changes, rule", [
    ({"endpoints": ()}, "nothing-sent"),
    ({"finished": False}, "not-finished"),
    ({"planned_users": 4, "peak_users": 4}, "other-size"),
    ({"planned_s": 5.0}, "other-size"),
    ({"planned_spawn_rate": 0.6}, "other-size"),
    ({"peak_users": 4}, "users-missing"),
    ({"missing_users": 1}, "users-left"),
    ({"endpoints": (samples(*[20.0] * 400, -5.0),)}, "times-impossible"),
    ({"endpoints": (samples(*[20.0] * 400, float("nan")),)}, "times-impossible"),
    ({"sent_s": 9.0}, "too-short"),
    ({"lost_workers": 1}, "workers-lost"),
    ({"cpu_ratio": 0.81}, "generator-saturated"),
    ({"cpu_ratio": None}, "generator-unwatched"),
    ({"user_errors": {"Buyer: KeyError: 'id'": 2}}, "persona-raised"),
    ({"endpoints": (samples(*[20.0] * 299),)}, "too-few-requests"),
    ({"endpoints": (samples(*[20.0] * 400, endpoint="/api/other"),)}, "endpoint-not-reached"),
])
def test_doubt_is_inconclusive(changes: dict[str, object], rule: str) -> None:
    """Whatever lets the run itself be doubted is one reason, and never GO."""
    assert rules(replace(GOOD, **changes)) == [(rule, Severity.INCONCLUSIVE)]


@pytest.mark.parametrize("endpoint, rule", [
    (samples(*[20.0] * 380, *[101.0] * 21), "latency"),
    (samples(*[20.0] * 199, *[51.0] * 201), "latency"),
    (samples(*[20.0] * 395, *[201.0] * 5), "latency"),
    (samples(*[20.0] * 400, status=9), "error-ratio"),
])
def test_objective_missed_blocks(endpoint: EndpointSamples, rule: str) -> None:
    assert rules(replace(GOOD, endpoints=(endpoint,))) == [(rule, Severity.BLOCK)]


def test_exactly_at_the_bound_is_met() -> None:
    """380 of 400 within the bound are 95 %; 8 failures of 400 are 2 %."""
    assert rules(replace(GOOD, endpoints=(samples(*[100.0] * 200, *[20.0] * 200, status=8),))) == []


def test_many_failures_block_even_in_a_short_run() -> None:
    """12 failures miss 2 % of 300 requests, however the other 288 would have gone: no more evidence is needed."""
    assert rules(replace(GOOD, endpoints=(samples(*[20.0] * 12, timed_out=12),)))[0] == ("error-ratio", Severity.BLOCK)


def test_a_percentile_needs_enough_requests() -> None:
    """The p99 of 100 requests is their slowest one: no statement on one in a hundred."""
    objectives = {"/api/flights": {"p99_ms": 200}}
    profile = LoadProfile.model_validate({"users": 5, "duration_s": 10, "objectives": objectives})
    (reason,) = judge_load(replace(GOOD, endpoints=(samples(*[20.0] * 298),)), profile)
    assert (reason.rule, reason.severity) == ("too-few-for-percentile", Severity.INCONCLUSIVE)
    assert judge_load(replace(GOOD, endpoints=(samples(*[20.0] * 299),)), profile) == ()


def test_endpoint_without_objective_may_not_fail_unseen() -> None:
    """A sign-in that always fails blocks, though nobody gave it an objective; a single failure does not."""
    failing = samples(*[5.0] * 30, endpoint="/api/session", status=30)
    assert rules(replace(GOOD, endpoints=(*GOOD.endpoints, failing))) == [("error-ratio", Severity.BLOCK)]
    once = samples(*[5.0] * 30, endpoint="/api/session", status=1)
    assert rules(replace(GOOD, endpoints=(*GOOD.endpoints, once))) == []


def test_saturated_generator_proves_nothing() -> None:
    """Its slow times may be its own: no block, whatever they are."""
    evidence = replace(GOOD, endpoints=(samples(*[900.0] * 400, timed_out=50),), cpu_ratio=0.99)
    assert rules(evidence) == [("generator-saturated", Severity.INCONCLUSIVE)]


def test_miss_under_less_load_than_planned_is_a_miss() -> None:
    """Doubts come first, and the objective that was missed all the same still blocks."""
    evidence = replace(GOOD, endpoints=(samples(*[900.0] * 400),), lost_workers=1)
    assert [severity for _, severity in rules(evidence)] == [Severity.INCONCLUSIVE] + [Severity.BLOCK] * 3


@pytest.mark.parametrize("percent, value", [(0, 1.0), (50, 2.0), (75, 3.0), (95, 4.0), (100, 4.0)])
def test_percentile_is_a_time_that_was_taken(percent: float, value: float) -> None:
    assert percentile((4.0, 1.0, 3.0, 2.0), percent) == value
