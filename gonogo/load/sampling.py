"""Counts the requests of one process from Locust's events: when each was due, how long it took, why it failed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from gonogo.load.failure_causes import cause_of
from gonogo.load.tally import LoadTally
from gonogo.secrets.masking import Masker

_MAX_NAMES = 10_000


class Sampling:
    """Counts requests by the second since `begin`."""

    def __init__(self, masker: Masker) -> None:
        self.tally = LoadTally()
        self.user_errors: Counter[str] = Counter()
        self.masker = masker  # a worker replaces it when the master sends the key
        self._names: dict[str, str] = {}
        self._began = time.time()

    def begin(self) -> None:
        self._began = time.time()

    def on_request(self, name: str, response_time: float | None, start_time: float | None = None,
                   exception: BaseException | None = None, context: Mapping[str, object] | None = None,
                   **_: object) -> None:
        """Count a request; in an open loop, its latency starts when it was due, not when it was sent."""
        late = (context or {}).get("late_ms", 0.0)
        late_ms = late if isinstance(late, float) else 0.0
        due_s = (time.time() if start_time is None else start_time) - late_ms / 1000 - self._began
        self.tally.add(self._masked_name(name), (response_time or 0.0) + late_ms, due_s,
                       cause_of(exception, self.masker) if exception else None)

    def _masked_name(self, name: str) -> str:
        """The masked name, cached: an endpoint's name may contain a query; names are few, requests many."""
        if name not in self._names and len(self._names) < _MAX_NAMES:
            self._names[name] = self.masker.text(name)
        return self._names.get(name) or self.masker.text(name)

    def add_errors(self, errors: Mapping[str, int]) -> None:
        """Count errors of the suite outside of its personas' code."""
        for error, times in errors.items():
            self.user_errors[self.masker.text(error)] += times

    def on_user_error(self, user_instance: object, exception: BaseException, **_: object) -> None:
        self.user_errors[_error_of(user_instance, exception, self.masker)] += 1


def _error_of(user: object, exception: BaseException, masker: Masker) -> str:
    """An exception of a persona's code in one line; Locust gives the user, or the task set that belongs to it."""
    persona = type(getattr(user, "user", user)).__name__
    return f"{persona}: {type(exception).__name__}: {cause_of(exception, masker)}"
