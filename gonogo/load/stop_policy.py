"""Decides when a run ends: as planned, after twice the time if the result is undecided, or early if it is clear.

It decides from the counts so far. `recorder` counts, and `generator` ends Locust.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import scipy.special  # noqa: F401  imported here because its lazy import in `verdict` would stall the generator

from gonogo.config import LoadProfile
from gonogo.model.load import LoadEvidence, LostObjective
from gonogo.verdict.load.profile import knee_passed, undecided, unreachable_objective

_CHECK_EVERY_S = 2.0

SoFar = Callable[[float], LoadEvidence]
"""(seconds since the start) → the evidence up to then."""


@dataclass(slots=True)
class StopPolicy:
    """The policy of one run. It calls `so_far` every 2 s only, as summing up takes the generator's time.

    An objective that is `waived`, (rule, endpoint), does not abort the run: the other objectives are still measured.
    """

    profile: LoadProfile
    so_far: SoFar
    waived: frozenset[tuple[str, str]] = frozenset()
    extended: bool = False
    aborted: LostObjective | None = None
    knee_passed: bool = False
    _checked_s: float = 0.0

    @property
    def ends_s(self) -> float:
        return self.profile.duration_s * (2 if self.extended else 1)

    def is_over(self, elapsed_s: float) -> bool:
        """Whether the run ends now; sets `extended`, `aborted` or `knee_passed`."""
        if elapsed_s >= self.ends_s:
            return not self._extends(elapsed_s)
        if elapsed_s - self._checked_s < _CHECK_EVERY_S:
            return False
        self._checked_s = elapsed_s
        return self._ends_early(elapsed_s)

    def _extends(self, elapsed_s: float) -> bool:
        profile = self.profile
        stepwise = profile.arrivals is not None and profile.arrivals.steps is not None
        if self.extended or stepwise or not profile.extend:
            return False
        self.extended = undecided(self.so_far(elapsed_s), profile)
        return self.extended

    def _ends_early(self, elapsed_s: float) -> bool:
        profile = self.profile
        if profile.arrivals is not None and profile.arrivals.steps is not None:
            self.knee_passed = knee_passed(self.so_far(elapsed_s), profile, elapsed_s)
            return self.knee_passed
        if profile.abort_after_s is not None and elapsed_s >= max(profile.abort_after_s, profile.warm_up_s):
            max_s = profile.duration_s * (2 if profile.extend else 1)
            self.aborted = unreachable_objective(self.so_far(elapsed_s), profile, max_s - elapsed_s, self.waived)
        return bool(self.aborted)
