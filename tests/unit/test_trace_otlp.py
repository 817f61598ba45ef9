"""OTLP in both encodings and both attribute conventions becomes the same spans; other data are refused."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from gonogo.model.span import Span
from gonogo.traffic.spans.conventions import MAX_KEPT_ATTRIBUTES, MAX_TEXT, MAX_URL
from gonogo.traffic.spans.foreign_json import MAX_VALUES
from gonogo.traffic.spans.otlp import (
    JSON,
    MAX_BODY_BYTES,
    PROTOBUF,
    decode,
    error_body,
    response_body,
    unpack,
)
from gonogo.traffic.spans.otlp_json import decode_document
from gonogo.traffic.spans.raw_span import (
    MAX_ATTRIBUTES,
    MAX_EVENTS,
    MAX_GROUPS,
    MAX_LINKS,
    MAX_SPANS_OF_A_BATCH,
    MalformedBatch,
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
    b'{"resourceSpans": [{"scopeSpans": "x"}]}', b"[" * 100_000, b'{"resourceSpans":' + b'[{"resource":' * 5000,
    b"[" + b"0," * MAX_VALUES + b"0]",
], ids=lambda body: repr(body[:40]))
def test_json_that_is_not_otlp_is_refused(body: bytes) -> None:
    """None of it ends in anything but a refusal."""
    with pytest.raises(MalformedBatch):
        decode(body, JSON)


ODD_ATTRIBUTES: dict[str, Any] = {
    "null in an array": {"key": "a", "value": {"arrayValue": {"values": [None, {"stringValue": "a"}]}}},
    "null": None, "a number": 3, "no key": {"value": {"stringValue": "a"}}, "a key that is a number": {"key": 3},
    "null as value": {"key": "a", "value": None}, "a list as value": {"key": "a", "value": [1]},
    "a text where a number belongs": {"key": "a", "value": {"intValue": "many"}},
    "a number where a text belongs": {"key": "a", "value": {"stringValue": 3}},
    "a mapping where an array belongs": {"key": "a", "value": {"arrayValue": {"a": 1}}},
    "an integer of 5,000 digits": {"key": "a", "value": {"intValue": "#" * 5000}},
    "not a number": {"key": "a", "value": {"doubleValue": float("nan")}},
    "half of a surrogate pair": {"key": "a\ud800", "value": {"stringValue": "\udfff"}},
    "bytes that are not base64": {"key": "a", "value": {"bytesValue": "!"}},
    "a type that does not exist": {"key": "a", "value": {"dateValue": 1}},
    "250 arrays in one another": {"key": "a", "value": json.loads('{"arrayValue":{"values":[' * 250 + "]}}" * 250)},
    "200 mappings in one another": {"key": "a", "value": json.loads('{"kvlistValue":{"values":[{"value":' * 200 + "1" + "}]}}" * 200)},
    "a text of 100 KB": {"key": "a", "value": {"stringValue": "x" * 100_000}},
}


@pytest.mark.parametrize("odd", ODD_ATTRIBUTES.values(), ids=ODD_ATTRIBUTES.keys())
@pytest.mark.parametrize("place", ["span", "event", "link", "resource"])
def test_an_odd_attribute_in_json_is_lost_alone(odd: object, place: str) -> None:
    """The other attributes of its span are read, and the other spans of its batch."""
    given = document(attributes=OLD_SERVER, events=[{"name": "exception", "attributes": attributes(exception__message="no seat")}],
                     links=[{"traceId": "ab" * 16}])
    holder = given["resourceSpans"][0]["resource"] if place == "resource" else given["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    holder = {"event": lambda: holder["events"][0], "link": lambda: holder["links"][0]}.get(place, lambda: holder)()
    holder["attributes"] = [odd, *holder.get("attributes", [])]
    body = json.dumps(given).replace('"' + "#" * 5000 + '"', "9" * 5000).encode()
    batch = decode(body, JSON)
    (span,) = batch.spans
    assert (span.component, span.status, span.error_text, span.links, batch.rejected) == ("stock", 200, "no seat", ("ab" * 16,), 0)


ODD_MEMBERS: dict[str, dict[str, Any]] = {
    "a name that is a number": {"name": 3}, "a name with half of a surrogate pair": {"name": "\ud800"},
    "a start that is no number": {"startTimeUnixNano": "soon"}, "an end that is infinite": {"endTimeUnixNano": 1e400},
    "an end of 30 digits": {"endTimeUnixNano": 10 ** 30}, "a negative start": {"startTimeUnixNano": -5},
    "an unknown kind": {"kind": "SPAN_KIND_NEW"}, "a kind that is a list": {"kind": [2]},
    "a status that is a text": {"status": "ERROR"}, "events that are a text": {"events": "x"}, "an event that is null": {"events": [None]},
    "links that are a mapping": {"links": {}}, "a link without an id": {"links": [{"traceId": 3}, None]},
    "attributes that are a mapping": {"attributes": {"a": 1}}, "a parent that is a number": {"parentSpanId": 7},
}


@pytest.mark.parametrize("odd", ODD_MEMBERS.values(), ids=ODD_MEMBERS.keys())
def test_an_odd_member_of_a_span_is_lost_alone(odd: dict[str, Any]) -> None:
    """The span keeps its ids and its place, with a duration that is never negative."""
    span = only_span(document(**odd))
    assert (span.trace_id, span.span_id, span.component, span.links) == (TRACE, SPAN, "stock", ())
    assert 0 <= span.duration_ms < 1e15


def test_the_new_name_of_a_member_counts_whatever_the_order() -> None:
    """OTLP 0.16 to 0.18 had the same spans under both names, or an empty list under the old one."""
    (resource,) = document()["resourceSpans"]
    new = {"scopeSpans": resource["scopeSpans"]}
    for old in ([], [{"spans": [{"traceId": TRACE, "spanId": PARENT}]}]):
        for members in ({**new, "instrumentationLibrarySpans": old}, {"instrumentationLibrarySpans": old, **new}):
            assert [span.span_id for span in decode_document({"resourceSpans": [members]}).spans] == [SPAN]
    only_old = {"instrumentationLibrarySpans": new["scopeSpans"], "scopeSpans": []}
    assert [span.span_id for span in decode_document({"resourceSpans": [only_old]}).spans] == [SPAN]


def test_a_span_that_is_no_object_is_rejected_alone() -> None:
    """The others of its list are read."""
    given = document()
    given["resourceSpans"][0]["scopeSpans"][0]["spans"] += [None, 3, {}, "x"]
    batch = decode(json.dumps(given).encode(), JSON)
    assert (len(batch.spans), batch.rejected) == (1, 4)


def field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a protobuf message."""
    length, rest = b"", len(value)
    while rest > 127:
        length, rest = length + bytes([rest & 127 | 128]), rest >> 7
    return bytes([number << 3 | 2]) + length + bytes([rest]) + value


def nested(depth: int, wrapped: Callable[[bytes], bytes]) -> bytes:
    value = field(1, b"x")
    for _ in range(depth):
        value = wrapped(value)
    return value


def key_value(value: bytes) -> bytes:
    return field(1, b"a") + field(2, value)


ODD_BYTES = {
    "a text that is not UTF-8": key_value(field(1, b"\xff\xfe")), "a key that is not UTF-8": field(1, b"\xff"),
    "not protobuf": b"\xff\xff\xff", "empty": b"", "a number where a text belongs": bytes([2 << 3, 5]),
    "300 arrays in one another": key_value(nested(300, lambda value: field(5, field(1, value)))),
    "300 mappings in one another": key_value(nested(300, lambda value: field(6, field(1, key_value(value))))),
    "a text of 100 KB": key_value(field(1, b"x" * 100_000)),
}


@pytest.mark.parametrize("odd", ODD_BYTES.values(), ids=ODD_BYTES.keys())
@pytest.mark.parametrize("place", ["span", "event", "resource"])
def test_odd_bytes_in_protobuf_are_lost_alone(odd: bytes, place: str) -> None:
    """The generated classes refuse the whole batch for one of these."""
    event = field(2, b"exception") + field(3, field(1, b"exception.message") + field(2, field(1, b"no seat")))
    span = field(1, bytes.fromhex(TRACE)) + field(2, bytes.fromhex(SPAN)) + field(9, field(1, b"http.method") + field(2, field(1, b"GET")))
    span += field(11, event + (field(3, odd) if place == "event" else b"")) + (field(9, odd) if place == "span" else b"")
    resource = field(1, field(1, b"service.name") + field(2, field(1, b"stock"))) + (field(1, odd) if place == "resource" else b"")
    whole = field(1, field(1, resource) + field(2, b"\xff") + field(2, field(2, span) + field(2, b"\xff")))
    batch = decode(field(1, b"\xff") + whole, PROTOBUF)
    (read,) = batch.spans
    assert (read.component, read.method, read.error_text) == ("stock", "GET", "no seat")
    assert batch.rejected == 3, "a resource, a scope and a span"


def test_what_is_kept_of_a_span_is_limited() -> None:
    """Texts are cut; attributes, events and links beyond the limits are left out."""
    many = [{"key": f"gonogo.{number}", "value": {"stringValue": "x" * 9000}} for number in range(MAX_ATTRIBUTES + 10)]
    late = {"key": "http.method", "value": {"stringValue": "GET"}}
    exception = {"name": "exception", "attributes": attributes(exception__message="y" * 9000)}
    span = only_span(document(
        name="n" * 9000, attributes=[*attributes(url__full="http://gds/" + "u" * 9000, http__request__method="GET"), *many, late],
        links=[{"traceId": f"{number:032x}"} for number in range(1, MAX_LINKS + 10)],
        events=[exception, *[{"name": "x"}] * (MAX_EVENTS - 1)]))
    assert (len(span.name), len(span.url), len(span.links)) == (MAX_TEXT, MAX_URL, MAX_LINKS)
    assert {len(value) for value in span.attributes.values()} == {MAX_TEXT}
    assert (len(span.attributes), len(span.error_text), span.method) == (MAX_KEPT_ATTRIBUTES, MAX_TEXT, "GET")
    assert only_span(document(events=[exception, *[{"name": "x"}] * MAX_EVENTS])).error_text == ""


TOO_MANY = {
    "spans": (f'{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{"{}," * MAX_SPANS_OF_A_BATCH}{{}}]}}]}}]}}'.encode(), JSON),
    "scopes": (f'{{"resourceSpans": [{{"scopeSpans": [{"{}," * MAX_GROUPS}{{}}]}}]}}'.encode(), JSON),
    "resources": (f'{{"resourceSpans": [{"{}," * MAX_GROUPS}{{}}]}}'.encode(), JSON),
    "spans in protobuf": (field(1, field(2, b"\x12\x00" * (MAX_SPANS_OF_A_BATCH + 1))), PROTOBUF),
    "scopes in protobuf": (field(1, b"\x12\x00" * (MAX_GROUPS + 1)), PROTOBUF),
    "resources in protobuf": (b"\x0a\x00" * (MAX_BODY_BYTES // 2), PROTOBUF),
}


@pytest.mark.parametrize(("body", "media_type"), TOO_MANY.values(), ids=TOO_MANY.keys())
def test_a_batch_of_too_many_parts_is_refused(body: bytes, media_type: str) -> None:
    """A few bytes of a body can become an object each."""
    with pytest.raises(MalformedBatch, match="send smaller batches"):
        decode(body, media_type)


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
