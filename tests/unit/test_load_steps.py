"""Load steps up to the knee, with constructed phases. Knees that are too low come first."""

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
    # figures of each step → visits/s at the knee, why it ended, findings
    "missed at the first step": ((MISSED, MET, MET), 0, Decision.MISSED, [("knee-too-low", BLOCK)]),
    "missed at the required step": ((MET, MISSED, MISSED), 10, Decision.MISSED, [("knee-too-low", BLOCK)]),
    "failures at the required step": ((MET, FAILED, MISSED), 10, Decision.MISSED, [("knee-too-low", BLOCK)]),
    "undecided below a missed step": ((UNSURE, MISSED), 0, Decision.UNDECIDED, [("knee-too-low", BLOCK)]),
    "undecided at the required step": ((MET, UNSURE, MISSED), 10, Decision.UNDECIDED,
                                                [("knee-undecided", INCONCLUSIVE)]),
    "undecided at the first step, but higher ones are met": ((UNSURE, MET, MET), 30, Decision.MET, []),
    "too few requests in a step, but a higher one is met": ((MET, (49, 0, 0), MET), 30, Decision.MET, []),
    "too few requests in every step": (((49, 0, 0),) * 3, 0, Decision.UNDECIDED, [("knee-undecided", INCONCLUSIVE)]),
    "the required step did not run": ((MET,), 10, Decision.MET, [("knee-undecided", INCONCLUSIVE)]),
    "missed above the required step": ((MET, MET, MISSED), 20, Decision.MISSED, []),
    "undecided above the required step": ((MET, MET, UNSURE, MISSED), 20, Decision.UNDECIDED, []),
    "never missed": ((MET, MET, MET, MET), 40, Decision.MET, []),
}


@pytest.mark.parametrize(("figures", "per_s", "ended", "expected"), CASES.values(), ids=CASES.keys())
def test_knee(figures: tuple[tuple[int, int, int], ...], per_s: float, ended: Decision,
              expected: list[tuple[str, Severity]]) -> None:
    """The knee is the last met step before the first missed one. Only a miss up to the required step blocks."""
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


def test_record_without_any_step_is_inconclusive() -> None:
    found = evidence(MET)
    found = replace(found, phases=(replace(found.phases[0], kind=PhaseKind.WARM_UP),))
    assert rules(found) == [("knee-undecided", INCONCLUSIVE)]


def test_incomplete_step_is_not_met() -> None:
    """A step that ran for half of its time is not met. Steps that stop after the first miss are complete."""
    short = evidence(MET, MET, sent_s=60.0, knee_passed=True)
    assert rules(short) == [("knee-undecided", INCONCLUSIVE)]
    assert rules(evidence(MET, MET, MISSED, (9, 0, 0), sent_s=122.0, finished=False, knee_passed=True)) == []


def test_knee_is_passed_once_a_completed_step_missed() -> None:
    """A step that is still running may recover."""
    found = evidence(MET, MISSED)
    assert not knee_passed(found, PROFILE, 79.0)
    assert knee_passed(found, PROFILE, 80.0)
    assert not knee_passed(evidence(MET, MET), PROFILE, 90.0)


def test_visits_dropped_beyond_the_knee_are_not_a_doubt() -> None:
    """Visits pile up beyond the knee. Below it, or without counts per step, dropped visits are a doubt."""
    whole = evidence(MET, MET, MISSED, arrived=Arrived(4000, 3900, 100))
    assert rules(whole) == [("arrivals-dropped", INCONCLUSIVE), ("arrivals-missed", INCONCLUSIVE)]
    told = replace(whole, phases=(step(1, MET, Arrived(400, 400)), step(2, MET, Arrived(800, 800)),
                                  step(3, MISSED, Arrived(1200, 1100, 100))))
    assert rules(told) == []
    below = replace(told, phases=(step(1, MET, Arrived(400, 399, 1)), *told.phases[1:]))
    assert rules(below) == [("arrivals-dropped", INCONCLUSIVE)]
