"""Which addresses are a site's own: those of one origin, and its https twin."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urldefrag, urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Site:
    """A scheme, host and port. One on http and its usual port may send its visitors on to https of the same host."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Site:
        """The site of an http(s) address. Raises ValueError where it is none, has no host, or no valid port."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(url)
        return cls(parts.scheme, parts.hostname.lower(), _port(parts))

    def holds(self, url: str) -> bool:
        """Whether `url` is one of its addresses; none with a user in it is."""
        try:
            other = Site.of(url)
        except ValueError:
            return False
        if urlsplit(url).username is not None:
            return False
        upgraded = self.port == _PORTS["http"] and (other.scheme, other.port) == ("https", _PORTS["https"])
        return self.host == other.host and (self == other or (self.scheme == "http" and upgraded))


def is_site_address(url: str) -> bool:
    """Whether `url` is of a site at all, and has no user in it."""
    try:
        return Site.of(url).holds(url)
    except ValueError:
        return False


def page_address(url: str) -> str:
    """`url` without its fragment, and with a path: two links to one page are equal."""
    address = urldefrag(url).url
    parts = urlsplit(address)
    return address if parts.path else parts._replace(path="/").geturl()


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]
