"""OTLP over HTTP: decompresses and decodes the body of a request, and encodes answers in the producer's encoding.

`otlp_protobuf` and `otlp_json` decode the spans, those of `logs` the log records; `receiver` listens.
"""

from __future__ import annotations

import zlib

from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from gonogo.traffic.logs import otlp_json as logs_json
from gonogo.traffic.logs import otlp_protobuf as logs_protobuf
from gonogo.traffic.logs.raw_record import LogBatch
from gonogo.traffic.spans.foreign_json import parsed
from gonogo.traffic.spans.otlp_json import decode_document
from gonogo.traffic.spans.otlp_protobuf import decode_protobuf
from gonogo.traffic.spans.raw_span import Batch, MalformedBatch

PROTOBUF = "application/x-protobuf"
PROTOBUF_TYPES = (PROTOBUF, "application/protobuf")
JSON = "application/json"
MAX_BODY_BYTES = 8 * 1024 * 1024  # of a batch, decompressed; SDKs send 512 spans at a time

_WINDOWS = {"gzip": 31, "deflate": 15}
_INVALID_ARGUMENT = 3  # google.rpc.Code


class UnknownEncoding(MalformedBatch):
    """The body is compressed in a way that is not supported."""


def unpack(body: bytes, encoding: str) -> bytes:
    """Decompress `body`. Raises MalformedBatch, also if the result is larger than MAX_BODY_BYTES."""
    if encoding.lower() in ("", "identity"):
        return body
    window = _WINDOWS.get(encoding.lower())
    if window is None:
        raise UnknownEncoding(f"the content encoding is '{encoding}'; supported are gzip, deflate and identity: set "
                              "OTEL_EXPORTER_OTLP_COMPRESSION=gzip")
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise MalformedBatch(f"the body is not {encoding}: {error}") from error
    if unpacker.unconsumed_tail:
        raise MalformedBatch(f"the decompressed body is larger than {MAX_BODY_BYTES} bytes")
    if not unpacker.eof:
        raise MalformedBatch(f"the {encoding} body is cut off")
    return unpacked


def decode(body: bytes, media_type: str) -> Batch:
    """The spans of an export request in either encoding. Raises MalformedBatch."""
    return decode_protobuf(body) if media_type in PROTOBUF_TYPES else decode_document(parsed(body))


def decode_logs(body: bytes, media_type: str) -> LogBatch:
    """The log records of an export request in either encoding. Raises MalformedBatch."""
    return (logs_protobuf.decode_logs(body) if media_type in PROTOBUF_TYPES
            else logs_json.decode_logs(parsed(body)))


def response_body(media_type: str, *, rejected: int = 0) -> bytes:
    """The body of a success answer; rejected spans are reported as a partial success."""
    response = ExportTraceServiceResponse()
    if rejected:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = "a trace id must have 16 bytes and a span id 8, not all zero"
    return _encoded(response, media_type)


def logs_response_body(media_type: str, *, rejected: int = 0) -> bytes:
    """As `response_body`, for log records."""
    response = ExportLogsServiceResponse()
    if rejected:
        response.partial_success.rejected_log_records = rejected
        response.partial_success.error_message = "these records cannot be decoded"
    return _encoded(response, media_type)


def error_body(media_type: str, what: str) -> bytes:
    """The body of an error answer."""
    return _encoded(Status(code=_INVALID_ARGUMENT, message=what), media_type)


def _encoded(message: Message, media_type: str) -> bytes:
    if media_type == JSON:
        return bytes(json_format.MessageToJson(message, indent=None).encode())
    return bytes(message.SerializeToString())
