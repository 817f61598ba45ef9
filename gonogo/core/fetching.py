"""A GET request whose answer is limited as a whole: in time, whatever trickles in, and in bytes, once decompressed."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from gonogo.core.bounded import CallFailed, CallTimedOut, call_bounded

_MARGIN_S = 1.0
_CHUNK = 16 * 1024  # a compressed chunk grows at most a thousandfold


class FetchError(Exception):
    """There is no complete answer; the text is a short cause ("ConnectTimeout", "no complete answer within 5 s")."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`body` is decompressed, and `cut` if it was longer than the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def fetch(url: str, *, timeout_s: float, max_bytes: int, follow_redirects: bool = False,
          headers: Mapping[str, str] | None = None) -> Fetched:
    """Get `url`; with `max_bytes` 0 the body is not read. Raises FetchError without a complete answer in `timeout_s`.

    A login in `url` is sent, and no other credentials; `use_proxy` decides on a proxy.
    """
    def get() -> Fetched:
        return _get(url, timeout_s=timeout_s, max_bytes=max_bytes, follow_redirects=follow_redirects,
                    headers=dict(headers or {}))

    try:
        return call_bounded(get, timeout_s + _MARGIN_S)  # the name lookup has no time limit of its own
    except CallTimedOut as error:
        raise FetchError(f"no complete answer within {timeout_s:g} s") from error
    except CallFailed as error:
        raise error.__cause__ or error from None


def _get(url: str, *, timeout_s: float, max_bytes: int, follow_redirects: bool, headers: dict[str, str]) -> Fetched:
    deadline = _Deadline(timeout_s)
    with requests.Session() as session, deadline.running():
        session.mount("http://", _Adapter(deadline))
        session.mount("https://", _Adapter(deadline))
        try:
            settings = session.merge_environment_settings(url, {}, True, None, None)  # certificates and the proxy
            session.trust_env = False  # no credentials of .netrc, also after a redirect
            with session.get(url, timeout=timeout_s, allow_redirects=follow_redirects, headers=headers, stream=True,
                             proxies=settings["proxies"], verify=settings["verify"]) as answer:
                body = _read(answer, max_bytes, deadline) if max_bytes else b""
                deadline.check()
                return Fetched(answer.status_code, answer.headers, body[:max_bytes], cut=len(body) > max_bytes)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            deadline.check()
            raise FetchError(type(error).__name__) from error


def _read(answer: requests.Response, max_bytes: int, deadline: _Deadline) -> bytes:
    body = bytearray()
    while len(body) <= max_bytes and (chunk := answer.raw.read1(_CHUNK, decode_content=True)):
        body += chunk
        deadline.check()
    return bytes(body)


@dataclass(slots=True)
class _Deadline:
    """Shuts down the watched sockets when the time is over, so that a blocked read or handshake ends."""

    seconds: float
    _ends: float = 0.0
    _sockets: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: bool = False

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._ends = time.monotonic() + self.seconds
        timer = threading.Timer(self.seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                for each in self._sockets:
                    each.close()
                self._sockets.clear()

    def watch(self, connected: socket.socket) -> None:
        """Watch a copy: TLS takes the original over."""
        copy = connected.dup()
        with self._lock:
            self._sockets.append(copy)
            if self._over:
                _shut_down(copy)

    def check(self) -> None:
        """Raise FetchError if the time is over."""
        if self._over or time.monotonic() >= self._ends:
            raise FetchError(f"no complete answer within {self.seconds:g} s")

    def _expire(self) -> None:
        with self._lock:
            self._over = True
            for each in self._sockets:
                _shut_down(each)


def _shut_down(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other end may have closed it
        connected.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Reports each new connection to the deadline."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  as in requests
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes()

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401  as in requests
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pool_classes()
        return manager

    def _pool_classes(self) -> dict[str, type[HTTPConnectionPool]]:
        deadline = self._deadline

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _watched(super()._new_conn(), deadline)

        class Tls(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _watched(super()._new_conn(), deadline)

        plain = type("WatchedPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        tls = type("WatchedTlsPool", (HTTPSConnectionPool,), {"ConnectionCls": Tls})
        return {"http": plain, "https": tls}


def _watched(connected: socket.socket, deadline: _Deadline) -> socket.socket:
    deadline.watch(connected)
    return connected
