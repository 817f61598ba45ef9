"""The callee, method and endpoint of a call that spans describe, equal for all calls of a kind.

The caller provides the templates of paths without a route, and the component of a URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from gonogo.model.span import Span

VARIABLE = "[id]"
UNKNOWN = "unknown"
_MAX_LENGTH = 200
# <int:id> {id} {id:\d+} :id :id? [id] (?P<id>…); with `*` or `path`, it matches more than one segment
_VARIABLE_SEGMENT = re.compile(r"<[^>]+>|\{[^}]+\}|:[A-Za-z_]\w*(\([^)]*\))?\??|\[[^\]]+\]|\(\?P<[^)]*\)")
_ANYTHING = re.compile(r"\*|<path:|\{[^}]*(:path|:\.\*)|\[\.\.\.|^/?$")


@dataclass(frozen=True, slots=True)
class Names:
    """`name_of_url` returns the component of a URL, or its host; `template` the endpoint of a component's path."""

    name_of_url: Callable[[str], str]
    template: Callable[[str, str], str]

    def callee(self, client: Span) -> str:
        """The callee of a client's span without a server's span."""
        if client.peer:
            return client.peer
        return (self.name_of_url(client.url) if client.url else "") or client.system or UNKNOWN

    def method(self, client: Span | None, server: Span | None) -> str:
        """The HTTP method, or the protocol in capitals."""
        for span in (client, server):
            if span is not None and (span.method or span.system):
                return span.method or span.system.upper()
        return "CALL"

    def endpoint(self, callee: str, client: Span | None, server: Span | None) -> str:
        """The callee's route if its span has one, else its path as a template; the operation if it is not HTTP."""
        spans = [span for span in (server, client) if span is not None]
        if not any(span.method for span in spans):
            return next((span.operation for span in spans if span.operation), spans[0].name)[:_MAX_LENGTH]
        own_path = _path(server.url) if server is not None else ""
        route = _template_of(server.route) if server is not None else ""
        if route and (not own_path or route.count("/") == ("/" + own_path.strip("/")).count("/")):
            return route[:_MAX_LENGTH]
        path = own_path or (_path(client.url) if client is not None else "")
        return self.template(callee, path or "/")[:_MAX_LENGTH]


def _template_of(route: str) -> str:
    """A framework's route as a template; "" if it matches more than one endpoint."""
    route = route.rpartition(" ")[2]  # Go's routes begin with the method
    if _ANYTHING.search(route):
        return ""
    parts = [_VARIABLE_SEGMENT.sub(VARIABLE, part) for part in route.strip("^$/").split("/")]
    return "/" + "/".join(parts) if any(part != VARIABLE for part in parts) else ""


def _path(url: str) -> str:
    return urlsplit(url).path
