"""Measures beside the load: the probe of a URL that no release changes, and the memory of the components.

Neither is part of the load: a few requests a second, with a timeout, counted separately.
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

MEMORY_METRIC = "process_resident_memory_bytes"  # its name in all Prometheus client libraries
_PROBE_EVERY_S = 0.2
_MEMORY_EVERY_S = 1.0
_TIMEOUT_S = 5.0


class SideProbes:
    """Probes until `stop`. `metrics`: component → URL of its metrics; empty if the profile does not judge memory."""

    def __init__(self, probe: str | None, metrics: Mapping[str, str], masker: Masker) -> None:
        self._masker = masker
        self._start = time.monotonic()
        self._tally = LoadTally()
        self._memory: list[MemoryOfComponent] = []
        self._session = requests.Session()
        self._session.trust_env = False
        self._greenlets = [gevent.spawn(self._poll_memory, name, url) for name, url in metrics.items()]
        if probe:
            self._greenlets.append(gevent.spawn(self._repeat, _PROBE_EVERY_S, lambda: self._probe(probe)))

    def stop(self) -> None:
        gevent.killall(self._greenlets)
        self._session.close()

    def drained(self) -> tuple[list[SecondOfEndpoint], list[MemoryOfComponent]]:
        """The results since the last call."""
        memory, self._memory = self._memory, []
        return lines_of(self._tally.drained()), memory

    def _repeat(self, every_s: float, poll: Callable[[], None]) -> None:
        due = time.monotonic()
        while True:
            poll()
            due = max(due + every_s, time.monotonic())
            gevent.sleep(due - time.monotonic())

    def _probe(self, url: str) -> None:
        started = time.monotonic()
        try:
            cause = None if self._session.get(url, timeout=_TIMEOUT_S).ok else "no success"
        except requests.RequestException as error:
            cause = type(error).__name__
        self._tally.add(self._masker.url(url), (time.monotonic() - started) * 1000, started - self._start, cause)

    def _poll_memory(self, component: str, url: str) -> None:
        def poll() -> None:
            try:
                rss_bytes = resident_bytes(self._session.get(url, timeout=_TIMEOUT_S).text)
            except (requests.RequestException, ValueError):
                return  # the verdict reports missing readings
            if rss_bytes is not None:
                self._memory.append(MemoryOfComponent(second=int(time.monotonic() - self._start), component=component,
                                                      rss_bytes=rss_bytes))
        self._repeat(_MEMORY_EVERY_S, poll)


def resident_bytes(exposition: str) -> int | None:
    """The resident memory in a Prometheus text, in bytes; None if it is missing. Raises ValueError for another format.
    """
    readings = [sample.value for family in text_string_to_metric_families(exposition) for sample in family.samples
             if sample.name == MEMORY_METRIC]
    return int(readings[0]) if readings else None
