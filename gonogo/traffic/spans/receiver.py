"""An OTLP/HTTP receiver in the gate's process, on loopback: components export spans and logs to it during the run.

`connections` bounds the connections, `span_store` and `log_store` keep what arrives, `otlp` decodes it. What is refused
is reported to the store as a problem.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import waitress  # type: ignore[import-untyped]

from gonogo.config.reading import is_loopback
from gonogo.core.errors import ConfigError
from gonogo.traffic.logs.log_store import LogStore
from gonogo.traffic.spans.connections import IDLE_S, MAX_CONNECTIONS, Connection, close_excess
from gonogo.traffic.spans.otlp import (
    JSON,
    MAX_BODY_BYTES,
    PROTOBUF,
    PROTOBUF_TYPES,
    UnknownEncoding,
    decode,
    decode_logs,
    error_body,
    logs_response_body,
    response_body,
    unpack,
)
from gonogo.traffic.spans.raw_span import MalformedBatch
from gonogo.traffic.spans.span_store import SpanStore

TRACES_PATH = "/v1/traces"
PROTOCOL = "http/protobuf"  # of OTEL_EXPORTER_OTLP_PROTOCOL
LOGS_PATH = "/v1/logs"
_IGNORED_PATHS = ("/v1/metrics", "/v1development/profiles")  # so that exporters do not retry
_THREADS = 1  # one batch at a time is in memory
_BUFFERED_BYTES = 64 * 1024  # of a request; more of it goes to a temporary file
_TURN_S = 1.0
_STOP_S = 5.0
_SENT_BY_GRPC = ("spans were sent over gRPC; the gate receives them over HTTP: set "
                 f"OTEL_EXPORTER_OTLP_PROTOCOL={PROTOCOL} for the components")

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class _Answer(NamedTuple):
    status: str
    body: bytes = b""
    media_type: str = "text/plain"


class _Refusal(Exception):
    """The request cannot be used. `problem` is reported and, without another `body`, sent."""

    def __init__(self, status: str, problem: str, body: bytes | None = None, media_type: str = "text/plain") -> None:
        super().__init__(problem)
        self.answer = _Answer(status, problem.encode() if body is None else body, media_type)


class Receiver:
    """A context manager that listens at `url` (http, loopback, with a port) during the block. Without `logs`, log
    records are ignored.

    Raises ConfigError if the address is not loopback, or is in use.
    """

    def __init__(self, url: str, store: SpanStore, logs: LogStore | None = None) -> None:
        if not is_loopback(url):
            raise ConfigError(f"`otlp` must be an http URL with a loopback address and a port, got {url}.",
                              where="traces → otlp",
                              fix="use a loopback address with a port, such as http://127.0.0.1:4318.")
        parts = urlsplit(url)
        # one socket: clients of "localhost" try the IPv4 address too
        self._host = "127.0.0.1" if parts.hostname == "localhost" else str(parts.hostname)
        self._port = int(parts.port or 0)
        self._store = store
        self._logs = logs
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
            connection_limit=2 * MAX_CONNECTIONS, max_request_body_size=2 * MAX_BODY_BYTES, asyncore_use_poll=True,
            inbuf_overflow=_BUFFERED_BYTES, channel_timeout=IDLE_S, cleanup_interval=IDLE_S // 2,
            ident=None, clear_untrusted_proxy_headers=True)
        self._server.channel_class = partial(Connection, report=self._store.add_problem)
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
            self._server.asyncore.loop(timeout=_TURN_S, map=self._sockets, use_poll=True, count=1)
            close_excess(self._server.active_channels.values())

    def _answer(self, request: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._respond(request)
        except _Refusal as refusal:
            self._store.add_problem(str(refusal))
            answer = refusal.answer
        start_response(answer.status, [("Content-Type", answer.media_type), ("Content-Length", str(len(answer.body)))])
        return [answer.body]

    def _respond(self, request: dict[str, Any]) -> _Answer:
        path = request.get("PATH_INFO", "").rstrip("/")
        media_type = request.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        _require_no_web_page(request)
        _require_http(request, media_type)
        if path not in (TRACES_PATH, LOGS_PATH, *_IGNORED_PATHS):
            return _wrong_path(request, path)
        if request["REQUEST_METHOD"] != "POST":
            return _Answer("405 Method Not Allowed", b"send spans with POST")
        if media_type not in (*PROTOBUF_TYPES, JSON):
            raise _Refusal("415 Unsupported Media Type",
                           f"spans were sent as '{media_type}'; supported are {PROTOBUF} and {JSON}: "
                           f"set OTEL_EXPORTER_OTLP_PROTOCOL={PROTOCOL} for the components")
        if path in _IGNORED_PATHS or (path == LOGS_PATH and self._logs is None):
            return _Answer("200 OK", b"{}" if media_type == JSON else b"", media_type)
        body = request["wsgi.input"].read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise _Refusal("413 Content Too Large", f"a batch of spans was larger than {MAX_BODY_BYTES} bytes",
                           error_body(media_type, f"send {MAX_BODY_BYTES} bytes at most"), media_type)
        encoding = request.get("HTTP_CONTENT_ENCODING", "").strip()
        try:
            unpacked = unpack(body, encoding)
            return (self._accept_logs(unpacked, media_type, self._logs) if path == LOGS_PATH and self._logs is not None
                    else self._accept(unpacked, media_type))
        except MalformedBatch as error:
            status = "415 Unsupported Media Type" if isinstance(error, UnknownEncoding) else "400 Bad Request"
            what = "log records" if path == LOGS_PATH else "spans"
            raise _Refusal(status, f"a batch of {what} cannot be read: {error}", error_body(media_type, str(error)),
                           media_type) from error

    def _accept_logs(self, body: bytes, media_type: str, logs: LogStore) -> _Answer:
        batch = decode_logs(body, media_type)
        if batch.rejected:
            logs.add_problem(f"{batch.rejected} log records of a batch cannot be read")
        logs.add(batch.records)
        return _Answer("200 OK", logs_response_body(media_type, rejected=batch.rejected), media_type)

    def _accept(self, body: bytes, media_type: str) -> _Answer:
        batch = decode(body, media_type)
        if batch.rejected:
            self._store.add_problem(f"{batch.rejected} spans of a batch had no valid ids, or cannot be read")
        self._store.add(batch.spans)
        return _Answer("200 OK", response_body(media_type, rejected=batch.rejected), media_type)


def _require_no_web_page(request: dict[str, Any]) -> None:
    """A page of a foreign site may send a request to loopback, also by a name of its own that leads here."""
    if origin := request.get("HTTP_ORIGIN"):
        raise _Refusal("403 Forbidden", f"a web page ({origin}) sent a request to the receiver of spans: refused")
    host = request.get("HTTP_HOST", "")
    if request["REQUEST_METHOD"] != "PRI" and not _is_loopback_host(host):
        raise _Refusal("421 Misdirected Request", f"spans were sent to the host '{host}': refused; send them to "
                                                  "localhost or a loopback address")


def _is_loopback_host(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _require_http(request: dict[str, Any], media_type: str) -> None:
    """HTTP/2, and so gRPC, begins with a line that an HTTP/1 server reads as a request with the method PRI."""
    if request["REQUEST_METHOD"] == "PRI" or media_type.startswith("application/grpc"):
        raise _Refusal("415 Unsupported Media Type", _SENT_BY_GRPC)


def _wrong_path(request: dict[str, Any], path: str) -> _Answer:
    if request["REQUEST_METHOD"] != "POST":
        return _Answer("404 Not Found", f"send spans to {TRACES_PATH}".encode())
    raise _Refusal("404 Not Found",
                   f"spans were sent to {path or '/'}; they are received at {TRACES_PATH}: give the components "
                   "OTEL_EXPORTER_OTLP_ENDPOINT without a path, and OTEL_TRACES_EXPORTER=otlp")
