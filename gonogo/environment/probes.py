"""Probes of the environment: the health of each component, and the image and configuration that it reports."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus

from gonogo.config.model import Environment, Service, ThirdParty
from gonogo.core.fetching import FetchError, fetch
from gonogo.model.run import Probe, Version
from gonogo.secrets.masking import Masker

SYSTEM = "system"  # the name of the probe of `url` itself
_TIMEOUT_S = 5.0
_MAX_BYTES = 1024 * 1024  # of an answer
_MAX_READ_CHARS = 64 * 1024  # of an error answer, before masking: a shorter cut could split a secret
_MAX_DETAIL_CHARS = 200


ServiceProbe = Callable[[str, Service], Probe]  # (name, service); registered under `gonogo.probes`


def probe_environment(environment: Environment, probes: Mapping[str, ServiceProbe],
                      masker: Masker) -> tuple[Probe, ...]:
    """Probe the system's url, each service with the probe that it names, and each third party's health, in parallel.

    The results are masked.
    """
    calls: list[Callable[[], Probe]] = [lambda: _probe_url(environment.url)]
    calls += [lambda name=name, service=service: probes[service.probe](name, service)  # type: ignore[misc]
             for name, service in environment.services.items()]
    calls += [lambda name=name, party=party: _probe_third_party(name, party)  # type: ignore[misc]
             for name, party in environment.third_parties.items()]
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return tuple(pool.map(lambda call: _masked(call(), masker), calls))


def _masked(probe: Probe, masker: Masker) -> Probe:
    detail = masker.body(probe.detail, "")[:_MAX_DETAIL_CHARS].strip()
    image, config = (masker.text(value) if value else value for value in (probe.image, probe.config))
    return replace(probe, url=masker.url(probe.url), detail=detail, image=image, config=config)


def _probe_url(url: str) -> Probe:
    status, detail, _ = _get(url)
    # Any status below 500 counts as healthy; the scenarios check the content.
    healthy = 200 if status is not None and status < 500 else status
    return Probe(SYSTEM, url, healthy, detail, reports_version=False)


def probe_over_http(name: str, service: Service) -> Probe:
    """The probe `http`: the service's health and version, each by a GET request."""
    url = service.url.rstrip("/")
    status, detail, _ = _get(url + service.health, follow_redirects=False)
    if service.version is None:
        return Probe(name, url + service.health, status, detail, reports_version=False)
    version = version_over_http(name, service)
    return Probe(name, url + service.health, status, detail, image=version.image, config=version.config)


def version_over_http(name: str, service: Service) -> Version:
    """What the service reports that it runs, by a GET request."""
    status, _, document = _get(service.url.rstrip("/") + (service.version or ""), follow_redirects=False)
    if status != HTTPStatus.OK:  # an error page or another address does not say what runs here
        document = None
    return Version(name, _member(document, service.image_field), _member(document, service.config_field))


def _probe_third_party(name: str, party: ThirdParty) -> Probe:
    url = party.url.rstrip("/") + party.health
    status, detail, _ = _get(url)
    return Probe(name, url, status, detail, third_party=True, reports_version=False)


def _get(url: str, *, follow_redirects: bool = True) -> tuple[int | None, str, object]:
    """HTTP status (None: no answer), the body or error of an answer that is not 2xx or 3xx, and the JSON document."""
    try:
        answer = fetch(url, timeout_s=_TIMEOUT_S, max_bytes=_MAX_BYTES, follow_redirects=follow_redirects)
    except FetchError as error:
        return None, str(error), None
    document = None
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(answer.body)
    detail = "" if answer.status < HTTPStatus.BAD_REQUEST else answer.text[:_MAX_READ_CHARS].strip()
    return answer.status, detail, document


def _member(document: object, key: str | None) -> str | None:
    value = document.get(key) if key and isinstance(document, dict) else None
    return value if isinstance(value, str) else None
