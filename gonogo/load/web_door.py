"""Keeps Locust's doors shut to others: web UI and master listen on loopback, and a foreign page cannot start load.

The web UI has no password, and a browser sends it the requests of any page that its user visits.
"""

from __future__ import annotations

import ipaddress
import socket
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
_EVERY_INTERFACE = ("", "*", "0.0.0.0", "::")  # noqa: S104  the names, to treat them apart
_FOREIGN = ("cross-site", "same-site")

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def listen_on_loopback(parser: ArgumentParser) -> None:
    """Let web UI and master listen on loopback, unless the user names another address."""
    parser.set_defaults(web_host=LOOPBACK, master_bind_host=LOOPBACK)


def refuse_foreign_pages(application: Application, web_host: str, shown_host: str | None) -> Application:
    """`application` for requests of its own pages alone; `web_host` is what the web UI listens on.

    `shown_host` is what users call it, if it listens on every interface.
    """
    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        why = why_refused(environ, web_host, shown_host)
        if not why:
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{why}\n".encode()]

    return checked


def why_refused(environ: Mapping[str, Any], web_host: str, shown_host: str | None = None) -> str:
    """Why a request of this WSGI environment is refused; "" if it is not."""
    host = str(environ.get("HTTP_HOST", "")).lower()
    if not _is_own(_name_of(host), web_host, shown_host):
        return ("This host name is not that of the web UI: name it by --web-host, "
                "or by --web-host-display-name if the web UI listens on every interface.")
    origin = environ.get("HTTP_ORIGIN")
    page = environ.get("HTTP_REFERER") if origin is None else origin
    is_foreign = page is not None and urlsplit(page).netloc.lower() != host
    if origin is None and _opens_index(environ):
        return ""  # a link to the web UI changes nothing
    is_foreign = is_foreign or (origin is None and environ.get("HTTP_SEC_FETCH_SITE") in _FOREIGN)
    return "A page of another site sent this request." if is_foreign else ""


def _is_own(name: str, web_host: str, shown_host: str | None) -> bool:
    if name == "localhost" or _is_address(name, loopback=True):
        return True
    if web_host not in _EVERY_INTERFACE:
        return name == web_host.lower()
    # A foreign page can have its own name lead here, but not an address.
    own = {socket.gethostname().lower(), _name_of((shown_host or "").rpartition("://")[2].partition("/")[0].lower())}
    return _is_address(name) or (bool(name) and name in own)


def _is_address(name: str, *, loopback: bool = False) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not loopback


def _name_of(host: str) -> str:
    """The host without its port and brackets."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _opens_index(environ: Mapping[str, Any]) -> bool:
    return environ.get("REQUEST_METHOD") in ("GET", "HEAD") and environ.get("PATH_INFO", "") in ("", "/")
