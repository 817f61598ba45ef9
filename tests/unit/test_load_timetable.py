"""When visits are due: their number is the integral of the rate, and all workers read the same timetable."""

from __future__ import annotations

import statistics
from itertools import islice, pairwise, takewhile

import pytest

from gonogo.config import Arrivals, LoadProfile
from gonogo.load.phases import phases_of
from gonogo.load.timetable import curve_of, expected_visits, rate_at, timetable
from gonogo.model.load import PhaseKind

DURATION_S = 30.0
SHAPES = {
    "constant": ({"per_s": 10}, 300),
    "ramp": ({"per_s": 0.5, "to_per_s": 40}, 607.5),
    "ramp down": ({"per_s": 40, "to_per_s": 0.5}, 607.5),
    "spike": ({"per_s": 5, "spike": {"to_per_s": 50, "after_s": 10, "for_s": 5}}, 375),
    "steps": ({"per_s": 5, "steps": {"by_per_s": 5, "every_s": 5, "at_least_per_s": 5}}, 525),
    "curve": ({"per_s": 1, "curve": [(0, 0), (10, 20), (20, 0), (30, 5)]}, 225),
    "curve that begins late": ({"per_s": 1, "curve": [(10, 10), (30, 10)]}, 200),
    "curve with a pause": ({"per_s": 1, "curve": [(0, 10), (5, 0), (15, 0), (20, 10)]}, 150),
}


def due(arrivals: Arrivals, until_s: float) -> list[float]:
    return [visit.due_s for visit in takewhile(lambda visit: visit.due_s <= until_s, timetable(arrivals, DURATION_S))]


@pytest.mark.parametrize("shape, visits", SHAPES.values(), ids=SHAPES.keys())
def test_even_visits_follow_the_curve(shape: dict[str, object], visits: float) -> None:
    """At every moment, the number of visits that were due is the integral of the rate."""
    arrivals = Arrivals.model_validate({**shape, "pacing": "even"})
    points = curve_of(arrivals, DURATION_S)
    assert expected_visits(points, DURATION_S) == pytest.approx(visits)
    for second in (0.5, 7.3, 12.0, 21.9, DURATION_S):
        assert len(due(arrivals, second)) == pytest.approx(expected_visits(points, second), abs=1)


@pytest.mark.parametrize("shape, visits", SHAPES.values(), ids=SHAPES.keys())
def test_random_visits_follow_the_curve(shape: dict[str, object], visits: float) -> None:
    """For any seed, the number of visits is within four standard deviations of a Poisson distribution."""
    for seed in range(5):
        found = len(due(Arrivals.model_validate({**shape, "seed": seed}), DURATION_S))
        assert abs(found - visits) < 4 * visits ** 0.5


def test_random_gaps_are_exponential() -> None:
    """The standard deviation of the gaps equals their mean."""
    gaps = [later - earlier for earlier, later in pairwise(due(Arrivals(per_s=200), DURATION_S))]
    assert statistics.mean(gaps) == pytest.approx(1 / 200, rel=0.05)
    assert statistics.stdev(gaps) == pytest.approx(1 / 200, rel=0.05)


def test_seed_determines_the_timetable() -> None:
    """The same seed gives the same visits; another seed gives others."""
    one, again, other = (list(islice(timetable(Arrivals(per_s=10, seed=seed), DURATION_S), 50)) for seed in (1, 1, 2))
    assert one == again != other


def test_workers_share_one_timetable() -> None:
    """Three workers that each take every third visit start all visits together."""
    whole = list(islice(timetable(Arrivals(per_s=10), DURATION_S), 99))
    shares = [list(islice(timetable(Arrivals(per_s=10), DURATION_S), index, 99, 3)) for index in range(3)]
    assert sorted((visit for share in shares for visit in share), key=lambda visit: visit.due_s) == whole


def test_last_rate_continues_after_the_end() -> None:
    """A profile may be extended, so its last rate continues. A curve that ends at zero has no further visits."""
    assert len(due(Arrivals(per_s=2, to_per_s=10, pacing="even"), 40)) == pytest.approx(180 + 100, abs=1)
    assert len(list(timetable(Arrivals(per_s=1, curve=[(0, 5), (10, 0)], pacing="even"), 10))) == 25


@pytest.mark.parametrize("second, rate", [(0, 5), (9.9, 5), (10, 50), (14.9, 50), (15, 5), (100, 5)])
def test_rate_at_a_jump_is_the_new_rate(second: float, rate: float) -> None:
    arrivals = Arrivals.model_validate(SHAPES["spike"][0])
    assert rate_at(curve_of(arrivals, DURATION_S), second) == rate


def profile(**changes: object) -> LoadProfile:
    return LoadProfile.model_validate({"duration_s": 30, "objectives": {"/a": {"p95_ms": 9}}, **changes})


PHASES = {
    "closed": (profile(users=5), [("load", 0, None)]),
    "warm-up": (profile(users=5, warm_up_s=3), [("warm-up", 0, 3), ("load", 3, None)]),
    "spike": (profile(arrivals={"per_s": 5, "spike": {"to_per_s": 9, "after_s": 10, "for_s": 5, "recovers_within_s": 4}},
                      warm_up_s=2),
              [("warm-up", 0, 2), ("load", 2, 10), ("spike", 10, 15), ("recovery", 15, 19), ("load", 19, None)]),
    "steps": (profile(arrivals={"per_s": 5, "steps": {"by_per_s": 5, "every_s": 10, "at_least_per_s": 5}}),
              [("step", 0, 10), ("step", 10, 20), ("step", 20, 30)]),
    "steps after a warm-up": (
        profile(arrivals={"per_s": 5, "steps": {"by_per_s": 5, "every_s": 10, "at_least_per_s": 5}}, warm_up_s=12),
        [("warm-up", 0, 12), ("step", 12, 20), ("step", 20, 30)]),
}


@pytest.mark.parametrize("size, phases", PHASES.values(), ids=PHASES.keys())
def test_phases(size: LoadProfile, phases: list[tuple[str, float, float | None]]) -> None:
    """Some phases are judged, others only shown. A last load phase has no end, because it may be extended."""
    assert [(str(each.kind), each.from_s, each.to_s) for each in phases_of(size)] == phases


def test_steps_have_their_rate() -> None:
    found = phases_of(PHASES["steps"][0])
    assert [(each.kind, each.per_s) for each in found] == [(PhaseKind.STEP, rate) for rate in (5, 10, 15)]
