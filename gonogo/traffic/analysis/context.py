"""The context for the analysis of exchanges, from the environment: parties, OpenAPI documents, ignored differences.

`join` uses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gonogo.config import Environment
from gonogo.traffic.contract import Contracts
from gonogo.traffic.contract.cache import DocumentCache
from gonogo.traffic.contract.documents import Documents, load_documents
from gonogo.traffic.http.endpoints import Endpoints, template
from gonogo.traffic.http.parties import Parties


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """Without an environment, all are empty, and hosts are the parties.

    `declared` are the `calls` of each service, `components` all services and third parties, `pages` the component whose
    code runs in the browser, `front` the one at the environment's url, `mail` the mail catcher, `probed_endpoints` the
    endpoints for health and version by component, `ignored` the differences to ignore, `problems` the documents that
    cannot be used.
    """

    parties: Parties = field(default_factory=Parties)
    endpoints: Endpoints = field(default_factory=Endpoints)
    contracts: Contracts = field(default_factory=lambda: Contracts.of({}))
    declared: Mapping[str, Sequence[str]] = field(default_factory=dict)
    components: frozenset[str] = frozenset()
    pages: str | None = None
    front: str | None = None
    mail: str | None = None
    probed_endpoints: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Environment, root: Path, cache: DocumentCache | None = None) -> AnalysisContext:
        """The context of `environment`. Loads the OpenAPI documents; those that cannot be used become `problems`."""
        return cls.with_documents(environment, load_documents(document_places(environment), root, cache))

    @classmethod
    def with_documents(cls, environment: Environment, documents: Documents) -> AnalysisContext:
        """The context of `environment` with documents that were read before."""
        services, third_parties = environment.services, environment.third_parties
        parties = Parties.of(environment)
        return cls(
            parties=parties, components=frozenset({*services, *third_parties}), front=parties.name_of(environment.url),
            endpoints=Endpoints(documents.by_component), contracts=_contracts(documents),
            declared={name: tuple(service.calls) for name, service in services.items() if service.calls},
            pages=next((name for name, service in services.items() if service.pages), None),
            mail=parties.name_of(environment.mail) if environment.mail else None,
            probed_endpoints=_probed_endpoints(environment), ignored=tuple(environment.wire.ignore),
            problems=documents.problems)


def document_places(environment: Environment) -> dict[str, str | None]:
    """Component → the file or URL of its OpenAPI document, None without one."""
    return {**{name: each.openapi for name, each in environment.services.items()},
            **{name: each.openapi for name, each in environment.third_parties.items()}}


def _contracts(documents: Documents) -> Contracts:
    return Contracts.of(documents.by_component, {name: error.what.rstrip(".") for name, error in
                                                 documents.errors.items()})


def _probed_endpoints(environment: Environment) -> dict[str, frozenset[str]]:
    urls = {name: [(service.url, service.health), (service.url, service.version)]
             for name, service in environment.services.items()}
    urls |= {name: [(party.url, party.health)] for name, party in environment.third_parties.items()}
    return {name: frozenset(template(urlsplit(url.rstrip("/") + path).path) for url, path in probed if path)
            for name, probed in urls.items()}
