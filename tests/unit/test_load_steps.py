"""Steps up to the knee, from phases made by hand. Refusals first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.config import LoadProfile
from gonogo.model.findings import Severity
from gonogo.model.histogram import Histogram
from gonogo.model.load import Arrived, EndpointSamples, LoadEvidence, Phase, PhaseKind
from gonogo.report.wording import title_of
from gonogo.report.wording.load import knee_words
from gonogo.verdict.load.confidence import Decision
from gonogo.verdict.load.profile import judge_load, knee, knee_passed, undecided

BLOCK, INCONCLUSIVE = Severity.BLOCK, Severity.INCONCLUSIVE
PROFILE = LoadProfile.model_validate({
    "arrivals": {"per_s": 10, "most_at_once": 20, "steps": {"by_per_s": 10, "every_s": 40, "at_least_per_s": 20}},
    "duration_s": 160, "objectives": {"/api/flights": {"p95_ms": 100, "min_requests": 50}}})
MET, MISSED, UNSURE, FAILED = (400, 0, 0), (400, 80, 0), (400, 20, 0), (400, 0, 80)


def step(number: int, figures: tuple[int, int, int], arrived: Arrived | None = None) -> Phase:
    """The `number`-th step: (requests, slow ones, failed ones)."""
    count, slow, failed = figures
    times = Histogram([900.0] * slow + [20.0] * (count - slow))
    samples = EndpointSamples("/api/flights", times, {"status 503": failed} if failed else {})
    return Phase(PhaseKind.STEP, 40 * number - 40, 40 * number, 10.0 * number, (samples,), arrived)


def evidence(*figures: tuple[int, int, int], sent_s: float = 160.2, **changes: object) -> LoadEvidence:
    found = LoadEvidence(
        "knee", finished=True, planned_s=160, sent_s=sent_s, planned_users=20, planned_spawn_rate=5, peak_users=9,
        planned_arrivals=PROFILE.arrivals.model_dump(mode="json"), cpu_ratio=0.2, lag_p95_ms=3.0,
        arrived=Arrived(4000, 4000), phases=tuple(step(index + 1, each) for index, each in enumerate(figures)))
    return replace(found, **changes)


def rules(found: LoadEvidence) -> list[tuple[str, Severity]]:
    return [(finding.rule, finding.severity) for finding in judge_load(found, PROFILE)]


CASES = {
    # figures of each step → knee, why it ended, what is said
    "missed at the first step": ((MISSED, MET, MET), 0, Decision.MISSED, [("knee-too-low", BLOCK)]),
    "missed at the step that is asked for": ((MET, MISSED, MISSED), 10, Decision.MISSED, [("knee-too-low", BLOCK)]),
    "failures at the step that is asked for": ((MET, FAILED, MISSED), 10, Decision.MISSED, [("knee-too-low", BLOCK)]),
    "undecided below a step that is missed": ((UNSURE, MISSED), 0, Decision.UNDECIDED, [("knee-too-low", BLOCK)]),
    "undecided at the step that is asked for": ((MET, UNSURE, MISSED), 10, Decision.UNDECIDED,
                                                [("knee-undecided", INCONCLUSIVE)]),
    "undecided at the first step, and a higher one speaks for it": ((UNSURE, MET, MET), 30, Decision.MET, []),
    "too few requests in a step, and a higher one had enough": ((MET, (49, 0, 0), MET), 30, Decision.MET, []),
    "too few requests in every step": (((49, 0, 0),) * 3, 0, Decision.UNDECIDED, [("knee-undecided", INCONCLUSIVE)]),
    "not tried as far as is asked for": ((MET,), 10, Decision.MET, [("knee-undecided", INCONCLUSIVE)]),
    "missed after the step that is asked for": ((MET, MET, MISSED), 20, Decision.MISSED, []),
    "undecided after the step that is asked for": ((MET, MET, UNSURE, MISSED), 20, Decision.UNDECIDED, []),
    "never missed": ((MET, MET, MET, MET), 40, Decision.MET, []),
}


@pytest.mark.parametrize(("figures", "per_s", "ended", "expected"), CASES.values(), ids=CASES.keys())
def test_knee(figures: tuple[tuple[int, int, int], ...], per_s: float, ended: Decision,
              expected: list[tuple[str, Severity]]) -> None:
    """The knee is the last step that met all before one missed; only what misses below what is asked for blocks."""
    found = evidence(*figures)
    reached = knee(found, PROFILE)
    assert (reached.per_s, reached.beyond.outcome if reached.beyond else Decision.MET) == (per_s, ended)
    assert rules(found) == expected
    assert not undecided(found, PROFILE)


def test_reason_names_the_step_and_the_figure() -> None:
    found = evidence(MET, MISSED)
    (finding,) = judge_load(found, PROFILE)
    assert title_of(finding).startswith("knee: objectives met up to 10 visits/s, 20 required; at 20 visits/s: "
                                        "/api/flights p95 900 ms > 100 ms")
    assert knee_words(knee(found, PROFILE)).startswith("objectives met up to 10 visits/s; at 20 visits/s: "
                                                       "/api/flights p95 900 ms > 100 ms")


def test_steps_without_any_step_prove_nothing() -> None:
    found = evidence(MET)
    found = replace(found, phases=(replace(found.phases[0], kind=PhaseKind.WARM_UP),))
    assert rules(found) == [("knee-undecided", INCONCLUSIVE)]


def test_step_that_was_cut_off_is_not_met() -> None:
    """Steps that end with the first miss are whole; a step that was tried for half its time shows half of what it asks."""
    short = evidence(MET, MET, sent_s=60.0, knee_passed=True)
    assert rules(short) == [("knee-undecided", INCONCLUSIVE)]
    assert rules(evidence(MET, MET, MISSED, (9, 0, 0), sent_s=122.0, finished=False, knee_passed=True)) == []


def test_knee_is_passed_once_a_step_that_is_over_missed() -> None:
    """A step that is under way may yet recover."""
    found = evidence(MET, MISSED)
    assert not knee_passed(found, PROFILE, 79.0)
    assert knee_passed(found, PROFILE, 80.0)
    assert not knee_passed(evidence(MET, MET), PROFILE, 90.0)


def test_visits_that_the_step_past_the_knee_could_not_start_are_no_doubt() -> None:
    """Beyond the knee visits pile up: that is what it is. Below it, or where steps were not told apart, they count."""
    whole = evidence(MET, MET, MISSED, arrived=Arrived(4000, 3900, 100))
    assert rules(whole) == [("arrivals-dropped", INCONCLUSIVE), ("arrivals-missed", INCONCLUSIVE)]
    told = replace(whole, phases=(step(1, MET, Arrived(400, 400)), step(2, MET, Arrived(800, 800)),
                                  step(3, MISSED, Arrived(1200, 1100, 100))))
    assert rules(told) == []
    below = replace(told, phases=(step(1, MET, Arrived(400, 399, 1)), *told.phases[1:]))
    assert rules(below) == [("arrivals-dropped", INCONCLUSIVE)]
