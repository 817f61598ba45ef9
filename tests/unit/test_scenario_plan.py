"""Which scenario comes next, and which scenarios may run in parallel."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gonogo.core.exit_codes import ExitCode
from gonogo.model.calls import CallKind
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.scenarios.running.closing import closing_line, exit_code_of
from gonogo.scenarios.running.plan import Job, Plan, Rounds, fastest_coverage_first, longest_first


def _job(number: int, *tags: str) -> Job:
    return Job(number, ScenarioId("features/a.feature", "", f"s{number}"), number, f"s{number}", "A", frozenset(tags), steps=1)


def _met(**kinds: str) -> dict[str, frozenset[CallKind]]:
    """`s1="web gateway GET-/, - - de-DE"`: the call kinds and events that scenario s1 covers, by its job's key."""
    return {_job(int(name[1:])).key: frozenset(CallKind(*("" if word == "-" else word for word in kind.split()))
                                               for kind in text.split(",") if kind.strip())
            for name, text in kinds.items()}


def test_longest_come_first_after_those_without_known_duration() -> None:
    jobs = [_job(1), _job(2), _job(3)]
    assert [job.place for job in longest_first(jobs, {jobs[0].key: 1.0, jobs[1].key: 5.0})] == [3, 2, 1]


SOONEST = [
    ("what meets most comes first", _met(s1="a b x", s2="a b x, a b y, a b z", s3="a b y"), [1, 1, 1], "", [2, 1, 3]),
    ("what adds to it comes before what repeats it", _met(s1="a b x, a b y", s2="a b x", s3="b c z"), [1, 1, 1], "",
     [1, 3, 2]),
    ("two quick ones before a slow one that meets both", _met(s1="a b x, a b y", s2="a b x", s3="a b y"), [9, 1, 1], "",
     [2, 3, 1]),
    ("what a changed component has no part in does not count", _met(s1="a b x, b c y", s2="a gds x"), [1, 9], "gds",
     [2, 1]),
    ("the caller of a changed component counts as well as whom it calls",
     _met(s1="a b x", s2="gds bank x", s3="b gds x"), [1, 2, 3], "gds", [2, 3, 1]),
    ("an answer of another status is another kind", _met(s1="a b GET-200", s2="a b GET-200", s3="a b GET-404"),
     [1, 2, 3], "", [1, 3, 2]),
    ("what is passed on where a changed component is met counts as well",
     _met(s1="web gds x", s2="web gds x,- - ja-JP", s3="web a x,- - ja-JP,- - de-DE"), [1, 1, 1], "gds", [2, 1, 3]),
    ("what takes no time at all is no reason to divide by it", _met(s1="a b x", s2="a b y, a b z"), [0, 0], "", [2, 1]),
    ("where nothing is met, the shortest", _met(s1="", s2="", s3=""), [1, 3, 2], "", [1, 3, 2]),
    ("once all is met, the shortest", _met(s1="a b x", s2="a b x, a b y", s3="a b y", s4="a b x, a b y"), [4, 2, 3, 9],
     "", [2, 3, 1, 4]),
    ("what meets nothing that has changed comes after what does, however short", _met(s1="a b x", s2="a b x", s3="c d x"),
     [1, 3, 0.1], "b", [1, 2, 3]),
]


@pytest.mark.parametrize(("met", "seconds", "changed", "order"), [row[1:] for row in SOONEST],
                         ids=[row[0] for row in SOONEST])
def test_most_new_coverage_per_second_comes_first(met: dict[str, frozenset[CallKind]], seconds: list[float], changed: str,
                                              order: list[int]) -> None:
    jobs = [_job(number + 1) for number in range(len(seconds))]
    took = {job.key: each for job, each in zip(jobs, seconds, strict=True)}
    found = fastest_coverage_first(jobs, took, met, frozenset(changed.split()), workers=1)
    assert [job.place for job in found] == order


def test_unknown_scenarios_come_first_the_mandatory_ones_before_others() -> None:
    jobs = [_job(1), _job(2), _job(3, "must"), _job(4, "must")]
    met = _met(s1="a b x, a b y", s4="a b x, a b y")
    found = fastest_coverage_first(jobs, {job.key: 1.0 for job in jobs}, met, frozenset(), workers=2)
    assert [job.place for job in found] == [3, 2, 4, 1]


WAITING = [
    ("what takes far longer than most comes first", 4, [1, 2, 3, 10, 3, 3], "ABCDEF", [4]),
    ("for half of the workers at most, the longest", 4, [1, 20, 2, 30, 1, 40, 1], "ABCDEFG", [6, 4]),
    ("never for the only one", 1, [1, 2, 3, 10, 3, 3], "ABCDEF", [1]),
    ("not what meets nothing that has changed", 4, [1, 2, 3, 10, 3, 3], "ABC.EF", [1]),
    ("not what is only somewhat longer", 4, [1, 2, 3, 6, 3, 3], "ABCDEF", [1]),
]


@pytest.mark.parametrize(("workers", "seconds", "meets", "first"), [row[1:] for row in WAITING],
                         ids=[row[0] for row in WAITING])
def test_scenarios_that_mostly_wait_start_early(workers: int, seconds: list[float], meets: str, first: list[int]) -> None:
    """Started last, one would delay the verdict by its full duration. Each covers another call kind, a dot none."""
    jobs = [_job(number + 1) for number in range(len(seconds))]
    met = {job.key: frozenset({CallKind("a", "b", kind)} if kind != "." else ())
           for job, kind in zip(jobs, meets, strict=True)}
    took = {job.key: each for job, each in zip(jobs, seconds, strict=True)}
    found = fastest_coverage_first(jobs, took, met, frozenset("a"), workers=workers)
    assert [job.place for job in found][:len(first)] == first
    assert sorted(job.place for job in found) == [job.place for job in jobs]


def test_few_of_a_thousand_scenarios_cover_everything() -> None:
    jobs = [_job(number) for number in range(1000)]
    kinds = [CallKind("a", "b", str(number)) for number in range(1000)]
    met = {job.key: frozenset(kinds[job.place:job.place + 1 + job.place % 40]) for job in jobs}
    order = fastest_coverage_first(jobs, {job.key: 1.0 for job in jobs}, met, frozenset(), workers=2)
    assert sorted(job.place for job in order) == list(range(1000))
    covered: set[CallKind] = set()
    needed = next(count for count, job in enumerate(order, 1)
                  if covered.update(met[job.key]) or len(covered) == len(kinds))
    assert needed < 60


def test_lock_delays_only_scenarios_with_the_same_lock() -> None:
    first, second, free = _job(1, "lock.bank"), _job(2, "lock.bank"), _job(3)
    plan = Plan([first, second, free])
    assert plan.take([]) == first
    assert plan.take([first]) == free
    assert plan.take([first, free]) is None
    assert plan.take([free]) == second


def test_serial_scenario_runs_alone() -> None:
    alone, free = _job(1, "serial"), _job(2)
    plan = Plan([alone, free])
    assert plan.take([]) == free
    assert plan.take([free]) is None
    assert plan.take([]) == alone
    plan.put_back(free)
    assert plan.take([alone]) is None
    assert plan.take([]) == free


def test_job_that_is_put_back_is_taken_again() -> None:
    plan = Plan([_job(1)])
    job = plan.take([])
    assert job is not None
    plan.put_back(job.again())
    again = plan.take([])
    assert again is not None
    assert (again.place, again.attempt, len(plan)) == (1, 2, 0)


def _evidence(*statuses: Status | None, faults: tuple[str, ...] = ()) -> ScenarioEvidence:
    return ScenarioEvidence(tuple(
        Scenario(ScenarioId("a.feature", "", f"s{number}"), f"s{number}", "A", number, attempts=() if status is None else (Attempt(status),))
        for number, status in enumerate(statuses)), finished=True, faults=faults)


def test_exit_code_is_zero_only_if_every_scenario_passed() -> None:
    assert exit_code_of(_evidence(Status.PASSED, Status.PASSED)) is ExitCode.GO
    assert exit_code_of(_evidence(Status.PASSED, Status.FAILED, None)) is ExitCode.NO_GO
    assert exit_code_of(_evidence()) is ExitCode.USAGE
    assert exit_code_of(_evidence(Status.PASSED, faults=("worker 2 died",))) is ExitCode.INCONCLUSIVE
    for status in (None, *(set(Status) - {Status.PASSED, Status.FAILED})):
        assert exit_code_of(_evidence(Status.PASSED, status)) is ExitCode.INCONCLUSIVE


def test_flaky_scenario_fails_the_run_if_the_policy_blocks_it() -> None:
    flaky = ScenarioEvidence((Scenario(ScenarioId("a.feature", "", "s"), "s", "A", 1, attempts=(
        Attempt(Status.FAILED), Attempt(Status.PASSED))),), finished=True)
    assert exit_code_of(flaky) is ExitCode.GO
    assert exit_code_of(flaky, flaky_blocks=True) is ExitCode.NO_GO


def test_closing_line_counts_everything() -> None:
    line = closing_line(_evidence(Status.PASSED, Status.FAILED, None, faults=("x",)), "runs/r/behaviour")
    assert line == ("3 scenarios: 1 passed, 1 failed, 1 not executed, 1 error of the run itself "
                    "(evidence: runs/r/behaviour)")


def rounds(*jobs: Job, goes_on: Iterable[bool]) -> tuple[Rounds, list[tuple[int, str, int]]]:
    """Rounds that continue as `goes_on` decides at each call, and the jobs that they plan."""
    planned: list[tuple[int, str, int]] = []
    says = iter(goes_on)
    return Rounds(jobs, lambda: next(says, False), lambda job: planned.append((job.place, job.name, job.round))), planned


def test_next_round_begins_when_all_jobs_are_taken() -> None:
    """In each round a scenario has a place of its own, and it is planned before it is taken."""
    plan, planned = rounds(_job(0), _job(1), goes_on=[True] * 5)
    taken = [plan.take(()) for _ in range(6)]
    assert [each and (each.place, each.name, each.round) for each in taken] == [*planned, None]
    assert planned == [(0, "s0", 1), (1, "s1", 1), (2, "s0", 2), (3, "s1", 2), (4, "s0", 3)]


def test_rounds_may_end_within_a_round_and_then_plan_nothing() -> None:
    plan, planned = rounds(_job(0), _job(1), goes_on=[True])
    assert plan.take(()) is not None
    assert len(plan) == 0
    assert plan.take(()) is None
    assert len(planned) == 1


def test_rounds_respect_locks() -> None:
    """A job that must wait is not planned before it may run."""
    plan, planned = rounds(_job(0, "lock.a"), _job(1, "lock.a"), goes_on=[True] * 3)
    first = plan.take(())
    assert first is not None
    assert plan.take([first]) is None
    assert len(planned) == 1
    assert plan.take(()) is not None


def test_dropped_rounds_have_ended() -> None:
    plan, _ = rounds(_job(0), goes_on=[True] * 3)
    plan.drop_all()
    assert len(plan) == 0
    assert plan.take(()) is None
