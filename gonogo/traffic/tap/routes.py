"""The routes of the tap, read from the command line: caller, callee and their addresses.

`proxy` forwards the calls; `command` starts the proxy.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from gonogo.core.errors import UsageError
from gonogo.core.numbers import whole_number

_EXAMPLE = "caller=web,callee=customers,listen=8350,to=http://127.0.0.1:8302"
_KEYS = ("caller", "callee", "listen", "to")
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Route:
    """Calls from `caller` arrive at `host`:`port`, and are forwarded to `callee` at the origin `to`.

    Each pair has its own listener, because requests do not identify their caller.
    """

    caller: str
    callee: str
    host: str
    port: int
    to: str


def route_of(text: str) -> Route:
    """Read `caller=…,callee=…,listen=[HOST:]PORT,to=URL`; the default host is loopback. Raises UsageError."""
    parts = dict(part.partition("=")[::2] for part in text.split(",") if part)
    unknown = [name for name in parts if name not in _KEYS]
    missing = [name for name in _KEYS if not parts.get(name)]
    if unknown or missing:
        raise _wrong(text, f"has no '{missing[0]}'" if missing else f"has an unknown key '{unknown[0]}'")
    host, _, port = parts["listen"].rpartition(":")
    number = whole_number(port, minimum=1)
    if number is None or number >= 65536:
        raise _wrong(text, f"needs a port from 1 to 65535 as 'listen', got '{parts['listen']}'")
    return Route(parts["caller"], parts["callee"], host.strip("[]") or _LOOPBACK, number, _origin(parts["to"], text))


def routes_of(texts: list[str]) -> tuple[Route, ...]:
    """All routes. Raises UsageError, also if two listen on the same address."""
    routes = tuple(route_of(text) for text in texts)
    taken: set[tuple[str, int]] = set()
    for route, text in zip(routes, texts, strict=True):
        if (route.host, route.port) in taken:
            raise _wrong(text, f"listens on {route.host}:{route.port}, as another route does")
        taken.add((route.host, route.port))
    return routes


def _origin(url: str, text: str) -> str:
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise _wrong(text, f"needs an origin without a path as 'to', got '{url}'")
    return f"{parts.scheme}://{parts.netloc}"


def _wrong(text: str, what: str) -> UsageError:
    return UsageError(f"A route {what}.", where=f"--route {text}", fix=f"write it as {_EXAMPLE}.")
