"""`gonogo tap` with real processes: it forwards traffic unchanged, and records it without secrets."""

from __future__ import annotations

import gzip
import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
import pytest

from gonogo.config.model import Environment
from gonogo.model.exchange import Exchange
from gonogo.secrets.masking import is_masked
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.tap.record import end_of_record, read_record

DEADLINE_S = 30.0
TRACE, SPAN = "a" * 32, "b" * 16
there = any((Path(folder) / "mitmproxy").is_dir() for folder in (os.environ.get("GONOGO_MITMPROXY", ""), f"{sys.prefix}/tap")
             if folder) or importlib.util.find_spec("mitmproxy") is not None
pytestmark = [pytest.mark.alone, pytest.mark.skipif(not there, reason="set-up has not put mitmproxy beside the other packages yet")]


BOMB = b'"' + bytes(20_000_000)
BOMBS = {"/gzip": gzip.compress(BOMB), "/deflate": zlib.compress(BOMB), "/br": brotli.compress(BOMB, quality=5)}


class Callee(BaseHTTPRequestHandler):
    """Answers with the request's body; some paths misbehave."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str, list[tuple[str, str]], bytes]]

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, self.headers.items(), body))  # type: ignore[attr-defined]
        if self.path == "/dies":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif self.path == "/half":
            self._answer({"Content-Length": "1000"}, b"half")
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif self.path == "/drips":
            self._drip()
        elif self.path == "/packed":
            self._answer({"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(b'{"token":"t0p-secret"}'))
        elif self.path in BOMBS:
            self._answer({"Content-Type": "application/json", "Content-Encoding": self.path[1:]}, BOMBS[self.path])
        elif self.path == "/not-packed":
            self._answer({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b'{"plain":true}')
        elif self.path == "/picture":
            self._answer({"Content-Type": "image/png"}, b"\x89PNG" + bytes(range(256)))
        elif self.path == "/large":
            self._answer({"Content-Type": "application/json"}, b'["' + b"x" * 3_000_000 + b'"]')
        elif self.path == "/slow":
            time.sleep(1.5)
            self._answer({}, b"late")
        else:
            self._answer({"Content-Type": self.headers.get("Content-Type", "text/plain"), "X-oDD-Case": "kept",
                          "Location": "/elsewhere"}, body or b"ok")

    def _answer(self, headers: dict[str, str], body: bytes) -> None:
        self.send_response(307 if self.path == "/moved" else 200, "As It Was")
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(4):
            self.wfile.write(f"2\r\n{number};\r\n".encode())
            self.wfile.flush()
            time.sleep(0.3)
        self.wfile.write(b"0\r\n\r\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Tap:
    """The command, with a route to the callee and one to a port without a listener."""

    def __init__(self, folder: Path, callee: ThreadingHTTPServer) -> None:
        self.record = folder / "tap.ndjson"
        self.callee = callee
        self.direct, self.nobody = callee.server_address[1], free_port()
        self.port, self.to_nobody = free_port(), free_port()
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "gonogo.cli", "tap", "--out", str(self.record),
             "--route", f"caller=web,callee=customers,listen={self.port},to=http://127.0.0.1:{self.direct}",
             "--route", f"caller=web,callee=gone,listen={self.to_nobody},to=http://127.0.0.1:{self.nobody}"],
            stderr=subprocess.PIPE, text=True, env={**os.environ, "TEST_SECRET": "s3cr3t-of-the-process"})
        deadline = time.monotonic() + DEADLINE_S
        while not listens(self.to_nobody):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=DEADLINE_S)

    def recorded(self, count: int) -> tuple[Exchange, ...]:
        """Return all recorded exchanges, once there are `count` of them."""
        parties = Parties.of(Environment(url="http://127.0.0.1:9"))
        deadline = time.monotonic() + DEADLINE_S
        while len(found := read_record(self.record, parties).exchanges) < count:
            assert time.monotonic() < deadline, f"{len(found)} recorded, not {count}"
            time.sleep(0.02)
        return found


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def callee() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Callee)
    server.asked = []  # type: ignore[attr-defined]
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def tap(tmp_path_factory: pytest.TempPathFactory, callee: ThreadingHTTPServer) -> Iterator[Tap]:
    tap = Tap(tmp_path_factory.mktemp("tap"), callee)
    yield tap
    with suppress(ProcessLookupError):
        tap.end()


def ask(port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
        timeout_s: float = 10.0) -> tuple[int, str, list[tuple[str, str]], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    with closing(connection):
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.reason, response.getheaders(), response.read()


def last(tap: Tap, path: str) -> Exchange:
    """Return the last record of a call to `path`, once it is written."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        found = [each for each in tap.recorded(1) if each.path == path]
        if found:
            return found[-1]
        time.sleep(0.02)
    raise AssertionError(f"{path} was not recorded")


def without_date(answer: tuple[int, str, list[tuple[str, str]], bytes]) -> object:
    status, reason, headers, body = answer
    return status, reason, [(name, value) for name, value in headers if name != "Date"], body


@pytest.mark.parametrize(("method", "path", "body", "headers"), [
    ("GET", "/plain?a=1&b=%20x&a=2", None, {"X-oDD-Request": "As-Is", "Accept-Encoding": "gzip, br"}),
    ("POST", "/json", '{"name": " Zoë"}'.encode(), {"Content-Type": "application/json"}),
    ("POST", "/moved", b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}),
    ("GET", "/packed", None, {}), ("GET", "/not-packed", None, {}), ("GET", "/picture", None, {}),
    ("GET", "/large", None, {}), ("POST", "/upload", b"y" * 2_000_000, {"Content-Type": "text/plain"}),
])
def test_traffic_is_forwarded_unchanged(tap: Tap, method: str, path: str, body: bytes | None,
                                        headers: dict[str, str]) -> None:
    """Requests and responses equal those without the tap: bodies byte for byte, headers with spelling and order."""
    asked = tap.callee.asked  # type: ignore[attr-defined]
    direct, tapped = ask(tap.direct, method, path, body, headers), ask(tap.port, method, path, body, headers)

    assert without_date(tapped) == without_date(direct)
    assert asked[-1] == asked[-2]


def test_a_call_is_recorded_with_caller_callee_and_trace(tap: Tap) -> None:
    ask(tap.port, "POST", "/known", b'{"name": " Ana", "password": "swordfish"}',
        {"Content-Type": "application/json", "traceparent": f"00-{TRACE}-{SPAN}-01", "Authorization": "Bearer abcdef"})

    found = last(tap, "/known")

    assert (found.caller, found.callee, found.method, found.status) == ("web", "customers", "POST", 200)
    assert (found.trace_id, found.span_id) == (TRACE, SPAN)
    assert found.url == f"http://127.0.0.1:{tap.direct}/known"
    assert abs(found.started_s - time.time()) < DEADLINE_S
    assert 0 < found.duration_ms < 5_000
    assert found.request.json() == {"name": " Ana", "password": found.request.json()["password"]} and is_masked(found.request.json()["password"])
    assert found.response.header("x-odd-case") == "kept"


def test_no_secret_reaches_the_record(tap: Tap) -> None:
    ask(tap.port, "POST", "/secrets?token=t0ken-in-query", b"password=swordfish&x=s3cr3t-of-the-process",
        {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer abcdef", "Cookie": "sid=c00kie"})
    ask(tap.port, "GET", "/packed")
    last(tap, "/secrets")
    last(tap, "/packed")

    text = tap.record.read_text(encoding="utf-8")

    for secret in ("t0ken-in-query", "swordfish", "s3cr3t-of-the-process", "abcdef", "c00kie", "t0p-secret"):
        assert secret not in text, secret


def test_large_and_binary_bodies_are_recorded_by_size_only(tap: Tap) -> None:
    for path in ("/picture", "/large"):
        ask(tap.port, "GET", path)

    picture, large = last(tap, "/picture").response.body, last(tap, "/large").response.body

    assert picture is not None
    assert (picture.mime, picture.size, picture.text) == ("image/png", 260, None)
    assert large is not None
    assert (large.size, large.text) == (3_000_004, None)
    assert max(map(len, tap.record.read_bytes().splitlines())) < 500_000


@pytest.mark.parametrize("path", BOMBS)
def test_a_body_that_expands_beyond_the_limit_is_recorded_by_size_only(tap: Tap, path: str) -> None:
    """Half a megabyte can become gigabytes of memory."""
    ask(tap.port, "GET", path)
    body = last(tap, path).response.body
    assert body is not None
    assert (body.size, body.text) == (len(BOMBS[path]), None)


def test_a_slow_body_is_forwarded_as_it_arrives(tap: Tap) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", tap.port, timeout=10)
    with closing(connection):
        begun = time.monotonic()
        connection.request("GET", "/drips")
        response = connection.getresponse()
        first = response.read(2)
        first_s = time.monotonic() - begun
        assert (first, response.read()) == (b"0;", b"1;2;3;")

    assert first_s < 0.6 < time.monotonic() - begun


@pytest.mark.parametrize("path", ["/dies", "/half"])
def test_a_connection_closed_by_the_callee_is_closed_for_the_caller(tap: Tap, path: str) -> None:
    """The caller never receives a response of the proxy's own."""
    for port in (tap.direct, tap.port):
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask(port, "GET", path)

    found = last(tap, path)
    assert found.failure
    assert found.status == (200 if path == "/half" else 0)


def test_a_missing_callee_gives_no_response_of_the_tap(tap: Tap) -> None:
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        ask(tap.to_nobody, "POST", "/nobody", b"{}", {"Content-Type": "application/json"})

    found = last(tap, "/nobody")
    assert (found.status, found.callee) == (0, "gone")
    assert "failed" in found.failure


def test_a_caller_that_times_out_is_recorded_as_no_answer(tap: Tap) -> None:
    with pytest.raises(TimeoutError):
        ask(tap.port, "GET", "/slow", timeout_s=0.3)

    found = last(tap, "/slow")
    assert (found.status, bool(found.failure)) == (0, True)


def test_a_failed_request_is_not_sent_again(tap: Tap) -> None:
    before = len(tap.callee.asked)  # type: ignore[attr-defined]
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        ask(tap.port, "POST", "/dies", b"once")

    assert len(tap.callee.asked) - before == 1  # type: ignore[attr-defined]


def test_a_connection_carries_many_calls(tap: Tap) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", tap.port, timeout=10)
    with closing(connection):
        for number in range(20):
            connection.request("GET", f"/kept-alive/{number}")
            assert connection.getresponse().read() == b"ok"

    assert last(tap, "/kept-alive/19").status == 200


def test_only_calls_after_the_given_offset_are_read(tap: Tap) -> None:
    ask(tap.port, "GET", "/before")
    last(tap, "/before")
    start = end_of_record(tap.record)
    ask(tap.port, "GET", "/after")
    last(tap, "/after")

    found = read_record(tap.record, Parties.of(Environment(url="http://127.0.0.1:9")), start=start).exchanges

    assert [each.path for each in found] == ["/after"]


def test_a_killed_tap_loses_nothing(tmp_path: Path, callee: ThreadingHTTPServer) -> None:
    """The next tap continues the same record, after a truncated line."""
    tap = Tap(tmp_path, callee)
    try:
        for number in range(5):
            ask(tap.port, "GET", f"/{number}")
        tap.recorded(5)
        tap.end(signal.SIGKILL)
        with tap.record.open("a") as file:
            file.write('{"startedDateTime": "20\n')
        tap.process = tap.start()
        ask(tap.port, "GET", "/again")
        assert [each.path for each in tap.recorded(6)] == [*(f"/{number}" for number in range(5)), "/again"]
    finally:
        tap.end()
    assert tap.process.returncode == 0
    assert not listens(tap.port)


@pytest.mark.parametrize(("arguments", "told"), [
    (["--route", "caller=a,callee=b,listen=1x,to=http://h"], "needs a port"),
    (["--route", "caller=a,callee=b,listen=8350"], "has no 'to'"),
    (["--route", "caller=a,callee=b,listen=8350,to=ftp://h"], "needs an origin"),
    (["--route", "caller=a,callee=b,listen=8350,to=http://h/path"], "needs an origin"),
    (["--route", "caller=a,callee=b,listen=8350,to=http://h,colour=red"], "unknown key 'colour'"),
    (["--route", "caller=a,callee=b,listen=8350,to=http://h", "--route", "caller=c,callee=b,listen=8350,to=http://h"], "another route"),
    (["--out", "/no/such/folder/tap.ndjson", "--route", "caller=a,callee=b,listen=8350,to=http://h"], "does not exist"),
])
def test_a_wrong_command_line_is_a_usage_error(tmp_path: Path, arguments: list[str], told: str) -> None:
    out = [] if "--out" in arguments else ["--out", str(tmp_path / "tap.ndjson")]
    done = subprocess.run([sys.executable, "-m", "gonogo.cli", "tap", *out, *arguments], capture_output=True, text=True,
                          timeout=DEADLINE_S, check=False)

    assert done.returncode == 2
    assert told in done.stderr
    assert "fix:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_ends_the_tap(tmp_path: Path, callee: ThreadingHTTPServer) -> None:
    taken = callee.server_address[1]
    done = subprocess.run(
        [sys.executable, "-m", "gonogo.cli", "tap", "--out", str(tmp_path / "tap.ndjson"), "--route",
         f"caller=a,callee=b,listen={taken},to=http://127.0.0.1:9"], capture_output=True, text=True, timeout=DEADLINE_S,
        check=False)

    assert done.returncode != 0
    assert str(taken) in done.stderr


def test_every_line_is_a_har_entry(tap: Tap) -> None:
    ask(tap.port, "GET", "/entry")
    last(tap, "/entry")

    for line in tap.record.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        assert entry["_origin"] == "tap"
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
