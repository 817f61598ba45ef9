"""The gate's own look at the environment: who answers, and which images and settings do they say they run?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import requests

from gonogo.config.model import Environment, Service, ThirdParty
from gonogo.model.run import Probe
from gonogo.secrets.masking import Masker

SYSTEM = "system"  # the name under which `url` itself is probed
_TIMEOUT_S = 5.0
_LONGEST_READ = 64 * 1024  # characters of what a sick component says: no secret in its beginning is cut in two
_LONGEST_DETAIL = 200


ServiceProbe = Callable[[str, Service], Probe]  # of a service by its name; registered under `gonogo.probes`


def probe_environment(environment: Environment, probes: Mapping[str, ServiceProbe],
                      masker: Masker) -> tuple[Probe, ...]:
    """Probe the system's url, each service with its own of `probes`, each test gateway's health; all at once.

    What they found is masked.
    """
    asks: list[Callable[[], Probe]] = [lambda: _probe_url(environment.url)]
    asks += [lambda name=name, service=service: probes[service.probe](name, service)  # type: ignore[misc]
             for name, service in environment.services.items()]
    asks += [lambda name=name, party=party: _probe_third_party(name, party)  # type: ignore[misc]
             for name, party in environment.third_parties.items()]
    with ThreadPoolExecutor(max_workers=len(asks)) as pool:
        return tuple(pool.map(lambda ask: _masked(ask(), masker), asks))


def _masked(probe: Probe, masker: Masker) -> Probe:
    detail = masker.body(probe.detail, "")[:_LONGEST_DETAIL].strip()
    image, config = (masker.text(value) if value else value for value in (probe.image, probe.config))
    return replace(probe, url=masker.url(probe.url), detail=detail, image=image, config=config)


def _probe_url(url: str) -> Probe:
    status, detail, _ = _ask(url)
    # Below 500 the system answers; whether it answers well is for the scenarios to say.
    healthy = 200 if status is not None and status < 500 else status
    return Probe(SYSTEM, url, healthy, detail, reports_version=False)


def probe_over_http(name: str, service: Service) -> Probe:
    """The service's health and version, each by a GET request: the probe named `http`."""
    url = service.url.rstrip("/")
    status, detail, _ = _ask(url + service.health, follow=False)
    if service.version is None:
        return Probe(name, url + service.health, status, detail, reports_version=False)
    _, _, document = _ask(url + service.version)
    return Probe(name, url + service.health, status, detail, image=_member(document, service.image_field),
                 config=_member(document, service.config_field))


def _probe_third_party(name: str, party: ThirdParty) -> Probe:
    url = party.url.rstrip("/") + party.health
    status, detail, _ = _ask(url)
    return Probe(name, url, status, detail, third_party=True, reports_version=False)


def _ask(url: str, *, follow: bool = True) -> tuple[int | None, str, object]:
    """HTTP status (None: no answer), a detail where it is not good, and the JSON document where there is one."""
    try:
        answer = requests.get(url, timeout=_TIMEOUT_S, allow_redirects=follow)
    except requests.RequestException as error:
        return None, type(error).__name__, None
    try:
        document = answer.json()
    except requests.JSONDecodeError:
        document = None
    return answer.status_code, "" if answer.ok else answer.text[:_LONGEST_READ].strip(), document


def _member(document: object, key: str | None) -> str | None:
    value = document.get(key) if key and isinstance(document, dict) else None
    return value if isinstance(value, str) else None
