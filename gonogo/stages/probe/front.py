"""Which OpenAPI documents describe the front API, and below which path.

A document describes the paths of its own component, which a gateway may map to others in any way. So only documents
of components that are reached at the environment's own address are used: that of the component at `url`, and those of
services whose `url` has the same host and port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from gonogo.config import Environment
from gonogo.model.reach import Address
from gonogo.traffic.http.parties import Parties


@dataclass(frozen=True, slots=True)
class FrontDocument:
    """The place of a component's document; `path` is that of the component's url, without a slash at its end."""

    component: str
    place: str
    path: str


def front_documents(environment: Environment) -> list[FrontDocument]:
    """The documents of the front API, first that of the component at the environment's url."""
    front = Parties.of(environment).name_of(environment.url)
    found = [FrontDocument(name, service.openapi, urlsplit(service.url).path.rstrip("/"))
             for name, service in environment.services.items()
             if service.openapi and (name == front or Address.of(service.url) == Address.of(environment.url))]
    return sorted(found, key=lambda each: each.component != front)


def base_path(document: Mapping[str, object], front: FrontDocument) -> str:
    """The path of the document's first server, or that of the component's url if the server has none."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = str(first.get("url", "")) if isinstance(first, dict) else ""
    path = "" if "{" in url else urlsplit(url).path.rstrip("/")
    return path or front.path


def is_chosen(operation: str, only: list[str], excepted: list[str]) -> bool:
    """Whether an operation ("GET /api/flights/[id]") is to be probed; in patterns, * matches anything."""
    def named(patterns: list[str]) -> Iterator[bool]:
        return (fnmatchcase(operation, pattern.replace("[", "[[]")) for pattern in patterns)

    return (not only or any(named(only))) and not any(named(excepted))
