"""Shapes: the number of users of a profile at a moment. Pure; `timed_shape` connects them to Locust."""

from __future__ import annotations

import math
from collections.abc import Callable

from gonogo.config import LoadProfile

Shape = Callable[[float, LoadProfile], int]
"""(seconds since the start, the profile's size) → users that should run then."""


def steady(_elapsed_s: float, size: LoadProfile) -> int:
    """All users from the start, as fast as `spawn_rate` permits."""
    return size.users or 0


def ramp(elapsed_s: float, size: LoadProfile) -> int:
    """A linear increase over the first half, then all users."""
    share = min(1.0, (elapsed_s + 1) / (size.duration_s / 2))
    return max(1, math.ceil((size.users or 0) * share))
