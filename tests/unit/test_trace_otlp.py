"""OTLP in both encodings and both attribute conventions becomes the same spans; other data are refused."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from gonogo.model.span import Span
from gonogo.traffic.spans.otlp import (
    JSON,
    MAX_BODY_BYTES,
    PROTOBUF,
    MalformedBatch,
    decode,
    decode_document,
    error_body,
    response_body,
    unpack,
)

TRACE, SPAN, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"


def attributes(**values: object) -> list[dict[str, Any]]:
    kinds = {str: "stringValue", bool: "boolValue", int: "intValue", float: "doubleValue"}
    return [{"key": key.replace("__", "."), "value": {kinds[type(value)]: value}} for key, value in values.items()]


def document(**span: object) -> dict[str, Any]:
    whole = {"traceId": TRACE, "spanId": SPAN, "parentSpanId": PARENT, "name": "GET /items/:id", "kind": 2,
             "startTimeUnixNano": "1500000000", "endTimeUnixNano": "1520250000", **span}
    return {"resourceSpans": [{"resource": {"attributes": attributes(service__name="stock")},
                               "scopeSpans": [{"spans": [whole]}]}]}


def only_span(document: object, media_type: str = JSON) -> Span:
    batch = decode(json.dumps(document).encode(), media_type)
    assert batch.rejected == 0
    return batch.spans[0]


OLD_SERVER = attributes(http__method="GET", http__scheme="http", http__host="127.0.0.1:8304", http__target="/bookings/7?page=2",
                        http__route="/bookings/<booking_id>", http__status_code=200)
NEW_SERVER = attributes(http__request__method="GET", url__scheme="http", server__address="127.0.0.1", server__port=8304,
                        url__path="/bookings/7", url__query="page=2", http__route="/bookings/<booking_id>",
                        http__response__status_code=200)


@pytest.mark.parametrize("given", [OLD_SERVER, NEW_SERVER], ids=["old", "new"])
def test_server_span_is_the_same_in_both_conventions(given: list[dict[str, Any]]) -> None:
    """Method, URL, route and status are found under their old and their new names."""
    assert only_span(document(attributes=given)) == Span(
        TRACE, SPAN, PARENT, "stock", "GET /items/:id", "server", 1.5, 20.25, status=200, method="GET",
        url="http://127.0.0.1:8304/bookings/7?page=2", route="/bookings/<booking_id>", system="http")


CLIENTS: dict[str, tuple[list[dict[str, Any]], dict[str, object]]] = {
    "HTTP, old convention": (attributes(http__method="post", http__url="http://gds:1/reservations", http__status_code=400),
                 {"method": "POST", "url": "http://gds:1/reservations", "status": 400, "system": "http"}),
    "HTTP, new convention": (attributes(http__request__method="POST", url__full="http://gds:1/reservations", http__response__status_code="503"),
                 {"method": "POST", "url": "http://gds:1/reservations", "status": 503, "failed": True}),
    "a non-standard method": (attributes(http__request__method="_OTHER", http__request__method_original="PURGE", url__full="http://c/"),
                      {"method": "PURGE"}),
    "a status that is not a number": (attributes(http__method="GET", http__status_code="OK"), {"status": 0, "failed": False}),
    "gRPC": (attributes(rpc__system="grpc", rpc__service="shop.Cart", rpc__method="Add", server__address="cart", server__port=70,
                        rpc__grpc__status_code=14),
             {"system": "grpc", "operation": "shop.Cart/Add", "url": "grpc://cart:70", "failed": True}),
    "SMTP": (attributes(rpc__system="smtp", rpc__method="send", peer__service="mailbox"),
             {"system": "smtp", "operation": "send", "peer": "mailbox", "failed": False}),
    "a queue": (attributes(messaging__system="kafka", messaging__destination__name="orders", net__peer__name="broker"),
                {"system": "kafka", "operation": "orders", "url": "kafka://broker"}),
    "a table, old convention": (attributes(db__system="postgresql", db__operation="SELECT", db__sql__table="seats", net__peer__ip="::1",
                                net__peer__port=5432),
                     {"system": "postgresql", "operation": "SELECT seats", "url": "postgresql://[::1]:5432"}),
    "a table, new convention": (attributes(db__system__name="postgresql", db__operation__name="SELECT", db__collection__name="seats"),
                     {"system": "postgresql", "operation": "SELECT seats", "url": ""}),
    "only unknown attributes": (attributes(response_body=42, ok=True, ratio=0.5), {"system": "", "method": "", "url": "", "attributes": {}}),
}


@pytest.mark.parametrize(("given", "expected"), CLIENTS.values(), ids=CLIENTS.keys())
def test_client_span(given: list[dict[str, Any]], expected: dict[str, object]) -> None:
    """Operation and callee are read from the attributes of HTTP, remote calls, queues and databases."""
    span = only_span(document(attributes=given, kind="SPAN_KIND_CLIENT"))
    assert span.kind == "client"
    assert {key: getattr(span, key) for key in expected} == expected


def test_error_text_is_that_of_the_last_exception() -> None:
    """It is the exception's message, or else the message of the status; a span whose status is OK has not failed."""
    exception = {"name": "exception", "attributes": attributes(exception__type="TypeError", exception__message="no size")}
    failed = {"code": "STATUS_CODE_ERROR", "message": "went wrong"}
    assert only_span(document(status=failed, events=[{"name": "log"}, exception])).error_text == "no size"
    assert only_span(document(status=failed)).error_text == "went wrong"
    assert only_span(document(status=failed)).failed
    assert not only_span(document(status={"code": 1}, events=[exception])).failed


def test_only_known_attributes_are_kept() -> None:
    """Headers and statements do not reach the record; the project's own attributes and the error type do."""
    span = only_span(document(attributes=attributes(http__request__header__authorization="Bearer x", db__statement="SELECT 1",
                                                    gonogo__step="Ana pays", error__type="Timeout")))
    assert span.attributes == {"gonogo.step": "Ana pays", "error.type": "Timeout"}


def test_protobuf_and_json_give_the_same_spans() -> None:
    """A JSON document and its protobuf give the same spans, and so do the variants that Tempo writes."""
    given = document(attributes=OLD_SERVER, status={"code": 2, "message": "x"})
    as_protobuf = json.loads(json.dumps(given).replace(TRACE, base64.b64encode(bytes.fromhex(TRACE)).decode())
                             .replace(SPAN, base64.b64encode(bytes.fromhex(SPAN)).decode())
                             .replace(PARENT, base64.b64encode(bytes.fromhex(PARENT)).decode()))
    request = json_format.ParseDict(as_protobuf, ExportTraceServiceRequest())
    assert decode(request.SerializeToString(), PROTOBUF).spans == (only_span(given),)
    assert decode_document(as_protobuf).spans == (only_span(given),), "ids in base64, as Tempo writes them"
    assert decode_document({"batches": given["resourceSpans"]}).spans == (only_span(given),), "Tempo's name"


def test_numbers_as_text_kinds_as_names_and_unknown_members_are_accepted() -> None:
    """Where the specification allows two forms, both are read; unknown members are ignored."""
    span = only_span(document(kind="SPAN_KIND_SERVER", startTimeUnixNano=1500000000, links=[{"traceId": 3}], new={"a": 1},
                              attributes=[*attributes(http__status_code="404"), {"key": "n", "value": {"intValue": "9"}},
                                          {"key": "l", "value": {"arrayValue": {"values": [{"stringValue": "a"}]}}},
                                          {"key": "b", "value": {"bytesValue": "AAE="}}, {"key": "empty"}]))
    assert (span.kind, span.started_s, span.status) == ("server", 1.5, 404)


@pytest.mark.parametrize("ids", [
    {"traceId": ""}, {"traceId": "00" * 16}, {"traceId": "ab"}, {"traceId": "z" * 32}, {"traceId": 7}, {"traceId": None},
    {"spanId": ""}, {"spanId": "00" * 8}, {"spanId": TRACE}, {"spanId": "é" * 16}, {"spanId": "!!"},
])
def test_span_without_valid_ids_is_counted_and_left_out(ids: dict[str, object]) -> None:
    """It has no place in a trace; the other spans of its batch are accepted."""
    given = document(**ids)
    given["resourceSpans"].append(document()["resourceSpans"][0])
    batch = decode(json.dumps(given).encode(), JSON)
    assert (len(batch.spans), batch.rejected) == (1, 1)


def test_invalid_parent_id_makes_the_span_a_root() -> None:
    """An id of zeros is no parent. Also, a component without a name is "unknown", and no duration is negative."""
    given = document(parentSpanId="0" * 16, endTimeUnixNano="1")
    given["resourceSpans"][0]["resource"] = {}
    span = only_span(given)
    assert (span.parent_id, span.component, span.duration_ms) == ("", "unknown", 0.0)


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"3", b"\xff", b'{"resourceSpans": 3}', b'{"resourceSpans": [3]}', b'{"resourceSpans": {"a": 1}}',
    b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": 3}]}]}]}', b'{"resourceSpans": [{"scopeSpans": "x"}]}', b"[" * 100_000,
    json.dumps(document(name="\ud800")).encode(), json.dumps(document(startTimeUnixNano="soon")).encode(),
    json.dumps(document(endTimeUnixNano=1e400)).encode(),
    b'{"resourceSpans":' + b'[{"resource":' * 5000,
], ids=lambda body: repr(body[:40]))
def test_json_that_is_not_otlp_is_refused(body: bytes) -> None:
    """None of it ends in anything but a refusal."""
    with pytest.raises(MalformedBatch):
        decode(body, JSON)


@pytest.mark.parametrize("body", [b"abc", b"\x0a\xff\xff\xff\xff\x0f", bytes(range(1, 200))])
def test_protobuf_that_is_not_otlp_is_refused(body: bytes) -> None:
    """None of it ends in anything but a refusal."""
    with pytest.raises(MalformedBatch):
        decode(body, PROTOBUF)


def test_compressed_bodies_are_decompressed_within_limits() -> None:
    """gzip and deflate are decompressed; a decompression bomb, an incomplete body or another encoding is refused."""
    assert unpack(b"x", "") == unpack(b"x", "identity") == unpack(gzip.compress(b"x"), "gzip") == unpack(zlib.compress(b"x"), "deflate")
    bomb = gzip.compress(bytes(MAX_BODY_BYTES + 1))
    assert len(bomb) < 100_000
    for body, encoding, why in ((bomb, "gzip", "larger than"), (gzip.compress(b"x" * 99)[:-9], "gzip", "cut off"),
                                (b"no gzip", "gzip", "not gzip"), (b"x", "br", "'br'")):
        with pytest.raises(MalformedBatch, match=why):
            unpack(body, encoding)


def test_responses_follow_the_specification() -> None:
    """A success is an export response, an error a google.rpc.Status, each in the encoding of the request."""
    assert response_body(PROTOBUF) == b""
    assert json.loads(response_body(JSON)) == {}
    assert ExportTraceServiceResponse.FromString(response_body(PROTOBUF, rejected=2)).partial_success.rejected_spans == 2
    assert json.loads(response_body(JSON, rejected=2))["partialSuccess"]["rejectedSpans"] == "2"
    assert Status.FromString(error_body(PROTOBUF, "no")).message == "no"
    assert json.loads(error_body(JSON, "no")) == {"code": 3, "message": "no"}
