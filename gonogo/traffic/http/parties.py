"""The components and third parties of an environment, by their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from gonogo.config.model import Environment

SYSTEM = "system"  # the party at the environment's own url, if no service has that address
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_ADDRESS = re.compile(r"https?://[\w.\-]+(?::\d+)?|https?://\[[0-9a-fA-F:]+\](?::\d+)?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class _Party:
    name: str
    host: str
    port: int
    path: str
    first: bool

    def has(self, host: str, port: int, path: str) -> bool:
        below = path == self.path or path.startswith(self.path + "/")
        return (host, port) == (self.host, self.port) and below


@dataclass(frozen=True, slots=True)
class Parties:
    """Components by their base urls, the longest path first."""

    parties: tuple[_Party, ...] = ()

    @classmethod
    def of(cls, environment: Environment) -> Parties:
        """The services and third parties of `environment`, its own url, and its mail catcher."""
        members = [(name, service.url, True) for name, service in environment.services.items()]
        members += [(name, party.url, False) for name, party in environment.third_parties.items()]
        taken = {(party.host, party.port, party.path) for party in _parties(members)}
        others = [(SYSTEM, environment.url, True)] + ([("mail", environment.mail, False)] if environment.mail else [])
        rest = [party for party in _parties(others) if (party.host, party.port, party.path) not in taken]
        own = _address(urlsplit(environment.url))
        # all other paths at the environment's own address belong to the system too
        rest += [_Party(SYSTEM, *own, "", True)] if own else []
        return cls(tuple(sorted([*_parties(members), *rest], key=lambda party: -len(party.path))))

    def name_of(self, url: str) -> str:
        """The component at `url`, or the url's host if no component is known there."""
        party = self._party(url)
        return party.name if party else _host(url)

    def is_first_party(self, url: str) -> bool:
        """Whether `url` belongs to the system itself, not to a third party or an unknown host."""
        party = self._party(url)
        return party is not None and party.first

    def by_name(self, text: str) -> str:
        """`text` with the addresses of parties replaced by their names, because addresses differ by environment."""
        return _ADDRESS.sub(lambda match: f"[{self.name_of(match.group())}]" if self._party(match.group())
                            else match.group(), text)

    def _party(self, url: str) -> _Party | None:
        parts = _split(url)
        address = _address(parts) if parts else None
        if parts is None or address is None:
            return None
        return next((party for party in self.parties if party.has(*address, parts.path or "/")), None)


def _parties(named_urls: Iterable[tuple[str, str, bool]]) -> list[_Party]:
    members = []
    for name, url, first in named_urls:
        parts = urlsplit(url)
        address = _address(parts)
        if address:
            members.append(_Party(name, *address, parts.path.rstrip("/"), first))
    return members


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _address(parts: SplitResult) -> tuple[str, int] | None:
    """Host and port; all names of the loopback interface are equal."""
    host = (parts.hostname or "").rstrip(".")
    try:
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not host or port is None:
        return None
    return ("localhost" if host in _LOOPBACK else host), port


def _host(url: str) -> str:
    parts = _split(url)
    return parts.netloc.rpartition("@")[2].lower() if parts else ""
