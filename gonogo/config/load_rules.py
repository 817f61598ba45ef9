"""Contradictions in the load section of an environment: each key may be right by itself, and the profile is not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from gonogo.config.load_model import Arrivals, LoadProfile


class Contradiction(NamedTuple):
    """`at` are the keys below the profile where it stands."""

    what: str
    at: tuple[str, ...]
    fix: str


def contradictions(name: str, profile: LoadProfile) -> Iterator[Contradiction]:
    """Everything that keeps `profile` from meaning something."""
    if (profile.users is None) == (profile.arrivals is None):
        yield Contradiction(f"The load profile '{name}' is neither a closed nor an open loop, or both.", (),
                            "write `users` (each waits for an answer) or `arrivals` (visits by a timetable).")
    if profile.warm_up_s >= profile.duration_s:
        yield Contradiction(f"The load profile '{name}' ends before its warm-up does.", ("warm_up_s",),
                            f"lower it below duration_s ({profile.duration_s:g} s).")
    if profile.arrivals is not None:
        yield from _of_arrivals(name, profile.arrivals, profile)


def _of_arrivals(name: str, arrivals: Arrivals, profile: LoadProfile) -> Iterator[Contradiction]:
    shapes = [key for key in ("to_per_s", "spike", "steps", "curve") if getattr(arrivals, key) is not None]
    if len(shapes) > 1:
        yield Contradiction(f"The arrivals of '{name}' have {len(shapes)} shapes: {', '.join(shapes)}.",
                            ("arrivals", shapes[1]), "keep one of them.")
    if arrivals.spike and arrivals.spike.after_s + arrivals.spike.for_s >= profile.duration_s:
        yield Contradiction(f"The spike of '{name}' does not end before the profile, so that no recovery is seen.",
                            ("arrivals", "spike"), f"let it end well before duration_s ({profile.duration_s:g} s).")
    if arrivals.steps:
        reached = arrivals.per_s + arrivals.steps.by_per_s * (int(profile.duration_s / arrivals.steps.every_s) - 1)
        if reached < arrivals.steps.at_least_per_s:
            yield Contradiction(f"The steps of '{name}' end at {reached:g} visits a second, below `at_least_per_s`.",
                                ("arrivals", "steps"), "make the steps larger, shorter, or duration_s longer.")
    yield from _of_curve(name, arrivals.curve or [])


def _of_curve(name: str, curve: list[tuple[float, float]]) -> Iterator[Contradiction]:
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(curve)):
        yield Contradiction(f"The curve of '{name}' goes back in time.", ("arrivals", "curve"),
                            "order its points by their seconds, each later than the one before.")
    elif curve and not any(rate for _, rate in curve):
        yield Contradiction(f"The curve of '{name}' never starts: all its rates are 0.", ("arrivals", "curve"),
                            "give it visits.")
