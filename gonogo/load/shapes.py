"""Shapes: how many users a profile wants at a moment. Pure; Locust meets them through `timed_shape`."""

from __future__ import annotations

import math
from collections.abc import Callable

from gonogo.config import LoadProfile

Shape = Callable[[float, LoadProfile], int]
"""(seconds since the start, the profile's size) → users that should run then."""


def steady(_elapsed_s: float, size: LoadProfile) -> int:
    """All users from the start on, as fast as `spawn_rate` lets them come."""
    return size.users or 0


def ramp(elapsed_s: float, size: LoadProfile) -> int:
    """Ever more users over the first half, all of them over the second."""
    share = min(1.0, (elapsed_s + 1) / (size.duration_s / 2))
    return max(1, math.ceil((size.users or 0) * share))
