"""Findings about what people and partners got to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import Parameters
from gonogo.model.outside import ChangeKind, Place


@dataclass(frozen=True, slots=True)
class OutsideChanged(Parameters):
    """`where` at `place` shows `now`; it was `was` in the baseline, "" for none.

    `proven`: it was the same in each of the runs before. `times` it was seen in this scenario, and in `more` further
    scenarios. An approval is about the place's kind and name, `key`, and all `pairs` of (was, now); with
    `pairs_left_out` there are more than can be approved.
    """

    place: Place
    change: ChangeKind
    where: str
    now: str
    was: str
    key: str
    proven: bool
    times: int = 1
    more: int = 0
    pairs: tuple[tuple[str, str], ...] = ()
    pairs_left_out: int = 0


@dataclass(frozen=True, slots=True)
class OutsideNotCompared(Parameters):
    """What people and partners saw is not known in full, for `count` reasons such as `example`."""

    count: int
    example: str


RULES: Mapping[str, type[Parameters]] = {
    "outside-changed": OutsideChanged, "outside-not-compared": OutsideNotCompared}
