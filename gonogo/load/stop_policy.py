"""How long a run goes on: to its planned end, once more for as long where that tells more, or not even so far.

Decides from what was counted so far; who counts, and who ends Locust, is `recorder`'s and `generator`'s business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import scipy.special  # noqa: F401  verdict imports it where it judges: the first look would stall what is sending

from gonogo.config import LoadProfile
from gonogo.model.load import LoadEvidence, LostObjective
from gonogo.verdict.load.profile import knee_passed, undecided, unreachable_objective

_LOOK_EVERY_S = 2.0

SoFar = Callable[[float], LoadEvidence]
"""(seconds since the start) → what was counted until then."""


@dataclass(slots=True)
class StopPolicy:
    """One run's. `so_far` is asked now and then, as counting up takes the generator's time.

    It is not given up for an objective that is `waived`, (rule, endpoint): what else it tells is still wanted.
    """

    profile: LoadProfile
    so_far: SoFar
    waived: frozenset[tuple[str, str]] = frozenset()
    extended: bool = False
    aborted: LostObjective | None = None
    knee_passed: bool = False
    _looked_s: float = 0.0

    @property
    def ends_s(self) -> float:
        return self.profile.duration_s * (2 if self.extended else 1)

    def is_over(self, elapsed_s: float) -> bool:
        """Whether the run ends now."""
        if elapsed_s >= self.ends_s:
            return not self._goes_on(elapsed_s)
        if elapsed_s - self._looked_s < _LOOK_EVERY_S:
            return False
        self._looked_s = elapsed_s
        return self._is_lost(elapsed_s)

    def _goes_on(self, elapsed_s: float) -> bool:
        profile = self.profile
        stepwise = profile.arrivals is not None and profile.arrivals.steps is not None
        if self.extended or stepwise or not profile.extend:
            return False
        self.extended = undecided(self.so_far(elapsed_s), profile)
        return self.extended

    def _is_lost(self, elapsed_s: float) -> bool:
        profile = self.profile
        if profile.arrivals is not None and profile.arrivals.steps is not None:
            self.knee_passed = knee_passed(self.so_far(elapsed_s), profile, elapsed_s)
            return self.knee_passed
        if profile.abort_after_s is not None and elapsed_s >= max(profile.abort_after_s, profile.warm_up_s):
            most_s = profile.duration_s * (2 if profile.extend else 1)
            self.aborted = unreachable_objective(self.so_far(elapsed_s), profile, most_s - elapsed_s, self.waived)
        return bool(self.aborted)
