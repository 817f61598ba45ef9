"""Which requests a run may send: to which addresses, and with which methods.

Pure; `environment.request_guard` enforces it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Refusal(StrEnum):
    """Why a request may not be sent."""

    OTHER_ENVIRONMENT = "other-environment"  # the address is that of another environment of the file
    UNKNOWN_HOST = "unknown-host"  # neither the environment's, a third party's nor under `hosts`
    WRITES = "writes"  # the environment does not permit writes
    UNCHECKED = "unchecked"  # the browser was no longer guarded: anything may have been sent


@dataclass(frozen=True, slots=True)
class Address:
    """A host in lower case, without brackets, and a port."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Address:
        """The address of an http(s) or ws(s) URL. Raises ValueError if it has no host, or no valid port."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(url)
        return cls(parts.hostname.lower().rstrip("."), parts.port or _PORTS[parts.scheme])


def is_address(url: str) -> bool:
    """Whether `url` has a host and a valid port."""
    try:
        Address.of(url)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Reach:
    """`own` are the addresses of the environment and its third parties, `others` those of other environments.

    `hosts` are further ones: "fonts.example.com" and "*.example.org" on any port, "login.example.com:8443" on one.
    `read_only` are endpoints that only read ("POST /graphql"; * matches anything).
    """

    own: frozenset[Address]
    others: frozenset[Address] = frozenset()
    hosts: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    writes: bool = False

    @classmethod
    def between(cls, own_urls: Iterable[str], other_urls: Iterable[str], *, hosts: Iterable[str] = (),
                read_only: Iterable[str] = (), writes: bool = False) -> Reach:
        """What is in both is the environment's own: environments often share the test gateway of a third party."""
        own = frozenset(map(Address.of, own_urls))
        return cls(own, frozenset(map(Address.of, other_urls)) - own, tuple(host.lower() for host in hosts),
                   tuple(read_only), writes)

    def refuses(self, method: str, url: str) -> Refusal | None:
        """Why a request may not be sent; None if it may."""
        try:
            address = Address.of(url)
        except ValueError:
            return Refusal.UNKNOWN_HOST
        return self.refuses_address(address) or self._refuses_method(method.upper(), urlsplit(url).path or "/")

    def refuses_address(self, address: Address) -> Refusal | None:
        """Why no connection to `address` may be opened; None if it may."""
        if address in self.own:
            return None
        if address in self.others:
            return Refusal.OTHER_ENVIRONMENT
        return None if any(_matches(address, pattern) for pattern in self.hosts) else Refusal.UNKNOWN_HOST

    @property
    def host_patterns(self) -> frozenset[str]:
        """The hosts that may be reached on some port; "*.example.org" is every host below example.org."""
        return frozenset(address.host for address in self.own) | {pattern.partition(":")[0] for pattern in self.hosts}

    def refuses_name(self, host: str) -> Refusal | None:
        """Why the name may not be looked up: it is a host of no address that may be reached."""
        name = host.lower().rstrip(".")
        if any(_is_host(name, pattern) for pattern in self.host_patterns):
            return None
        return Refusal.OTHER_ENVIRONMENT if name in {each.host for each in self.others} else Refusal.UNKNOWN_HOST

    def _refuses_method(self, method: str, path: str) -> Refusal | None:
        reads = method in _READING or any(fnmatchcase(f"{method} {path}", pattern) for pattern in self.read_only)
        return None if self.writes or reads else Refusal.WRITES


def _matches(address: Address, pattern: str) -> bool:
    host, _, port = pattern.partition(":")
    return _is_host(address.host, host) and (not port or int(port) == address.port)


def _is_host(name: str, pattern: str) -> bool:
    """`*.example.org` is every host below example.org, and not example.org itself."""
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
