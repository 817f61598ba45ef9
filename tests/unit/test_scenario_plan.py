"""Which scenario comes next, and which may run beside which."""

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
    """`s1="web gateway GET-/, - - de-DE"`: the kinds of call of scenario s1, and what is passed on, by its job's key."""
    return {_job(int(name[1:])).key: frozenset(CallKind(*("" if word == "-" else word for word in kind.split()))
                                               for kind in text.split(",") if kind.strip())
            for name, text in kinds.items()}


def test_the_longest_come_first_and_the_unknown_before_them() -> None:
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
def test_what_tells_most_a_second_comes_first(met: dict[str, frozenset[CallKind]], seconds: list[float], changed: str,
                                              order: list[int]) -> None:
    jobs = [_job(number + 1) for number in range(len(seconds))]
    took = {job.key: each for job, each in zip(jobs, seconds, strict=True)}
    found = fastest_coverage_first(jobs, took, met, frozenset(changed.split()), workers=1)
    assert [job.place for job in found] == order


def test_what_nothing_is_known_of_comes_before_all_and_there_what_blocks_comes_first() -> None:
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
def test_what_mostly_waits_begins_early(workers: int, seconds: list[float], meets: str, first: list[int]) -> None:
    """Begun last, it would hold up the answer by all that it takes. Each meets another kind, a dot none."""
    jobs = [_job(number + 1) for number in range(len(seconds))]
    met = {job.key: frozenset({CallKind("a", "b", kind)} if kind != "." else ())
           for job, kind in zip(jobs, meets, strict=True)}
    took = {job.key: each for job, each in zip(jobs, seconds, strict=True)}
    found = fastest_coverage_first(jobs, took, met, frozenset("a"), workers=workers)
    assert [job.place for job in found][:len(first)] == first
    assert sorted(job.place for job in found) == [job.place for job in jobs]


def test_of_a_thousand_scenarios_few_meet_everything_first() -> None:
    jobs = [_job(number) for number in range(1000)]
    kinds = [CallKind("a", "b", str(number)) for number in range(1000)]
    met = {job.key: frozenset(kinds[job.place:job.place + 1 + job.place % 40]) for job in jobs}
    order = fastest_coverage_first(jobs, {job.key: 1.0 for job in jobs}, met, frozenset(), workers=2)
    assert sorted(job.place for job in order) == list(range(1000))
    covered: set[CallKind] = set()
    needed = next(count for count, job in enumerate(order, 1)
                  if covered.update(met[job.key]) or len(covered) == len(kinds))
    assert needed < 60


def test_a_lock_holds_back_the_other_and_lets_the_rest_pass() -> None:
    first, second, free = _job(1, "lock.bank"), _job(2, "lock.bank"), _job(3)
    plan = Plan([first, second, free])
    assert plan.take([]) == first
    assert plan.take([first]) == free
    assert plan.take([first, free]) is None
    assert plan.take([free]) == second


def test_a_serial_scenario_waits_for_all_and_lets_none_begin() -> None:
    alone, free = _job(1, "serial"), _job(2)
    plan = Plan([alone, free])
    assert plan.take([]) == free
    assert plan.take([free]) is None
    assert plan.take([]) == alone
    plan.put_back(free)
    assert plan.take([alone]) is None
    assert plan.take([]) == free


def test_what_is_put_back_comes_again() -> None:
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


def test_only_a_run_in_which_all_was_executed_and_passed_ends_with_zero() -> None:
    assert exit_code_of(_evidence(Status.PASSED, Status.PASSED)) is ExitCode.GO
    assert exit_code_of(_evidence(Status.PASSED, Status.FAILED, None)) is ExitCode.NO_GO
    assert exit_code_of(_evidence()) is ExitCode.USAGE
    assert exit_code_of(_evidence(Status.PASSED, faults=("worker 2 died",))) is ExitCode.INCONCLUSIVE
    for status in (None, *(set(Status) - {Status.PASSED, Status.FAILED})):
        assert exit_code_of(_evidence(Status.PASSED, status)) is ExitCode.INCONCLUSIVE


def test_a_flaky_scenario_fails_where_the_policy_blocks_it() -> None:
    flaky = ScenarioEvidence((Scenario(ScenarioId("a.feature", "", "s"), "s", "A", 1, attempts=(
        Attempt(Status.FAILED), Attempt(Status.PASSED))),), finished=True)
    assert exit_code_of(flaky) is ExitCode.GO
    assert exit_code_of(flaky, flaky_blocks=True) is ExitCode.NO_GO


def test_the_closing_line_counts_everything() -> None:
    line = closing_line(_evidence(Status.PASSED, Status.FAILED, None, faults=("x",)), "runs/r/behaviour")
    assert line == ("3 scenarios: 1 passed, 1 failed, 1 not executed, 1 error of the run itself "
                    "(evidence: runs/r/behaviour)")


def rounds(*jobs: Job, goes_on: Iterable[bool]) -> tuple[Rounds, list[tuple[int, str, int]]]:
    """A plan that goes round, each time it is asked about as `goes_on` says; and what it tells of."""
    planned: list[tuple[int, str, int]] = []
    says = iter(goes_on)
    return Rounds(jobs, lambda: next(says, False), lambda job: planned.append((job.place, job.name, job.round))), planned


def test_rounds_begin_anew_where_all_are_given_out() -> None:
    """Each time a scenario comes it has an id of its own, and is told of before it is given out."""
    plan, planned = rounds(_job(0), _job(1), goes_on=[True] * 5)
    taken = [plan.take(()) for _ in range(6)]
    assert [each and (each.place, each.name, each.round) for each in taken] == [*planned, None]
    assert planned == [(0, "s0", 1), (1, "s1", 1), (2, "s0", 2), (3, "s1", 2), (4, "s0", 3)]


def test_rounds_end_in_mid_round_and_plan_nothing_then() -> None:
    plan, planned = rounds(_job(0), _job(1), goes_on=[True])
    assert plan.take(()) is not None
    assert len(plan) == 0
    assert plan.take(()) is None
    assert len(planned) == 1


def test_rounds_keep_to_who_may_run_beside_whom() -> None:
    """What must wait is not planned before it may run."""
    plan, planned = rounds(_job(0, "lock.a"), _job(1, "lock.a"), goes_on=[True] * 3)
    first = plan.take(())
    assert first is not None
    assert plan.take([first]) is None
    assert len(planned) == 1
    assert plan.take(()) is not None


def test_rounds_that_are_dropped_are_over() -> None:
    plan, _ = rounds(_job(0), goes_on=[True] * 3)
    plan.drop_all()
    assert len(plan) == 0
    assert plan.take(()) is None
