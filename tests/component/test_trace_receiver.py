"""The receiver with real HTTP, the SDK's own exporter, and the output of another language's SDK."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from google.rpc.status_pb2 import Status
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

from gonogo.core.errors import ConfigError
from gonogo.model.calls import Call
from gonogo.records.spans import read_spans
from gonogo.traffic.analysis.failing_hop import failing_hop
from gonogo.traffic.http.endpoints import template
from gonogo.traffic.logs.log_store import LogStore
from gonogo.traffic.spans import connections
from gonogo.traffic.spans.connections import MAX_CONNECTIONS
from gonogo.traffic.spans.otlp import JSON, MAX_BODY_BYTES, PROTOBUF
from gonogo.traffic.spans.receiver import Receiver
from gonogo.traffic.spans.span_store import SpanStore
from gonogo.traffic.spans.tree import calls_of
from tests.masks import masker

pytestmark = pytest.mark.alone

NODE = Path(__file__).parents[1] / "fixtures" / "trace" / "node"


@pytest.fixture
def store(tmp_path: Path) -> SpanStore:
    return SpanStore(masker(), file=tmp_path / "spans.ndjson")


@pytest.fixture
def url(store: SpanStore) -> Iterator[str]:
    with Receiver("http://127.0.0.1:0", store) as receiver:
        yield f"http://127.0.0.1:{receiver.port}"


def post(url: str, body: bytes, media_type: str, path: str = "/v1/traces", **headers: str) -> requests.Response:
    return requests.post(url + path, data=body, headers={"Content-Type": media_type, **headers}, timeout=10)


def test_a_connection_during_the_stop_does_not_block_it(store: SpanStore) -> None:
    """The connection wakes the thread, which leaves its loop before the stop itself wakes it."""
    with Receiver("http://127.0.0.1:0", store) as receiver:
        receiver._stopping.set()  # the first action of a stop
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=10):
            assert receiver._thread
            receiver._thread.join(10)
            assert not receiver._thread.is_alive()


def test_the_exporter_of_the_sdk_delivers_spans(url: str, store: SpanStore, tmp_path: Path) -> None:
    """Spans of the SDK for Python arrive unchanged, in memory and in the file."""
    provider = TracerProvider(resource=Resource.create({"service.name": "web"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{url}/v1/traces"), schedule_delay_millis=50))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("GET", kind=SpanKind.CLIENT, attributes={"http.method": "GET", "http.url": "http://gds/x"}) as span:
        context = span.get_span_context()
        span.record_exception(ValueError("no seat"))
    assert store.drain(since_s=time.monotonic(), quiet_s=0.3, max_s=5)
    provider.shutdown()
    (received,) = store.spans
    assert (received.trace_id, received.span_id) == (f"{context.trace_id:032x}", f"{context.span_id:016x}")
    assert (received.component, received.kind, received.url, received.error_text) == ("web", "client", "http://gds/x", "no seat")
    assert abs(received.started_s - time.time()) < 60
    assert read_spans(tmp_path / "spans.ndjson") == (store.spans, 0)


@pytest.mark.parametrize(("pattern", "media_type", "encoding"), [("*.binpb.gz", PROTOBUF, "gzip"), ("*.json", JSON, "")])
def test_spans_of_another_language_give_the_tree_and_the_failing_hop(
        url: str, store: SpanStore, pattern: str, media_type: str, encoding: str) -> None:
    """The exact bytes that the SDK for Node exported show who called whom, and which call failed."""
    bodies = sorted(NODE.glob(pattern))
    assert len(bodies) == 2
    for body in bodies:
        answer = post(url, body.read_bytes(), media_type, **({"Content-Encoding": encoding} if encoding else {}))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    roots = calls_of(store.spans, lambda _url: "nobody", lambda _callee, path: template(path))
    assert {root.trace_id[-1]: (root.parent_id[-1], told(root.call)) for root in roots} == {
        "1": ("1", ["GET /orders/[id] 200", "  GET /items/[id] 200"]),
        "2": ("2", ["POST /orders 502", "  POST /reservations 500"]),
        "3": ("3", ["GET /orders/[id] 504", "  GET /slow/[id] 0"]),
        "4": ("4", ["POST /holds 201", "  POST /holds 503", "  POST /holds 201"]),
        "5": ("5", ["POST /parcels 202", "  POST /stock-events 400 late"]),
        "6": ("6", ["GET /prices 503", "  GET /prices/[id] 0"]),
    }
    hops = {root.trace_id[-1]: [(call.edge.caller, call.edge.callee, call.status, call.error_text) for call in failing_hop([root.call])][1:]
            for root in roots}
    assert hops.pop("6")[0][:3] == ("shop", "nobody", 0)
    assert hops == {
        "1": [], "4": [],
        "2": [("shop", "stock", 500, "size is not a number")],
        "3": [("shop", "stock", 0, "gave up waiting")],
        "5": [("shop", "stock", 400, "")],
    }
    assert "hidden" not in repr(store.spans), "the query's secret_token is masked"
    assert store.problems == ()


def told(call: Call, depth: int = 0) -> list[str]:
    line = f"{'  ' * depth}{call.edge.operation} {call.status}{' late' if call.late else ''}"
    return [line, *(below for each in call.calls for below in told(each, depth + 1))]


def test_bodies_in_chunks_are_read(url: str, store: SpanStore) -> None:
    """Node's exporters send no Content-Length."""
    body = (NODE / "01.json").read_bytes()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("POST", "/v1/traces", iter([body[:1000], body[1000:]]), {"Content-Type": JSON}, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert store.spans


REFUSALS = {
    "invalid JSON": (b"{", JSON, {}, 400, "cannot be read"),
    "invalid protobuf": (b"abc", PROTOBUF, {}, 400, "cannot be read"),
    "invalid gzip": (b"abcdef", PROTOBUF, {"Content-Encoding": "gzip"}, 400, "not gzip"),
    "a gzip bomb": (gzip.compress(bytes(MAX_BODY_BYTES + 1)), PROTOBUF, {"Content-Encoding": "gzip"}, 400, "larger than"),
    "a body that is too large": (bytes(MAX_BODY_BYTES + 1), PROTOBUF, {}, 413, "larger than"),
    "another media type": (b"{}", "text/plain", {}, 415, "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"),
    "gRPC over HTTP/1": (b"", "application/grpc+proto", {}, 415, "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"),
    "another compression": (b"{}", JSON, {"Content-Encoding": "zstd"}, 415, "set OTEL_EXPORTER_OTLP_COMPRESSION=gzip"),
    "a web page": (b"{}", JSON, {"Origin": "http://shop.example"}, 403, "a web page (http://shop.example)"),
    "a foreign host, as after DNS rebinding": (b"{}", JSON, {"Host": "evil.example"}, 421, "the host 'evil.example'"),
    "a foreign address": (b"{}", JSON, {"Host": "192.0.2.1:4318"}, 421, "the host '192.0.2.1:4318'"),
    "a host that is none": (b"{}", JSON, {"Host": "[::1"}, 421, "the host '[::1'"),
}


@pytest.mark.parametrize(("body", "media_type", "headers", "status", "problem"), REFUSALS.values(), ids=REFUSALS.keys())
def test_an_invalid_batch_is_refused_and_reported(url: str, store: SpanStore, body: bytes, media_type: str, headers: dict[str, str],
                                                  status: int, problem: str) -> None:
    """The exporter gets the response that the specification requires, and the receiver continues."""
    answer = post(url, body, media_type, **headers)
    assert answer.status_code == status
    assert problem in store.problems[0]
    assert len(store.problems) == 1
    if status == 400:
        message = answer.json()["message"] if media_type == JSON else Status.FromString(answer.content).message
        assert message in store.problems[0]
    assert post(url, b"{}", JSON).status_code == 200


def test_a_batch_is_accepted_in_part(url: str, store: SpanStore) -> None:
    """Invalid spans are reported to the exporter as a partial success."""
    document = json.loads((NODE / "01.json").read_text())
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["spanId"] = ""
    answer = post(url, json.dumps(document).encode(), JSON)
    assert (answer.status_code, answer.json()["partialSuccess"]["rejectedSpans"]) == (200, "1")
    assert store.spans
    assert store.problems == ("1 spans of a batch had no valid ids, or cannot be read",)


@pytest.mark.parametrize("path", ["/v1/metrics", "/v1/logs"])
def test_signals_that_no_store_takes_are_accepted_and_ignored(url: str, store: SpanStore, path: str) -> None:
    """An exporter of all signals neither fails nor retries."""
    assert post(url, b"whatever", PROTOBUF, path).status_code == 200
    assert post(url, b"{}", JSON, path).json() == {}
    assert (store.spans, store.problems) == ((), ())


@pytest.mark.parametrize("path", ["/", "/v1/trace", "/traces", "/api/v2/spans", "/v1/traces/v1/traces"])
def test_spans_sent_to_another_path_are_reported_with_the_fix(url: str, store: SpanStore, path: str) -> None:
    """Exporters are often given an address without /v1/traces, one with it twice, or that of another format."""
    answer = post(url, b"{}", JSON, path)
    assert (answer.status_code, answer.text) == (404, store.problems[0])
    assert store.problems == (f"spans were sent to {path}; they are received at /v1/traces: give the components "
                              "OTEL_EXPORTER_OTLP_ENDPOINT without a path, and OTEL_TRACES_EXPORTER=otlp",)


def test_requests_that_bring_no_spans_are_refused_without_a_word(url: str, store: SpanStore) -> None:
    """A look with a browser or a health check is not a lost span."""
    assert requests.get(f"{url}/", timeout=5).status_code == 404
    assert requests.get(f"{url}/v1/traces", timeout=5).status_code == 405
    assert store.problems == ()


@pytest.mark.parametrize("host", ["localhost:4318", "127.0.0.1", "127.9.9.9:1", "[::1]:4318", "LOCALHOST"])
def test_names_and_addresses_of_loopback_are_served(url: str, host: str) -> None:
    """A component may be given any of them."""
    assert post(url, b"{}", JSON, Host=host).status_code == 200


GRPC = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"  # the preface, and a frame of settings
TLS = b"\x16\x03\x01\x00\xc4\x01\x00\x00\xc0\x03\x03" + bytes(185)


@pytest.mark.parametrize(("sent", "answer", "problem"), [
    pytest.param(GRPC, b"HTTP/1.0 415 ", "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", id="gRPC"),
    pytest.param(TLS, b"", "give the components an address with http://", id="TLS"),
    pytest.param(b"spans\r\n\r\n", b"HTTP/1.0 400 ", "400 Bad Request", id="no HTTP"),
    pytest.param(b"POST /v1/traces HTTP/1.1\r\nX: " + b"x" * 300_000 + b"\r\n\r\n", b"HTTP/1.0 431 ", "431 Request Header Fields Too Large",
                 id="endless headers"),
    pytest.param(b"POST /v1/traces HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"HTTP/1.1 413 ", "413 Request Entity Too Large",
                 id="an endless body"),
])
def test_what_is_not_a_request_is_answered_and_reported(url: str, store: SpanStore, sent: bytes, answer: bytes, problem: str) -> None:
    """The connection is closed; the report says once what to change."""
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=10) as connection:
        connection.sendall(sent)
        received = read_all(connection)
    assert received.startswith(answer)
    assert len(store.problems) == 1
    assert problem in store.problems[0]
    assert post(url, b"{}", JSON).status_code == 200


def read_all(connection: socket.socket) -> bytes:
    """What arrives until the other end closes the connection."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            received += part
    return received


def test_spans_get_in_beside_a_thousand_idle_connections(url: str, store: SpanStore) -> None:
    """Connections above the limit are closed, the ones that sent nothing first; an exporter keeps its own."""
    body, port = (NODE / "01.json").read_bytes(), urlsplit(url).port or 0
    exporter = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def export() -> int:
        exporter.request("POST", "/v1/traces", body, {"Content-Type": JSON})
        answer = exporter.getresponse()
        answer.read()
        return answer.status

    with spare_descriptors(1200), contextlib.ExitStack() as opened:
        opened.callback(exporter.close)
        assert export() == 200
        for number in range(1000):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            connection.sendall(b"POST /v1/traces HTTP/1.1\r\n" if number % 2 else b"")
        assert post(url, body, JSON).status_code == 200
        assert export() == 200, "on the same connection"
    assert len(store.spans) == 3 * len({span.span_id for span in store.spans})


@contextlib.contextmanager
def spare_descriptors(wanted: int) -> Iterator[None]:
    """As many file descriptors for this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_connections_have_a_limit(url: str) -> None:
    """The oldest of those that sent nothing is closed."""
    with contextlib.ExitStack() as opened:
        first, *_ = [opened.enter_context(socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=10))
                     for _ in range(MAX_CONNECTIONS + 1)]
        assert read_all(first) == b""


@pytest.mark.parametrize("sent", [b"POST /v1/traces HTTP/1.1\r\nX: ", b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1"],
                         ids=["headers", "a body"])
def test_a_request_that_never_ends_is_closed(url: str, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """Bytes that trickle in do not keep the connection."""
    monkeypatch.setattr(connections, "MAX_REQUEST_S", 0.5)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=10) as connection:
        connection.sendall(sent)
        connection.settimeout(0.1)
        while time.monotonic() < began + 5:
            try:
                connection.sendall(b"1")
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
    assert 0.4 < time.monotonic() - began < 3


@pytest.mark.parametrize("where", ["http://0.0.0.0:4318", "http://192.0.2.1:4318", "http://tempo:4318", "https://127.0.0.1:4318",
                                   "http://127.0.0.1", "http://127.0.0.1:99999"])
def test_the_receiver_listens_on_loopback_only(where: str, store: SpanStore) -> None:
    """No other machine may send evidence."""
    with pytest.raises(ConfigError, match="loopback address with a port"):
        Receiver(where, store)


def test_a_port_in_use_is_an_error_with_a_fix(store: SpanStore) -> None:
    """The receiver does not compete with another gate or a collector; its own port is free again afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match="is in use") as caught, Receiver(where, store):
            pass
        assert "another port" in caught.value.fix
    with Receiver(where, store):
        assert post(where, b"{}", JSON).status_code == 200
    with pytest.raises(requests.ConnectionError):
        post(where, b"{}", JSON)
    with Receiver(where, store):
        assert post(where, b"{}", JSON).status_code == 200


def test_the_receiver_stops_at_once_with_open_connections(store: SpanStore) -> None:
    """Exporters keep connections open; the gate does not wait for them, and leaves no thread behind."""
    before = threading.active_count()
    with requests.Session() as session:
        with Receiver("http://127.0.0.1:0", store) as receiver:
            session.post(f"http://127.0.0.1:{receiver.port}/v1/traces", data=b"{}", headers={"Content-Type": JSON}, timeout=5)
            began = time.monotonic()
        assert time.monotonic() - began < 2
    assert threading.active_count() <= before


@pytest.fixture
def logs() -> LogStore:
    return LogStore(masker())


@pytest.fixture
def logs_url(store: SpanStore, logs: LogStore) -> Iterator[str]:
    with Receiver("http://127.0.0.1:0", store, logs) as receiver:
        yield f"http://127.0.0.1:{receiver.port}"


def test_the_exporter_of_the_sdk_delivers_logs(logs_url: str, logs: LogStore) -> None:
    """With trace, level and exception."""
    provider = LoggerProvider(resource=Resource.create({"service.name": "till"}))
    provider.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(f"{logs_url}/v1/logs")))
    with TracerProvider().get_tracer("test").start_as_current_span("GET") as span:
        provider.get_logger("till").emit(body="cannot charge Ana", severity_number=SeverityNumber.ERROR, timestamp=time.time_ns(),
                                         attributes={"exception.type": "KeyError"})
    provider.shutdown()
    (record,) = logs.masked(lambda _: True)
    context = span.get_span_context()
    assert (record.component, record.body, record.level, record.exception) == ("till", "cannot charge Ana", "error", "KeyError")
    assert (record.trace_id, record.span_id) == (f"{context.trace_id:032x}", f"{context.span_id:016x}")
    assert abs(record.at_s - time.time()) < 60


@pytest.mark.parametrize(("body", "media_type", "headers", "status", "problem"), [
    pytest.param(b"{", JSON, {}, 400, "a batch of log records cannot be read", id="invalid JSON"),
    pytest.param(b"\xff", PROTOBUF, {}, 400, "a batch of log records cannot be read", id="invalid protobuf"),
    pytest.param(gzip.compress(bytes(MAX_BODY_BYTES + 1)), PROTOBUF, {"Content-Encoding": "gzip"}, 400, "larger than", id="a gzip bomb"),
    pytest.param(bytes(MAX_BODY_BYTES + 1), PROTOBUF, {}, 413, "larger than", id="a body that is too large"),
])
def test_an_invalid_batch_of_logs_is_refused_and_reported(logs_url: str, store: SpanStore, logs: LogStore, body: bytes, media_type: str,
                                                          headers: dict[str, str], status: int, problem: str) -> None:
    assert post(logs_url, body, media_type, "/v1/logs", **headers).status_code == status
    assert problem in store.problems[0]
    assert post(logs_url, gzip.compress(b"{}"), JSON, "/v1/logs", **{"Content-Encoding": "gzip"}).status_code == 200
    assert logs.masked(lambda _: True) == ()


def test_a_batch_of_logs_is_accepted_in_part(logs_url: str, logs: LogStore) -> None:
    """One odd record loses itself alone, and is reported to the exporter."""
    document = {"resourceLogs": [{"scopeLogs": [{"logRecords": [5, {"severityNumber": 17, "body": {"stringValue": "x"}}]}]}]}
    answer = post(logs_url, json.dumps(document).encode(), JSON, "/v1/logs")
    assert (answer.status_code, answer.json()["partialSuccess"]["rejectedLogRecords"]) == (200, "1")
    assert [record.body for record in logs.masked(bool)] == ["x"]
    assert logs.problems == ("1 log records of a batch cannot be read",)
