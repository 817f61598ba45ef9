"""Reads the versions of services again and again during a run: replicas can differ, and a deployment be undone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from gonogo.config.model import Service
from gonogo.environment.probes import version_over_http
from gonogo.model.run import Version
from gonogo.secrets.masking import Masker

PROBE = "http"  # of the services that are read: other probes can be expensive
_FIRST_S = 0.2  # a short run is read several times too
MAX_INTERVAL_S = 2.0
_MAX_WORKERS = 4
_MAX_VERSIONS = 20  # of a service: one that reports another version each time is reported anyway


@contextmanager
def sampled_versions(services: Mapping[str, Service], masker: Masker) -> Iterator[set[Version]]:
    """Add each version that a service reports during the block; answers without one do not count.

    Each request has a new connection, so that a load balancer can choose another replica. If the reading fails, its
    error is raised after the block: other versions may have answered since.
    """
    read = {name: service for name, service in services.items() if service.probe == PROBE and service.version}
    versions: set[Version] = set()
    if not read:
        yield versions
        return
    over = threading.Event()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="versions") as thread:  # each request is bounded
        sampling = thread.submit(_sample, read, versions, over, masker)
        try:
            yield versions
        finally:
            over.set()
    sampling.result()


def _sample(services: Mapping[str, Service], versions: set[Version], over: threading.Event, masker: Masker) -> None:
    interval_s = _FIRST_S
    with ThreadPoolExecutor(max_workers=min(len(services), _MAX_WORKERS)) as pool:
        while not over.wait(interval_s):
            interval_s = min(2 * interval_s, MAX_INTERVAL_S)
            for version in pool.map(version_over_http, services, services.values()):
                _add(_masked(version, masker), versions)


def _add(version: Version, versions: set[Version]) -> None:
    is_full = sum(each.component == version.component for each in versions) >= _MAX_VERSIONS
    if not is_full and (version.image or version.config):
        versions.add(version)


def _masked(version: Version, masker: Masker) -> Version:
    image, config = (masker.text(value) if value else value for value in (version.image, version.config))
    return Version(version.component, image, config)
