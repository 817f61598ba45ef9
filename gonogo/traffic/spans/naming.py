"""Names for a call that spans tell of: who was asked, and for what, the same words for every call of a kind.

How paths without a route become templates, and which component a URL belongs to, is told by the caller.
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
# <int:id> {id} {id:\d+} :id :id? [id] (?P<id>…); with * or `path` in it, it stands for more than one segment
_VARIABLE_SEGMENT = re.compile(r"<[^>]+>|\{[^}]+\}|:[A-Za-z_]\w*(\([^)]*\))?\??|\[[^\]]+\]|\(\?P<[^)]*\)")
_ANYTHING = re.compile(r"\*|<path:|\{[^}]*(:path|:\.\*)|\[\.\.\.|^/?$")


@dataclass(frozen=True, slots=True)
class Names:
    """`name_of_url` gives a URL's component, or its host; `template` an endpoint for a component's path."""

    name_of_url: Callable[[str], str]
    template: Callable[[str, str], str]

    def callee(self, client: Span) -> str:
        """Whom a call asked that nobody answered with a span of its own."""
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
        """The callee's own route where it tells one, else its path as a template; an operation where it is not HTTP."""
        tellers = [span for span in (server, client) if span is not None]
        if not any(span.method for span in tellers):
            return next((span.operation for span in tellers if span.operation), tellers[0].name)[:_MAX_LENGTH]
        own_path = _path(server.url) if server is not None else ""
        route = _template_of(server.route) if server is not None else ""
        if route and (not own_path or route.count("/") == ("/" + own_path.strip("/")).count("/")):
            return route[:_MAX_LENGTH]
        path = own_path or (_path(client.url) if client is not None else "")
        return self.template(callee, path or "/")[:_MAX_LENGTH]


def _template_of(route: str) -> str:
    """A framework's route as a template; "" where it stands for more than one endpoint."""
    route = route.rpartition(" ")[2]  # Go's begin with the method
    if _ANYTHING.search(route):
        return ""
    parts = [_VARIABLE_SEGMENT.sub(VARIABLE, part) for part in route.strip("^$/").split("/")]
    return "/" + "/".join(parts) if any(part != VARIABLE for part in parts) else ""


def _path(url: str) -> str:
    return urlsplit(url).path
