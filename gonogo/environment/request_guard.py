"""Refuses what `Reach` does not permit before it is sent, for every client of this process that Python can see.

Connections and name lookups are seen of every client that uses Python's sockets, methods of every client on
http.client (requests, urllib3, urllib). Clients in C and child processes are not seen. The browser has its own guard.
"""

from __future__ import annotations

import ipaddress
import sys
import threading
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import psutil

from gonogo.core.numbers import whole_number
from gonogo.model.reach import Address, Reach, Refusal

_MAX_REFUSED = 100  # remembered; a client may try again for ever
_MAX_LINE = 1024 * 1024  # bytes of a request line
_CONNECT = "CONNECT"
_NETWORK = ("http:", "https:", "ws:", "wss:")  # others, such as data: and blob:, send nothing


class RequestRefused(PermissionError):
    """The environment does not permit the request; it was not sent. An OSError, as a client expects of a connection."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that was not sent: "POST http://shop/orders", or a connection: "connection to evil.example:443"."""

    what: str
    why: Refusal

    def __str__(self) -> str:
        return f"{self.what} ({self.why})"


@dataclass(slots=True)
class RequestGuard:
    """The permission of this process. `reach` None permits everything, as in the gate itself."""

    reach: Reach | None = None
    _tools: set[Address] = field(default_factory=set)
    _named_ports: set[int] = field(default_factory=set)
    _refused: list[Refused] = field(default_factory=list)
    _asked: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """A scenario begins, which has asked for nothing."""
        self._asked = False

    @property
    def has_asked(self) -> bool:
        """Whether anything was sent, or could have been unseen: by a child process, or over an open connection."""
        return self._asked or _has_connection_besides(self._tools)

    def note_process(self) -> None:
        """A child process was started, which can send requests."""
        self._asked = True

    def permit(self, address: Address) -> None:
        """Permit an address of the gate's own tools, such as a browser's debugging port."""
        self._tools.add(address)

    def taken(self) -> tuple[Refused, ...]:
        """The refused requests since the last call."""
        with self._lock:
            refused, self._refused = tuple(self._refused), []
        return refused

    def refuse(self, what: str, why: Refusal) -> None:
        """Remember a refused request, also one of the browser."""
        with self._lock:
            if len(self._refused) < _MAX_REFUSED:
                self._refused.append(Refused(what, why))

    def on_lookup(self, host: str, port: int) -> None:
        """A name lookup, of which the port is 0 if it is not known yet."""
        reach = self.reach
        if Address(host, port) in self._tools:
            return
        self._asked = True
        if reach is None:
            return
        why = reach.refuses_address(Address(host, port)) if port else reach.refuses_name(host)
        if why:
            self._raise(f"connection to {host}" + (f":{port}" if port else ""), why)
        if not _is_literal(host):
            self._named_ports.add(port)

    def on_connect(self, host: str, port: int) -> None:
        """A connection to the number of a host: of one that is permitted, or that a permitted name has led to."""
        address = Address(host, port)
        if address in self._tools:
            return
        self._asked = True
        if self.reach is None or self._named_ports & {0, port}:
            return
        why = self.reach.refuses_address(address)
        if why:
            self._raise(f"connection to {host}:{port}", why)

    def on_request(self, method: str, url: str) -> None:
        """A request of a client of this process. Raises RequestRefused if it is not permitted."""
        if self.refuses(method, url):
            raise RequestRefused(f"not permitted in this environment: {method} {url.partition('?')[0]}")

    def refuses(self, method: str, url: str) -> bool:
        """Whether a request, also of a browser, is not permitted; such a request is remembered."""
        if not url.startswith(_NETWORK):
            return False
        self._asked = True
        why = self.reach.refuses(method, url) if self.reach else None
        if why:
            self.refuse(f"{method} {url.partition('?')[0]}", why)
        return why is not None

    def _raise(self, what: str, why: Refusal) -> None:
        self.refuse(what, why)
        raise RequestRefused(f"not permitted in this environment ({why}): {what}")


GUARD = RequestGuard()  # audit hooks belong to the process, and cannot be removed


def install(reach: Reach) -> RequestGuard:
    """Let `reach` hold in this process from now on."""
    if GUARD.reach is None:
        sys.addaudithook(_on_event)
    GUARD.reach = reach
    return GUARD


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    handler = _HANDLERS.get(event)
    if handler is not None:
        handler(arguments)


def _on_lookup(arguments: tuple[Any, ...]) -> None:
    host, port = arguments[:2]
    if host is not None:
        number = port if isinstance(port, int) else whole_number(str(port), minimum=0) or 0
        GUARD.on_lookup(_text(host), number)


def _on_connect(arguments: tuple[Any, ...]) -> None:
    address = arguments[1]
    if isinstance(address, tuple) and len(address) >= 2 and isinstance(address[1], int):  # not a Unix socket
        GUARD.on_connect(_text(address[0]), address[1])


def _on_send(arguments: tuple[Any, ...]) -> None:
    """`http.client.send`: the head of a request, or a part of its body."""
    connection, data = arguments
    if not isinstance(data, bytes | bytearray):
        return
    line, _, _ = bytes(data[:_MAX_LINE]).partition(b"\r\n")
    method, _, rest = line.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if not version.startswith(b"HTTP/1.") or not method.replace(b"-", b"").isalpha():
        return
    name, path = method.decode("ascii"), target.decode("latin-1")
    if name == _CONNECT:  # to a proxy: the host behind it is what counts
        host, _, port = path.rpartition(":")
        GUARD.on_lookup(host.strip("[]"), whole_number(port, minimum=0) or 0)
        return
    scheme = "https" if connection.default_port == 443 else "http"
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    GUARD.on_request(name, path if "://" in path.partition("?")[0] else f"{scheme}://{host}:{connection.port}{path}")


_HANDLERS: Mapping[str, Callable[[tuple[Any, ...]], None]] = {
    "socket.getaddrinfo": _on_lookup, "socket.gethostbyname": lambda arguments: _on_lookup((arguments[0], 0)),
    "socket.connect": _on_connect, "socket.sendto": _on_connect, "http.client.send": _on_send,
    **dict.fromkeys(("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system"),
                    lambda arguments: GUARD.note_process())}


def _has_connection_besides(tools: Set[Address]) -> bool:
    """Whether this process has a connection: clients that are not on http.client can reuse it unseen."""
    try:
        connections = psutil.Process().net_connections("inet")
    except psutil.Error:
        return False
    return any(each.raddr and Address(each.raddr.ip, each.raddr.port) not in tools for each in connections
               if each.status == psutil.CONN_ESTABLISHED)


def _text(host: object) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    return text.lower().rstrip(".").partition("%")[0]


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
