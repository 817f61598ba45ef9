"""A sample of the battery `bench/hostile`, which is run by hand."""

from __future__ import annotations

import pytest

from bench.hostile.trial import carry_out
from bench.hostile.tries import TRIES

SAMPLE = ("then: an assertion of a tuple", "scenario: leaves a daemon", "record: a step turns failures into passes",
          "version: JSON of 100,000 brackets", "page: a form that is sent", "config: aliases of aliases")


@pytest.mark.parametrize("name", SAMPLE)
def test_try(name: str) -> None:
    seen = carry_out(TRIES[name])
    assert not seen.problems, seen


def test_battery_is_large_enough() -> None:
    assert len(TRIES) >= 150
