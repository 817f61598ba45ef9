"""What the environment gives to read exchanges with: whose address is whose, documents, what may change freely.

What the exchanges say, read with these, is `join`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gonogo.config import Environment
from gonogo.traffic.contract import Contracts
from gonogo.traffic.contract.documents import load_documents
from gonogo.traffic.http.endpoints import Endpoints, template
from gonogo.traffic.http.parties import Parties


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """`declared` are the services' own words on whom they call, `components` all that the environment names, `pages`
    the one whose code runs in the browser, `front` the one that browsers ask, `operated` the endpoints that it asks
    itself (health, version) by component, `ignored` what may change freely, `problems` what of all this cannot be
    used. Without an environment there is none of it: hosts are the parties.
    """

    parties: Parties = field(default_factory=Parties)
    endpoints: Endpoints = field(default_factory=Endpoints)
    contracts: Contracts = field(default_factory=lambda: Contracts.of({}))
    declared: Mapping[str, Sequence[str]] = field(default_factory=dict)
    components: frozenset[str] = frozenset()
    pages: str | None = None
    front: str | None = None
    operated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Environment, root: Path) -> AnalysisContext:
        """What `environment` says about its components, their documents read; one that cannot be used is told."""
        services, third_parties = environment.services, environment.third_parties
        documents = load_documents({**{name: each.openapi for name, each in services.items()},
                                    **{name: each.openapi for name, each in third_parties.items()}}, root)
        parties = Parties.of(environment)
        return cls(
            parties=parties, components=frozenset({*services, *third_parties}), front=parties.name_of(environment.url),
            endpoints=Endpoints(documents.found), contracts=Contracts.of(documents.found),
            declared={name: tuple(service.calls) for name, service in services.items() if service.calls},
            pages=next((name for name, service in services.items() if service.pages), None),
            operated=_operated(environment), ignored=tuple(environment.wire.ignore),
            problems=tuple(map(_in_one_line, documents.problems)))


def _operated(environment: Environment) -> dict[str, frozenset[str]]:
    found = {name: [(service.url, service.health), (service.url, service.version)]
             for name, service in environment.services.items()}
    found |= {name: [(party.url, party.health)] for name, party in environment.third_parties.items()}
    return {name: frozenset(template(urlsplit(url.rstrip("/") + path).path) for url, path in asked if path)
            for name, asked in found.items()}


def _in_one_line(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines())
