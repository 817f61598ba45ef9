"""A tiny system under test that answers each path as it is told, also in ways that no honest system would."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.serving import serving

IMAGE = "sha256:" + "a" * 64
OTHER_IMAGE = "sha256:" + "b" * 64
_MIB = 1024 * 1024
_LONGEST_S = 120.0  # an answer that never ends, ends after all

Handler = http.server.BaseHTTPRequestHandler
Answer = Callable[[Handler], None]
PAGE = ('<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,"></head>'
        "<body><main><h1>Shop</h1>{}</main></body></html>")


def document(content: object = None, status: int = 200) -> Answer:
    return raw(json.dumps({"image": IMAGE} if content is None else content).encode(), status, "application/json")


def page(body: str = "", status: int = 200) -> Answer:
    return raw(PAGE.format(body).encode(), status, "text/html; charset=utf-8")


def raw(body: bytes, status: int = 200, kind: str = "text/plain", **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)
    return answer


def redirect(target: str, status: int = 302) -> Answer:
    return raw(b"", status, Location=target)


def drips(start: bytes) -> Answer:
    """Send `start`, and then a byte now and then without end."""
    def answer(handler: Handler) -> None:
        handler.close_connection = True
        began = time.monotonic()
        with contextlib.suppress(OSError):
            handler.wfile.write(start)
            while time.monotonic() < began + _LONGEST_S:
                handler.wfile.write(b"x")
                time.sleep(0.2)
    return answer


def silent(handler: Handler) -> None:
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.connection.settimeout(_LONGEST_S)
        handler.connection.recv(1)


def floods(handler: Handler) -> None:
    """600 MB without a length."""
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(600):
            handler.wfile.write(b"[" * _MIB)


def hangs_up(handler: Handler) -> None:
    handler.close_connection = True


def bytes_of(text: bytes) -> Answer:
    """What is sent is not even HTTP, or not all of it."""
    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(text)
    return answer


_BOMB = gzip.compress(b"\0" * (17 * _MIB)) * 100  # 1.7 GB


def gzip_bomb(handler: Handler) -> None:
    raw(_BOMB, kind="application/json", Content_Encoding="gzip")(handler)


@dataclass(frozen=True)
class System:
    """A running system. `seen` has the requests."""

    url: str
    seen: list[str]


@contextmanager
def running_system(answers: Mapping[str, Answer]) -> Iterator[System]:
    """A system that has an answer by path; all others are a document with the image."""
    seen: list[str] = []

    class AnswersByPath(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            seen.append(f"{self.command} {path}")
            answers.get(path, document())(self)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with serving(AnswersByPath) as url:
        yield System(url, seen)
