"""The W3C trace context of one attempt at a scenario: one trace, and a header for each request to the system.

Third parties never receive it: they might record it, or reject a request because of it. `network_context` and
`page_context` make a browser send it.
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


def header_of(trace_id: str, span_id: str) -> str:
    """The header's value; the trace is to be sampled."""
    return f"00-{trace_id}-{span_id}-{_SAMPLED}"


@dataclass(frozen=True, slots=True)
class FirstParty:
    """The URLs of the system: the origins of its services, except the URL prefixes of third parties."""

    origins: frozenset[str]
    third_parties: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Environment) -> FirstParty:
        own = [environment.url, *(service.url for service in environment.services.values())]
        third_parties = (party.url.rstrip("/") for party in environment.third_parties.values())
        return cls(frozenset(map(origin_of, own)), tuple(third_parties))

    def owns(self, url: str) -> bool:
        return origin_of(url) in self.origins and not self.is_third_party(url)

    def is_third_party(self, url: str) -> bool:
        """Whether `url` is a third party's, even if it is below an origin of the system."""
        return any(_below(url, prefix) for prefix in self.third_parties)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The trace of one attempt, with an id that the run issued; `span_id` is that of the attempt's span."""

    first_party: FirstParty
    trace_id: str
    span_id: str = field(default_factory=new_span_id)

    def header_for(self, url: str) -> str | None:
        """The header for one request to `url`, with a new span id; None for a third party."""
        return header_of(self.trace_id, new_span_id()) if self.first_party.owns(url) else None

    def created(self, header: str) -> bool:
        """Whether `header` belongs to this trace; any other was set by the client and must stay."""
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
