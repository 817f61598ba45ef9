"""Counts latencies and failures of one process between two flushes, by endpoint and second. Independent of Locust."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gonogo.model.histogram import Histogram
from gonogo.records.load_record import SecondOfEndpoint


@dataclass(slots=True)
class Count:
    """Requests to one endpoint that were due in one second."""

    latencies: Histogram = field(default_factory=Histogram)
    failures: Counter[str] = field(default_factory=Counter)
    untimed: int = 0

    def line(self, second: int, endpoint: str) -> SecondOfEndpoint:
        timed = self.latencies.count
        return SecondOfEndpoint(second=second, endpoint=endpoint, requests=timed + self.untimed, untimed=self.untimed,
                                histogram=self.latencies.encoded() if timed else "", failures=dict(self.failures))


Counts = Mapping[tuple[int, str], Count]
"""By second and endpoint."""


class LoadTally:
    """Counts each answer as it arrives; `drained` returns the counts since its last call."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str], Count] = {}

    def add(self, endpoint: str, latency_ms: float, due_s: float, cause: str | None = None) -> None:
        """Count a request that was due `due_s` seconds after the start; `cause` is that of a failure."""
        count = self._count(max(0, int(due_s)), endpoint)
        if not count.latencies.record(latency_ms):
            count.untimed += 1
        if cause is not None:
            count.failures[cause] += 1

    def merge(self, lines: Iterable[SecondOfEndpoint]) -> None:
        """Add the counts of another process. Raises ValueError for an invalid histogram."""
        for line in lines:
            count = self._count(line.second, line.endpoint)
            if line.histogram:
                count.latencies.add(Histogram.decoded(line.histogram))
            count.untimed += line.untimed
            count.failures.update(line.failures)

    def drained(self) -> Counts:
        """Return the counts and empty the tally."""
        counts, self._counts = self._counts, {}
        return counts

    def _count(self, second: int, endpoint: str) -> Count:
        key = (second, endpoint)
        if key not in self._counts:
            self._counts[key] = Count()
        return self._counts[key]


def lines_of(counts: Counts) -> list[SecondOfEndpoint]:
    return [count.line(second, endpoint) for (second, endpoint), count in counts.items()]
