"""Pages ask when they like: what one has only asked a step earlier or later than in the baseline is no difference."""

from __future__ import annotations

import pytest

from gonogo.model.calls import STEP
from gonogo.model.exchange import Exchange
from gonogo.model.outside import OutsideChange
from gonogo.outside import compare_outside
from gonogo.traffic.http.endpoints import Endpoints
from tests.recorded import exchange, record, seen

ANA = "Ana signs in"
STRANGER, SIGNED_IN, BROKEN = (401, {"error": "who?"}), (200, {"customer": "Ana"}), (500, {"error": "no session"})


def asked(answer: tuple[int, object], step: int, **more: object) -> Exchange:
    return exchange("/api/session", answer[1], of=ANA, status=answer[0], step=step, **more)


def found(now: list[Exchange], was: list[Exchange]) -> tuple[OutsideChange, ...]:
    baseline = None
    for exchanges in (was, was, now):
        evidence, baseline = compare_outside(seen({ANA: record(steps=4)}, exchanges), Endpoints(), baseline,
                                             same_images=exchanges is was)
    return evidence.changes


FIRST_STRANGER = [asked(STRANGER, 0), asked(STRANGER, 1), asked(SIGNED_IN, 2)]


@pytest.mark.parametrize(("now", "was"), [
    ([asked(STRANGER, 0), asked(BROKEN, 1), asked(SIGNED_IN, 2)], FIRST_STRANGER),
    ([asked(STRANGER, 0), asked(SIGNED_IN, 1), asked(BROKEN, 2)], FIRST_STRANGER),
    ([asked(SIGNED_IN, 0), asked(STRANGER, 1), asked(SIGNED_IN, 2)], FIRST_STRANGER),
    ([asked(SIGNED_IN, 1, caller=STEP, person="")], [asked(STRANGER, 1, caller=STEP, person=""), asked(SIGNED_IN, 2)]),
    ([asked(SIGNED_IN, 1, person="Ben"), asked(SIGNED_IN, 2)], [asked(STRANGER, 1, person="Ben"), asked(SIGNED_IN, 2)]),
    ([asked(SIGNED_IN, 1, method="POST"), asked(SIGNED_IN, 2, method="POST")],
     [asked(STRANGER, 1, method="POST"), asked(SIGNED_IN, 2, method="POST")])],
    ids=["an answer of no step beside", "one after what came sooner", "of a step further on", "to a step", "to another person", "to a request that writes"])
def test_another_answer_is_a_difference(now: list[Exchange], was: list[Exchange]) -> None:
    assert found(now, was)


def test_answer_of_a_step_beside_teaches_nothing() -> None:
    """After such a run of the same images, a broken answer at that place is still a proven difference."""
    sooner = [asked(STRANGER, 0), asked(SIGNED_IN, 1), asked(SIGNED_IN, 2)]
    broken = [asked(STRANGER, 0), asked(BROKEN, 1), asked(SIGNED_IN, 2)]
    baseline = None
    for exchanges in (FIRST_STRANGER, FIRST_STRANGER, sooner, broken):
        evidence, baseline = compare_outside(seen({ANA: record(steps=4)}, exchanges), Endpoints(), baseline,
                                             same_images=exchanges is not broken)
    assert ("401", "500", True) in {(change.was, change.now, change.proven) for change in evidence.changes}


@pytest.mark.parametrize(("now", "was"), [
    ([asked(STRANGER, 0), asked(SIGNED_IN, 1), asked(SIGNED_IN, 2)], FIRST_STRANGER),
    (FIRST_STRANGER, [asked(STRANGER, 0), asked(SIGNED_IN, 1), asked(SIGNED_IN, 2)]),
    ([asked(STRANGER, 1), asked(SIGNED_IN, 2)], [asked(STRANGER, 1), asked(SIGNED_IN, 1)])],
    ids=["sooner", "later", "the last answer in the step after"])
def test_answer_of_a_step_beside_is_none(now: list[Exchange], was: list[Exchange]) -> None:
    assert found(now, was) == ()
