"""Which calls the tap carries, as the command line tells: who calls, who is called, and by which addresses.

Carrying them is `proxy`'s business, starting it `command`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from gonogo.core.errors import UsageError

_EXAMPLE = "caller=web,callee=customers,listen=8350,to=http://127.0.0.1:8302"
_KEYS = ("caller", "callee", "listen", "to")
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Route:
    """What comes in at `host`:`port` comes from `caller`, and is handed to `callee` at the origin `to`.

    One listener for each pair: nothing else tells a callee's callers apart without their help.
    """

    caller: str
    callee: str
    host: str
    port: int
    to: str


def route_of(text: str) -> Route:
    """Read `caller=…,callee=…,listen=[HOST:]PORT,to=URL`; without a host it listens on loopback."""
    parts = dict(part.partition("=")[::2] for part in text.split(",") if part)
    unknown = [name for name in parts if name not in _KEYS]
    missing = [name for name in _KEYS if not parts.get(name)]
    if unknown or missing:
        raise _wrong(text, f"has no {missing[0]}" if missing else f"has an unknown part '{unknown[0]}'")
    host, _, port = parts["listen"].rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise _wrong(text, f"listens on '{parts['listen']}', which is no port")
    return Route(parts["caller"], parts["callee"], host.strip("[]") or _LOOPBACK, int(port), _origin(parts["to"], text))


def routes_of(texts: list[str]) -> tuple[Route, ...]:
    """All routes; no two may listen at the same place."""
    routes = tuple(route_of(text) for text in texts)
    taken: set[tuple[str, int]] = set()
    for route, text in zip(routes, texts, strict=True):
        if (route.host, route.port) in taken:
            raise _wrong(text, f"listens on {route.host}:{route.port}, as another one does")
        taken.add((route.host, route.port))
    return routes


def _origin(url: str, text: str) -> str:
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise _wrong(text, f"leads to '{url}', which is no origin")
    return f"{parts.scheme}://{parts.netloc}"


def _wrong(text: str, what: str) -> UsageError:
    return UsageError(f"A route {what}.", where=f"--route {text}", fix=f"write it as {_EXAMPLE}.")
