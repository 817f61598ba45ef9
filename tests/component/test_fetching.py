"""Answers from outside have a limit in time and in bytes, however they are sent."""

from __future__ import annotations

import contextlib
import gzip
import resource
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from gonogo.core.fetching import FetchError, fetch
from tests.serving import serving

TIMEOUT_S = 0.5
MAX_BYTES = 64 * 1024
BOMB = gzip.compress(b"\0" * (200 << 20), 1)
OVER = threading.Event()


class _Hostile(BaseHTTPRequestHandler):
    """A system under test that is sick or hostile."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/drip-headers":
            self._drip(b"HTTP/1.1 200 OK\r\n")
        elif path == "/drip-body":
            self._drip(b"HTTP/1.1 200 OK\r\n\r\n")
        elif path == "/silent":
            OVER.wait(30)
        elif path in ("/redirect", "/redirect-to-itself"):
            self._answer(302, location="/drip-body" if path == "/redirect" else path)
        elif path == "/bomb":
            self._answer(200, BOMB, encoding="gzip")
        elif path == "/not-gzip":
            self._answer(200, b"plain", encoding="gzip")
        elif path == "/long":
            self._answer(200, b"x" * (MAX_BYTES + 1))
        else:
            self._answer(200, (self.headers.get("Authorization") or "none").encode())

    def _drip(self, start: bytes) -> None:
        with contextlib.suppress(OSError):  # the client gives up
            self.wfile.write(start)
            while not OVER.wait(0.05):
                self.wfile.write(b"x")

    def _answer(self, status: int, body: bytes = b"", *, location: str = "", encoding: str = "") -> None:
        self.send_response(status)
        for name, value in {"Location": location, "Content-Encoding": encoding,
                            "Content-Length": str(len(body))}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # the client has read enough
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(_Hostile) as url:
        yield url
        OVER.set()


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A port that accepts connections and never begins TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"https://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("path", ["/drip-headers", "/drip-body", "/silent", "/redirect"])
def test_an_answer_that_is_not_complete_in_time_is_none(url: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(FetchError, match=r"^no complete answer within 0\.5 s$"):
        fetch(url + path, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES, follow_redirects=True)
    assert time.monotonic() - began < TIMEOUT_S + 5


def test_a_tls_handshake_has_the_same_limit(silent_url: str) -> None:
    with pytest.raises(FetchError, match="no complete answer"):
        fetch(silent_url, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES)


@pytest.mark.parametrize(("path", "cause"), [("/not-gzip", "DecodeError"), ("/redirect-to-itself", "TooManyRedirects")])
def test_an_answer_that_cannot_be_read_is_none(url: str, path: str, cause: str) -> None:
    with pytest.raises(FetchError, match=cause):
        fetch(url + path, timeout_s=10, max_bytes=MAX_BYTES, follow_redirects=True)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://nowhere.invalid/", "http://[", "ftp://shop/"])
def test_an_address_that_cannot_be_reached_is_an_error(address: str) -> None:
    with pytest.raises(FetchError):
        fetch(address, timeout_s=10, max_bytes=MAX_BYTES)


@pytest.mark.parametrize("path", ["/bomb", "/long"])
def test_a_long_body_is_cut(url: str, path: str) -> None:
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = fetch(url + path, timeout_s=20, max_bytes=MAX_BYTES)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    assert (answer.status, len(answer.body), answer.cut) == (200, MAX_BYTES, True)
    assert grown_mib < 100


def test_a_body_can_be_ignored(url: str) -> None:
    """A server that begins to answer is up, whatever follows."""
    assert fetch(url + "/drip-body", timeout_s=10, max_bytes=0).body == b""


def test_only_the_login_of_the_url_is_sent(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ana password hunter22\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert fetch(url, timeout_s=10, max_bytes=MAX_BYTES).body == b"none"
    login = url.replace("http://", "http://bob:secret@")
    assert fetch(login, timeout_s=10, max_bytes=MAX_BYTES).text.startswith("Basic ")
