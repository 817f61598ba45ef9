"""Finds contradictions between keys of a load profile, each of which is valid alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from gonogo.config.load_model import Arrivals, LoadProfile


class Contradiction(NamedTuple):
    """`at` are the keys below the profile."""

    what: str
    at: tuple[str, ...]
    fix: str


def contradictions(name: str, profile: LoadProfile) -> Iterator[Contradiction]:
    """Yield every contradiction in `profile`."""
    if (profile.users is None) == (profile.arrivals is None):
        yield Contradiction(f"The load profile '{name}' must have exactly one of `users` and `arrivals`.", (),
                            "write `users` (closed loop) or `arrivals` (open loop).")
    if profile.warm_up_s >= profile.duration_s:
        yield Contradiction(f"The warm-up of the load profile '{name}' ({profile.warm_up_s:g} s) lasts as long as the "
                            f"profile ({profile.duration_s:g} s): no request would be judged.", ("warm_up_s",),
                            f"set warm_up_s below duration_s ({profile.duration_s:g} s).")
    if profile.arrivals is not None:
        yield from _of_arrivals(name, profile.arrivals, profile)


def _of_arrivals(name: str, arrivals: Arrivals, profile: LoadProfile) -> Iterator[Contradiction]:
    shapes = [key for key in ("to_per_s", "spike", "steps", "curve") if getattr(arrivals, key) is not None]
    if len(shapes) > 1:
        yield Contradiction(f"The arrivals of '{name}' have {len(shapes)} shapes: {', '.join(shapes)}.",
                            ("arrivals", shapes[1]), "keep one of these shapes.")
    if arrivals.spike and arrivals.spike.after_s + arrivals.spike.for_s >= profile.duration_s:
        yield Contradiction(f"The spike of '{name}' ends with or after the profile: no recovery can be observed.",
                            ("arrivals", "spike"), f"end it well before duration_s ({profile.duration_s:g} s).")
    if arrivals.steps:
        reached = arrivals.per_s + arrivals.steps.by_per_s * (int(profile.duration_s / arrivals.steps.every_s) - 1)
        if reached < arrivals.steps.at_least_per_s:
            yield Contradiction(f"The steps of '{name}' end at {reached:g} visits per second, below at_least_per_s "
                                f"({arrivals.steps.at_least_per_s:g}).",
                                ("arrivals", "steps"), "raise by_per_s or duration_s, or lower every_s.")
    yield from _of_curve(name, arrivals.curve or [])


def _of_curve(name: str, curve: list[tuple[float, float]]) -> Iterator[Contradiction]:
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(curve)):
        yield Contradiction(f"The curve of '{name}' is not in ascending order of time.", ("arrivals", "curve"),
                            "order the points by their seconds, each later than the one before.")
    elif curve and not any(rate for _, rate in curve):
        yield Contradiction(f"All rates of the curve of '{name}' are 0.", ("arrivals", "curve"),
                            "set at least one rate above 0.")
