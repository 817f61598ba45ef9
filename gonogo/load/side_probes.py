"""What is asked beside the load: the probe that no release changes, and the components' memory.

Neither is a part of the load: a few requests a second, bounded, and counted by themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import gevent
import requests
from prometheus_client.parser import text_string_to_metric_families

from gonogo.load.tally import LoadTally, lines_of
from gonogo.records.load_record import MemoryOfComponent, SecondOfEndpoint
from gonogo.secrets.masking import Masker

MEMORY_METRIC = "process_resident_memory_bytes"  # as all of Prometheus' client libraries call it
_PROBE_EVERY_S = 0.2
_MEMORY_EVERY_S = 1.0
_TIMEOUT_S = 5.0


class SideProbes:
    """Asks until `stop`. `metrics` are component → URL of its metrics, empty where no profile judges memory."""

    def __init__(self, probe: str | None, metrics: Mapping[str, str], masker: Masker) -> None:
        self._masker = masker
        self._start = time.monotonic()
        self._tally = LoadTally()
        self._memory: list[MemoryOfComponent] = []
        self._session = requests.Session()
        self._session.trust_env = False
        self._asking = [gevent.spawn(self._ask_memory, name, url) for name, url in metrics.items()]
        if probe:
            self._asking.append(gevent.spawn(self._over_and_over, _PROBE_EVERY_S, lambda: self._ask_probe(probe)))

    def stop(self) -> None:
        gevent.killall(self._asking)
        self._session.close()

    def drained(self) -> tuple[list[SecondOfEndpoint], list[MemoryOfComponent]]:
        """What came since the last time."""
        memory, self._memory = self._memory, []
        return lines_of(self._tally.drained()), memory

    def _over_and_over(self, every_s: float, ask: Callable[[], None]) -> None:
        due = time.monotonic()
        while True:
            ask()
            due = max(due + every_s, time.monotonic())
            gevent.sleep(due - time.monotonic())

    def _ask_probe(self, url: str) -> None:
        started = time.monotonic()
        try:
            cause = None if self._session.get(url, timeout=_TIMEOUT_S).ok else "no success"
        except requests.RequestException as error:
            cause = type(error).__name__
        self._tally.add(self._masker.url(url), (time.monotonic() - started) * 1000, started - self._start, cause)

    def _ask_memory(self, component: str, url: str) -> None:
        def ask() -> None:
            try:
                bytes_ = resident_bytes(self._session.get(url, timeout=_TIMEOUT_S).text)
            except (requests.RequestException, ValueError):
                return  # what does not tell is missed by the verdict
            if bytes_ is not None:
                self._memory.append(MemoryOfComponent(second=int(time.monotonic() - self._start), component=component,
                                                      rss_bytes=bytes_))
        self._over_and_over(_MEMORY_EVERY_S, ask)


def resident_bytes(exposition: str) -> int | None:
    """The resident memory that a Prometheus text tells; None where it does not. Raises ValueError where it is none."""
    found = [sample.value for family in text_string_to_metric_families(exposition) for sample in family.samples
             if sample.name == MEMORY_METRIC]
    return int(found[0]) if found else None
