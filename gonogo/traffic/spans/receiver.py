"""An OTLP/HTTP receiver in the gate's process, on loopback: components export their spans to it during the run.

`span_store` keeps the spans; `otlp` decodes them.
"""

from __future__ import annotations

import errno
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import waitress  # type: ignore[import-untyped]

from gonogo.config.reading import is_loopback
from gonogo.core.errors import ConfigError
from gonogo.traffic.spans.otlp import (
    JSON,
    MAX_BODY_BYTES,
    PROTOBUF,
    MalformedBatch,
    decode,
    error_body,
    response_body,
    unpack,
)
from gonogo.traffic.spans.span_store import SpanStore

TRACES_PATH = "/v1/traces"
_IGNORED_PATHS = ("/v1/metrics", "/v1/logs")  # accepted and discarded, so that exporters do not retry
_THREADS = 2
_CONNECTIONS = 1000  # every exporter keeps one open
_STOP_S = 5.0

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Receiver:
    """A context manager that listens at `url` (http, loopback, with a port) during the block.

    Raises ConfigError if the address is not loopback, or is in use.
    """

    def __init__(self, url: str, store: SpanStore) -> None:
        if not is_loopback(url):
            raise ConfigError(f"`otlp` must be an http URL with a loopback address and a port, got {url}.",
                              where="traces → otlp",
                              fix="use a loopback address with a port, such as http://127.0.0.1:4318.")
        parts = urlsplit(url)
        # one socket: clients of "localhost" try the IPv4 address too
        self._host = "127.0.0.1" if parts.hostname == "localhost" else str(parts.hostname)
        self._port = int(parts.port or 0)
        self._store = store
        self._stopping = threading.Event()
        self._server: Any = None
        self._sockets: dict[int, Any] = {}
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port; for port 0, the free one that was assigned."""
        return int(self._server.effective_port) if self._server else self._port

    def __enter__(self) -> Self:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # one line for each queued request
        self._server = waitress.create_server(
            self._answer, map=self._sockets, sockets=[self._listening()], threads=_THREADS,
            connection_limit=_CONNECTIONS, max_request_body_size=2 * MAX_BODY_BYTES, asyncore_use_poll=True,
            ident=None, clear_untrusted_proxy_headers=True)
        self._thread = threading.Thread(target=self._serve, name="otlp-receiver", daemon=True)
        self._thread.start()
        return self

    def _listening(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            return socket.create_server((self._host, self._port), family=family)
        except OSError as error:
            what = "it is in use" if error.errno == errno.EADDRINUSE else str(error.strerror)
            raise ConfigError(f"The gate cannot listen on {self._host}:{self._port} for spans: {what}.",
                              where="traces → otlp",
                              fix="stop the process that listens there (another run of the gate?), or use another "
                                  "port, also in the components' OTEL_EXPORTER_OTLP_ENDPOINT.") from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._stopping.set()
        # The sockets are closed only after the thread has left its loop. A thread that a request has just woken could
        # close the trigger first, and another file could get its descriptor before the trigger is pulled.
        self._server.pull_trigger()
        if self._thread:
            self._thread.join(_STOP_S)
        self._server.task_dispatcher.shutdown()
        self._server.asyncore.close_all(self._sockets, ignore_all=True)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._server.asyncore.loop(timeout=30, map=self._sockets, use_poll=True, count=1)

    def _answer(self, request: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        status, media_type, body = self._respond(request)
        start_response(status, [("Content-Type", media_type), ("Content-Length", str(len(body)))])
        return [body]

    def _respond(self, request: dict[str, Any]) -> tuple[str, str, bytes]:
        path = request.get("PATH_INFO", "").rstrip("/")
        media_type = request.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if path not in (TRACES_PATH, *_IGNORED_PATHS):
            return "404 Not Found", "text/plain", b"send spans to /v1/traces"
        if request["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed", "text/plain", b"send spans with POST"
        if media_type not in (PROTOBUF, JSON):
            self._store.add_problem(f"spans were sent as '{media_type}'; supported are {PROTOBUF} and {JSON}")
            return "415 Unsupported Media Type", "text/plain", f"send {PROTOBUF} or {JSON}".encode()
        body = request["wsgi.input"].read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            self._store.add_problem(f"a batch of spans was larger than {MAX_BODY_BYTES} bytes")
            return "413 Content Too Large", media_type, error_body(media_type, f"send {MAX_BODY_BYTES} bytes at most")
        if path in _IGNORED_PATHS:
            return "200 OK", media_type, b"{}" if media_type == JSON else b""
        return self._accept(body, media_type, request.get("HTTP_CONTENT_ENCODING", ""))

    def _accept(self, body: bytes, media_type: str, encoding: str) -> tuple[str, str, bytes]:
        try:
            batch = decode(unpack(body, encoding.strip()), media_type)
        except MalformedBatch as error:
            self._store.add_problem(f"a batch of spans cannot be read: {error}")
            return "400 Bad Request", media_type, error_body(media_type, str(error))
        if batch.rejected:
            self._store.add_problem(f"{batch.rejected} spans of a batch had no valid ids")
        self._store.add(batch.spans)
        return "200 OK", media_type, response_body(media_type, rejected=batch.rejected)
