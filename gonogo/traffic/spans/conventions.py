"""Reads OpenTelemetry's semantic conventions, old and new, into a Span.

`otlp` and `jaeger` decode the spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from gonogo.model.span import Kind, Span

UNKNOWN_COMPONENT = "unknown"
MAX_TEXT = 500  # characters of a name, an error text and a kept attribute
MAX_URL = 2048  # characters
MAX_KEPT_ATTRIBUTES = 16

# Attributes that are kept in addition to the fields of a Span. All others may be large or secret.
_KEPT = frozenset({"error.type", "http.request.resend_count", "http.resend_count", "service.version"})
_KEPT_PREFIX = "gonogo."
MAX_UNREAD_ATTRIBUTES = 16
_MIN_UNREAD = 6  # characters: no secret is shorter
# What fields of a Span are read from, or what no secret is in: it would only take memory.
_READ = frozenset({
    "url.full", "http.url", "http.target", "url.path", "url.query", "url.scheme", "http.scheme", "http.route",
    "http.host", "http.server_name", "http.method", "http.request.method", "http.status_code", "http.flavor",
    "http.response.status_code", "http.user_agent", "user_agent.original", "peer.service",
    "service.peer.name", "rpc.service", "rpc.method", "rpc.system", "db.system", "db.operation", "messaging.system"})
_PLAIN = ("net.", "network.", "server.", "client.", "thread.", "code.", "telemetry.", "otel.", "process.")
_GRPC_OK = "0"


def span_from(*, trace_id: str, span_id: str, parent_id: str, component: str, name: str, kind: Kind, started_s: float,
              duration_ms: float, error: bool, error_text: str, attributes: Mapping[str, str],
              links: Iterable[str] = ()) -> Span:
    """The span, with its fields read from its attributes and cut; `error` is whether the producer set an error status.
    """
    system = _system(attributes)
    status = _status(attributes)
    peer = _first(attributes, "peer.service", "service.peer.name")
    return Span(
        trace_id=trace_id, span_id=span_id, parent_id=parent_id, component=component[:MAX_TEXT] or UNKNOWN_COMPONENT,
        name=name[:MAX_TEXT], kind=kind, started_s=started_s, duration_ms=duration_ms,
        failed=error or status >= 500 or _first(attributes, "rpc.grpc.status_code") not in ("", _GRPC_OK),
        status=status, method=_method(attributes)[:MAX_TEXT], url=_url(attributes, system)[:MAX_URL],
        route=_first(attributes, "http.route")[:MAX_TEXT], peer=peer[:MAX_TEXT], system=system[:MAX_TEXT],
        operation=_operation(attributes, system)[:MAX_TEXT], error_text=error_text[:MAX_TEXT],
        attributes=dict(islice(_kept(attributes), MAX_KEPT_ATTRIBUTES)), links=tuple(links),
        unread=dict(islice(_unread(attributes, system), MAX_UNREAD_ATTRIBUTES)))


def _kept(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((key[:MAX_TEXT], value[:MAX_TEXT]) for key, value in attributes.items()
            if key in _KEPT or key.startswith(_KEPT_PREFIX))


def _unread(attributes: Mapping[str, str], system: str) -> Iterator[tuple[str, str]]:
    """The attributes that are not kept and may contain a secret; of a span without a method its URL is not read."""
    return ((key[:MAX_TEXT], value[:MAX_TEXT]) for key, value in attributes.items()
            if len(value) >= _MIN_UNREAD and not key.startswith((*_PLAIN, _KEPT_PREFIX)) and key not in _KEPT
            and not (key in _READ and system == "http"))


def _first(attributes: Mapping[str, str], *names: str) -> str:
    """The value of the first of these attributes that is not empty; new names come before old ones."""
    return next((attributes[name] for name in names if attributes.get(name)), "")


def _method(attributes: Mapping[str, str]) -> str:
    method = _first(attributes, "http.request.method", "http.method").upper()
    return _first(attributes, "http.request.method_original").upper() or method if method == "_OTHER" else method


def _status(attributes: Mapping[str, str]) -> int:
    text = _first(attributes, "http.response.status_code", "http.status_code")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 3 else 0


def _system(attributes: Mapping[str, str]) -> str:
    if _method(attributes):
        return "http"
    return _first(attributes, "rpc.system.name", "rpc.system", "messaging.system", "db.system.name",
                  "db.system").lower()


def _operation(attributes: Mapping[str, str], system: str) -> str:
    """The operation of a call that is not HTTP: a remote method, a queue, a table; "" if unknown."""
    if system in ("", "http"):
        return ""
    if _first(attributes, "messaging.system"):
        return _first(attributes, "messaging.destination.template", "messaging.destination.name",
                      "messaging.destination")
    service, method = _first(attributes, "rpc.service"), _first(attributes, "rpc.method")
    if method:
        return f"{service}/{method}" if service and "/" not in method else method
    verb = _first(attributes, "db.operation.name", "db.operation")
    table = _first(attributes, "db.collection.name", "db.sql.table", "db.mongodb.collection")
    return " ".join(part for part in (verb, table) if part)


def _url(attributes: Mapping[str, str], system: str) -> str:
    whole = _first(attributes, "url.full", "http.url")
    if whole or not system:
        return whole
    host = _host(attributes)
    if system != "http":
        return f"{system}://{host}" if host else ""
    target = _first(attributes, "http.target")
    if not target:
        query = _first(attributes, "url.query")
        target = _first(attributes, "url.path") + (f"?{query}" if query else "")
    scheme = _first(attributes, "url.scheme", "http.scheme") or "http"
    return f"{scheme}://{host}{target}" if host else target


def _host(attributes: Mapping[str, str]) -> str:
    """`host:port` of the callee, or `host` if the port is unknown."""
    whole = _first(attributes, "http.host")
    if whole:
        return whole
    for name, port in (("server.address", "server.port"), ("net.peer.name", "net.peer.port"),
                       ("http.server_name", "net.host.port"), ("net.host.name", "net.host.port"),
                       ("network.peer.address", "network.peer.port"), ("net.sock.peer.addr", "net.sock.peer.port"),
                       ("net.peer.ip", "net.peer.port")):
        if host := attributes.get(name):
            host = f"[{host}]" if ":" in host and not host.startswith("[") and host.count(":") > 1 else host
            number = attributes.get(port, "")
            return f"{host}:{number}" if number and not host.endswith(f":{number}") else host
    return ""
