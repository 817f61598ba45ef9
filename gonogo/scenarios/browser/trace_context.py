"""The W3C trace context of one attempt at a scenario: one trace, and a header for each request to the system.

Third parties never get it: what they would do with it, or refuse because of it, is not ours to try. How a
browser is made to send it is `page_context`'s.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gonogo.config import Environment

HEADER = "traceparent"  # https://www.w3.org/TR/trace-context/
_SAMPLED = "01"


def new_span_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class FirstParty:
    """What belongs to the system: the origins of its own addresses, less the addresses of third parties."""

    origins: frozenset[str]
    theirs: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Environment) -> FirstParty:
        ours = [environment.url, *(service.url for service in environment.services.values())]
        theirs = (party.url.rstrip("/") for party in environment.third_parties.values())
        return cls(frozenset(map(origin_of, ours)), tuple(theirs))

    def owns(self, url: str) -> bool:
        return origin_of(url) in self.origins and not self.is_theirs(url)

    def is_theirs(self, url: str) -> bool:
        """Whether `url` is a third party's, though it may stand below an origin of ours."""
        return any(_below(url, prefix) for prefix in self.theirs)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The trace of one attempt: `span_id` is that of the attempt itself."""

    first_party: FirstParty
    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    span_id: str = field(default_factory=new_span_id)

    def header_for(self, url: str) -> str | None:
        """The header of one request to `url`, which gets a span id of its own; None where it must go without."""
        return f"00-{self.trace_id}-{new_span_id()}-{_SAMPLED}" if self.first_party.owns(url) else None

    def made(self, header: str) -> bool:
        """Whether `header` is of this trace: any other was set by whoever sends the request, and stays."""
        return header.startswith(f"00-{self.trace_id}-")


def origin_of(url: str) -> str:
    """Scheme, host and port of `url`, as a browser's `origin` writes it."""
    parts = urlsplit(url)
    port = parts.port if parts.port != {"http": 80, "https": 443}.get(parts.scheme) else None
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _below(url: str, prefix: str) -> bool:
    return url == prefix or url.startswith((f"{prefix}/", f"{prefix}?", f"{prefix}#"))
