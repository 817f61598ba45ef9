"""The rules that judge a load profile, with constructed records. Doubts about the run come first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gonogo.config import LoadProfile
from gonogo.model.findings import Severity
from gonogo.model.histogram import Histogram
from gonogo.model.load import Arrived, EndpointSamples, LoadEvidence, LostObjective, MemorySample, Phase, PhaseKind
from gonogo.report.wording import title_of
from gonogo.report.wording.load import lost_objective
from gonogo.verdict.load.checks import budget_spent
from gonogo.verdict.load.profile import judge_load, undecided, unreachable_objective

OBJECTIVES = {"/api/flights": {"p50_ms": 50, "p95_ms": 100, "p99_ms": 200, "error_ratio": 0.02, "min_requests": 300}}
PROFILE = LoadProfile.model_validate({"users": 5, "duration_s": 10, "objectives": OBJECTIVES})
OPEN = LoadProfile.model_validate({
    "arrivals": {"per_s": 40, "most_at_once": 20}, "duration_s": 10, "objectives": OBJECTIVES})
BLOCK, INCONCLUSIVE = Severity.BLOCK, Severity.INCONCLUSIVE


def samples(*latencies_ms: float, endpoint: str = "/api/flights", untimed: int = 0, unjudged: int = 0,
            **failures: int) -> EndpointSamples:
    return EndpointSamples(endpoint, Histogram(latencies_ms), failures, untimed, unjudged)


def slow(*times: float, of: int = 400, endpoint: str = "/api/flights", **failures: int) -> EndpointSamples:
    """`of` requests, of which all but `times` took 20 ms."""
    return samples(*times, *[20.0] * (of - len(times)), endpoint=endpoint, **failures)


GOOD = LoadEvidence("mix", (slow(),), finished=True, planned_s=10, sent_s=10.2, planned_users=5,
                    planned_spawn_rate=5, peak_users=5, cpu_ratio=0.2, lag_p95_ms=3.0)
OPEN_GOOD = replace(GOOD, planned_users=20, peak_users=2, planned_arrivals=OPEN.arrivals.model_dump(mode="json"),
                    arrived=Arrived(400, 400))
LOST = LostObjective("/api/flights", 95, 100, 45, 400)
SLOW = slow(*[900.0] * 400)


def rules(evidence: LoadEvidence, profile: LoadProfile = PROFILE) -> list[tuple[str, Severity]]:
    return [(finding.rule, finding.severity) for finding in judge_load(evidence, profile)]


def title(evidence: LoadEvidence, profile: LoadProfile = PROFILE) -> str:
    (finding,) = judge_load(evidence, profile)
    return title_of(finding)


# doubts about the run itself

DOUBTS = {
    "no evidence was recorded": ({"planned_s": 0.0}, "no-evidence", "no evidence was recorded"),
    "a request was refused, which counts as failed": (
        {"finished": False, "refused": ("GET http://prod/ (other-environment)",), "endpoints": (slow(status=300),)},
        "request-not-permitted", "does not permit GET http://prod/ (other-environment): the load was stopped"),
    "no request was sent": ({"endpoints": ()}, "nothing-sent", "no request was sent"),
    "the generator did not close its record": ({"finished": False}, "not-finished", "10.2 of 10 s"),
    "a passed knee is recorded, but the profile has no steps": (
        {"finished": False, "knee_passed": True}, "not-finished", "10.2 of 10 s"),
    "fewer users were planned": ({"planned_users": 4, "peak_users": 4}, "other-size", "planned with 4 users"),
    "another duration was planned": ({"planned_s": 5.0}, "other-size", "5 s; the profile has"),
    "a slower spawn rate was planned": ({"planned_spawn_rate": 0.6}, "other-size", "0.6 started per second"),
    "visits followed a timetable": (
        {"planned_arrivals": {"per_s": 40}, "arrived": Arrived(400, 400)}, "other-size", "arrivals of the run differ"),
    "not all users ran": ({"peak_users": 4}, "users-missing", "4 of 5 users were running"),
    "users stopped before the end": ({"missing_users": 1}, "users-left", "1 of 5 users stopped"),
    "requests were sent for too short a time": ({"sent_s": 9.0}, "too-short", "9.0 of 10 s"),
    "a worker died": ({"lost_workers": 1}, "workers-lost", "1 Locust worker died"),
    "the generator had no CPU left": ({"cpu_ratio": 0.81}, "generator-saturated", "81% of a core > 80%: latencies include its delay"),
    "the generator was late": ({"lag_p95_ms": 250.5}, "generator-late", "lag p95 250 ms > 50 ms"),
    "the generator's CPU was not measured": ({"cpu_ratio": None}, "generator-not-measured", "CPU use was not measured"),
    "the generator's lag was not measured": ({"lag_p95_ms": None}, "generator-not-measured", "lag was not measured"),
    "invalid latencies": ({"endpoints": (samples(*[20.0] * 400, untimed=1),)}, "latencies-invalid", "1 invalid latency"),
    "invalid latencies in one phase only": (
        {"phases": (Phase(PhaseKind.WARM_UP, 0, 3, endpoints=(samples(20.0, untimed=2),)),)}, "latencies-invalid",
        "2 invalid latencies"),
    "a persona's code raised an error": ({"user_errors": {"Buyer: KeyError: 'id'": 2}}, "persona-error", "own code (2 times): Buyer"),
    "too few requests": ({"endpoints": (slow(of=299),)}, "too-few-requests", "299 requests < 300"),
    "an endpoint was never called": (
        {"endpoints": (slow(endpoint="/api/other"),)}, "endpoint-not-reached", "was not requested"),
    "aborted for an objective that the record does not miss": (
        {"finished": False, "sent_s": 4.0, "aborted": LOST}, "aborted-without-cause", "p95 <= 100 ms: 45 of 400"),
}


@pytest.mark.parametrize(("changes", "rule", "figure"), DOUBTS.values(), ids=DOUBTS.keys())
def test_doubt_is_inconclusive(changes: dict[str, object], rule: str, figure: str) -> None:
    """Each doubt about the run is one inconclusive finding with its figure."""
    evidence = replace(GOOD, **changes)
    assert rules(evidence) == [(rule, INCONCLUSIVE)]
    assert figure in title(evidence)


OPEN_DOUBTS = {
    "arrivals that differ from the profile's": (
        {"planned_arrivals": {"per_s": 39}}, "other-size", "arrivals of the run differ"),
    "a closed loop instead of an open one": (
        {"planned_arrivals": None}, "other-size", "arrivals of the run differ"),
    "arrivals for another duration": ({"planned_s": 5.0}, "other-size", "5 s; the profile has"),
    "arrivals that were not counted": ({"arrived": None}, "arrivals-not-counted", "not counted"),
    "no arrival that was due": ({"arrived": Arrived()}, "arrivals-not-counted", "not counted"),
    "visits that could not start": ({"arrived": Arrived(400, 397, 3)}, "arrivals-dropped", "3 of 400 visits could not"),
    "visits that were due and did not start": ({"arrived": Arrived(400, 395)}, "arrivals-missed", "395 of 400 due visits"),
}


@pytest.mark.parametrize(("changes", "rule", "figure"), OPEN_DOUBTS.values(), ids=OPEN_DOUBTS.keys())
def test_doubt_of_an_open_loop(changes: dict[str, object], rule: str, figure: str) -> None:
    assert rules(OPEN_GOOD, OPEN) == []
    assert rules(replace(OPEN_GOOD, **changes), OPEN) == [(rule, INCONCLUSIVE)]
    assert figure in title(replace(OPEN_GOOD, **changes), OPEN)


@pytest.mark.parametrize(("changes", "rule"), [
    ({"cpu_ratio": 0.99}, "generator-saturated"), ({"lag_p95_ms": 320.0}, "generator-late")])
def test_generator_that_was_the_bottleneck_is_inconclusive(changes: dict[str, object], rule: str) -> None:
    """The latencies may be those of the generator, so nothing blocks, whatever the figures are."""
    evidence = replace(GOOD, endpoints=(slow(*[900.0] * 400, timed_out=50),), **changes)
    assert rules(evidence) == [(rule, INCONCLUSIVE)]
    assert "latencies include its delay" in title(evidence)


def test_miss_under_less_load_than_planned_is_a_miss() -> None:
    """The doubt comes first, and the missed objectives still block."""
    evidence = replace(GOOD, endpoints=(SLOW,), lost_workers=1)
    assert [severity for _, severity in rules(evidence)] == [INCONCLUSIVE] + [BLOCK] * 3


# objectives

def test_valid_run_that_meets_its_objectives_has_no_findings() -> None:
    assert judge_load(GOOD, PROFILE) == ()


UNDECIDED = {
    "a p99 of 298 requests": (slow(of=298), {"p99_ms": 200},
                              "p99 is 20 ms or more, the limit is 200 ms: 299 requests needed to decide, 298 sent"),
    "a p95 of 58 requests": (slow(of=58), {"p95_ms": 200, "error_ratio": 1}, "59 requests needed to decide, 58 sent"),
    "a p95 exactly at its limit": (slow(*[101.0] * 20), {"p95_ms": 100}, "p95 is 20 to 101 ms, the limit "
                                   "is 100 ms: too close to the limit to decide, 400 sent"),
    "a p95 slightly better than its limit": (
        slow(*[350.0] * 7, of=180), {"p95_ms": 300, "error_ratio": 1},
        "p95 is 20 to 350 ms, the limit is 300 ms: 1103 requests needed to decide, 180 sent"),
    "four slow requests, which may share one cause": (
        samples(*[900.0] * 4), {"p99_ms": 300, "error_ratio": 1}, "p99 is unknown, the limit is 300 ms: 5 requests"),
    "200 requests without a failure": (
        slow(of=200), {}, "error ratio is 0 to 1.49%, the limit is 1%: 299 requests needed to decide"),
    "as many failures as are allowed": (slow(status=4), {}, "too close to the limit to decide, 400 sent"),
}


@pytest.mark.parametrize(("endpoint", "objective", "said"), UNDECIDED.values(), ids=UNDECIDED.keys())
def test_undecided_is_inconclusive(endpoint: EndpointSamples, objective: dict[str, object], said: str) -> None:
    """If the objective lies between the bounds, the finding says how many requests would decide it, if any."""
    profile = LoadProfile.model_validate(
        {"users": 5, "duration_s": 10, "objectives": {"/api/flights": {"error_ratio": 0.01, **objective}}})
    evidence = replace(GOOD, endpoints=(endpoint,))
    assert ("undecided", INCONCLUSIVE) in rules(evidence, profile)
    assert any(said in title_of(finding) for finding in judge_load(evidence, profile))
    assert undecided(evidence, profile)
    extended = judge_load(replace(evidence, extended=True), profile)
    assert all(title_of(finding).endswith(" sent in twice the planned time") for finding in extended)


MISSED = {
    "a p95": (slow(*[101.0] * 30), "latency", "p95 101 ms > 100 ms (at least 101 ms with 95% confidence, 400 requests)"),
    "a p50": (slow(*[51.0] * 230), "latency", "p50 51 ms > 50 ms"),
    "a p99": (slow(*[201.0] * 9), "latency", "p99 201 ms > 200 ms"),
    "failures": (slow(status=16), "error-ratio", "error ratio 4.0% > 2.0% (at least 2.52% with 95% confidence, 16 of 400 requests); most frequent (16): status"),
    "failures in a spike": (samples(*[20.0] * 400, unjudged=200, status=24), "error-ratio", "error ratio 4.0% > 2.0% (at least"),
}


@pytest.mark.parametrize(("endpoint", "rule", "said"), MISSED.values(), ids=MISSED.keys())
def test_missed_objective_blocks(endpoint: EndpointSamples, rule: str, said: str) -> None:
    assert rules(replace(GOOD, endpoints=(endpoint,))) == [(rule, BLOCK)]
    assert said in title(replace(GOOD, endpoints=(endpoint,)))


MET = {
    "a p95 whose upper bound is within the limit": slow(*[101.0] * 12),
    "enough requests for a p99": slow(of=300),
    "far fewer failures than allowed": slow(status=3),
    "requests of a spike that are not judged": samples(*[20.0] * 400, unjudged=100),
}


@pytest.mark.parametrize("endpoint", MET.values(), ids=MET.keys())
def test_met_objective_has_no_findings(endpoint: EndpointSamples) -> None:
    assert rules(replace(GOOD, endpoints=(endpoint,))) == []


def test_many_failures_block_even_in_a_short_run() -> None:
    """12 failures miss 2 % of 300 requests, whatever the other 288 are, so no more evidence is needed."""
    assert rules(replace(GOOD, endpoints=(slow(of=12, timed_out=12),))) == [("error-ratio", BLOCK)]
    assert rules(replace(GOOD, endpoints=(slow(of=5, timed_out=5),))) == [("too-few-requests", INCONCLUSIVE)]


def test_endpoint_without_an_objective_blocks_if_it_fails() -> None:
    """A sign-in that always fails blocks, although it has no objective. A single failure does not."""
    failing = slow(of=30, endpoint="/api/session", status=30)
    assert rules(replace(GOOD, endpoints=(*GOOD.endpoints, failing))) == [("error-ratio", BLOCK)]
    once = slow(of=30, endpoint="/api/session", status=1)
    assert rules(replace(GOOD, endpoints=(*GOOD.endpoints, once))) == []


def test_default_objective_applies_to_each_other_requested_endpoint() -> None:
    """The objective of `*` requires no endpoint to be called, and does not relax the objective of a named one."""
    others = LoadProfile.model_validate({"users": 5, "duration_s": 10, "objectives": {
        **OBJECTIVES, "*": {"p50_ms": 500, "error_ratio": 0.05}}})
    assert rules(GOOD, others) == []
    waits = slow(*[900.0] * 60, of=60, endpoint="/api/session")
    assert rules(replace(GOOD, endpoints=(*GOOD.endpoints, waits)), others) == [("latency", BLOCK)]
    lost = unreachable_objective(replace(GOOD, endpoints=(waits,)), others, 0.0)
    assert lost and (lost.endpoint, lost.percent, lost.bound) == ("/api/session", 50, 500)


@pytest.mark.parametrize(("failed", "ratio", "spent"), [
    (0, 0.02, 0.0), (4, 0.02, 0.5), (8, 0.02, 1.0), (12, 0.02, 1.5), (0, 0.0, 0.0), (1, 0.0, float("inf"))])
def test_error_budget(failed: int, ratio: float, spent: float) -> None:
    objective = PROFILE.objectives["/api/flights"].model_copy(update={"error_ratio": ratio})
    assert budget_spent(slow(status=failed), objective) == pytest.approx(spent)


def test_latencies_of_a_late_generator_do_not_block() -> None:
    """A late generator only lengthens latencies: met objectives and failures count, missed latencies do not."""
    assert rules(replace(GOOD, lag_p95_ms=60.0)) == []
    assert rules(replace(GOOD, endpoints=(SLOW,), lag_p95_ms=60.0)) == [("generator-late", INCONCLUSIVE)]
    assert rules(replace(GOOD, endpoints=(SLOW,), lag_p95_ms=40.0))[0][1] is BLOCK
    failing = slow(*[900.0] * 400, status=100)
    assert dict(rules(replace(GOOD, endpoints=(failing,), lag_p95_ms=60.0))) == {
        "error-ratio": BLOCK, "generator-late": INCONCLUSIVE}


# arrivals, and runs that stopped early

def test_dropped_visits_are_failures_of_a_slow_release() -> None:
    """Dropped visits block if an objective was missed too. Otherwise the limit of the profile was too low: a doubt."""
    dropped = replace(OPEN_GOOD, arrived=Arrived(1000, 950, 50))
    assert rules(dropped, OPEN) == [("arrivals-dropped", INCONCLUSIVE), ("arrivals-missed", INCONCLUSIVE)]
    slow_too = replace(dropped, endpoints=(SLOW,))
    assert rules(slow_too, OPEN)[-1] == ("arrivals-failed", BLOCK)
    assert "arrivals-dropped" not in dict(rules(slow_too, OPEN))
    few = replace(slow_too, arrived=Arrived(1000, 999, 1))
    assert dict(rules(few, OPEN))["arrivals-dropped"] is INCONCLUSIVE
    assert "arrivals-failed" not in dict(rules(few, OPEN))


def test_aborted_run_is_judged_by_the_objective_that_it_lost() -> None:
    """It need not be finished or long enough. If the record does not show the lost objective, it is never GO."""
    aborted = replace(GOOD, finished=False, sent_s=4.0, peak_users=3, aborted=LOST)
    assert {severity for _, severity in rules(replace(aborted, endpoints=(SLOW,)))} == {BLOCK}
    assert rules(aborted) == [("aborted-without-cause", INCONCLUSIVE)]


LOOKS = {
    "too few requests for a percentile": (GOOD, {"endpoints": (slow(*[101.0] * 16),)}, True),
    "too few requests at all": (GOOD, {"endpoints": (slow(of=200),)}, True),
    "everything met": (GOOD, {}, False),
    "an objective missed": (GOOD, {"endpoints": (slow(*[101.0] * 16, status=40),)}, False),
    "an endpoint never called": (GOOD, {"endpoints": (slow(endpoint="/api/other"),)}, False),
    "a late generator": (GOOD, {"endpoints": (slow(of=200),), "lag_p95_ms": 260.0}, False),
    "visits that could not start": (
        OPEN_GOOD, {"endpoints": (slow(of=200),), "arrived": Arrived(400, 399, 1)}, False),
    "a run that has not ended yet": (
        GOOD, {"endpoints": (slow(of=200),), "finished": False, "planned_s": 0.0, "planned_users": 1}, True),
}


@pytest.mark.parametrize(("evidence", "changes", "goes_on"), LOOKS.values(), ids=LOOKS.keys())
def test_undecided_only_if_more_requests_would_help(evidence: LoadEvidence, changes: dict[str, object], goes_on: bool) -> None:
    """A run is undecided only if more requests are all that is missing."""
    assert undecided(replace(evidence, **changes), OPEN if evidence is OPEN_GOOD else PROFILE) is goes_on


def test_objective_is_unreachable_if_no_good_requests_can_save_it() -> None:
    """The slow requests exceed what all remaining requests allow, even at twice the rate so far: GO is impossible."""
    half = replace(GOOD, endpoints=(slow(*[900.0] * 45),), sent_s=5.0)
    assert unreachable_objective(half, PROFILE, 0.0) == unreachable_objective(half, PROFILE, 0.5) == LOST
    p99 = unreachable_objective(half, PROFILE, 5.0)
    assert p99 and p99.percent == 99
    assert unreachable_objective(half, PROFILE, 500.0) is None
    failing = replace(GOOD, endpoints=(slow(status=200),), sent_s=5.0)
    assert unreachable_objective(failing, PROFILE, 15.0) == LostObjective("/api/flights", None, 0.02, 200, 400)
    assert unreachable_objective(replace(GOOD, sent_s=1.0), PROFILE, 0.0) is None


def test_lost_objective_is_described() -> None:
    assert lost_objective(LOST) == "/api/flights p95 <= 100 ms: 45 of 400 took longer"
    failed = LostObjective("/api/flights", None, 0.02, 200, 400)
    assert lost_objective(failed) == "/api/flights error_ratio <= 2.0%: 200 of 400 failed"


def test_unreachable_objective_accounts_for_a_growing_rate() -> None:
    """A ramp that has just begun will send far more requests than so far."""
    ramp = OPEN.model_copy(update={"arrivals": OPEN.arrivals.model_copy(update={"per_s": 1.0, "to_per_s": 100.0})})
    begun = replace(OPEN_GOOD, endpoints=(slow(*[900.0] * 60, of=100),), sent_s=5.0, arrived=Arrived(50, 50))
    assert unreachable_objective(begun, OPEN, 5.0)
    lost = unreachable_objective(begun, ramp, 20.0)
    assert lost and lost.percent == 99
    assert not unreachable_objective(begun, ramp, 500.0)
    users = PROFILE.model_copy(update={"users": 500})
    assert not unreachable_objective(replace(begun, arrived=None, peak_users=5), users, 50.0)


# memory

MEMORY = LoadProfile.model_validate({**PROFILE.model_dump(), "warm_up_s": 5, "memory": {"growth_mib_per_h": 60}})


def told(mib_per_s: float, *, noise_mib: float = 0.0, count: int = 60, begin_s: int = 5) -> tuple[MemorySample, ...]:
    noise = np.random.default_rng(3).normal(0, 1, count) * noise_mib
    return tuple(MemorySample("customers", float(second), int((500 + mib_per_s * second + noise[second - begin_s]) * 2**20))
                 for second in range(begin_s, begin_s + count))


@pytest.mark.parametrize(("memory", "expected"), [
    ((), ("memory-not-reported", INCONCLUSIVE)),
    (told(0.0, count=9), ("memory-not-reported", INCONCLUSIVE)),
    (told(0.0, count=12, begin_s=0), ("memory-not-reported", INCONCLUSIVE)),
    (told(0.0, noise_mib=30.0), ("memory-undecided", INCONCLUSIVE)),
    (told(0.1), ("memory-grows", BLOCK)),
    (told(0.01), None),
    (told(0.0), None),
])
def test_memory(memory: tuple[MemorySample, ...], expected: tuple[str, Severity] | None) -> None:
    """The limit of 60 MiB an hour is 1 MiB a minute. Samples from the warm-up do not count."""
    evidence = replace(GOOD, memory=memory)
    assert rules(evidence, MEMORY) == ([expected] if expected else [])
    assert rules(evidence) == []


def test_component_whose_memory_grows_is_named() -> None:
    (finding,) = judge_load(replace(GOOD, memory=told(0.1)), MEMORY)
    assert finding.component == "customers"
    assert "grows by 360 MiB/h > 60 MiB/h (at least 360 MiB/h" in title_of(finding)
