"""Log records: from both encodings of OTLP and from lines of text, within limits, masked, and joined with scenarios."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as Sent
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from gonogo.config import Environment
from gonogo.model.calls import WireEvidence
from gonogo.model.exchange import Exchange
from gonogo.model.exposures import LoggedErrors, LoggedKind
from gonogo.model.logs import LogRecord
from gonogo.model.not_checked import ErrorsWithoutScenario, NoLogs, NotChecked
from gonogo.model.run import RunEvidence
from gonogo.model.span import SCENARIO, Span
from gonogo.records import logs as logs_file
from gonogo.records.logs import read_logs, write_logs
from gonogo.report.errors_file import error_line
from gonogo.secrets.known import Secrets
from gonogo.traffic.analysis.documents import document_of_logs, document_of_secrets, errors_of, places_of
from gonogo.traffic.analysis.logged_errors import MAX_ERRORS, logged_errors
from gonogo.traffic.logs import raw_record
from gonogo.traffic.logs.lines import records_in
from gonogo.traffic.logs.log_store import LogLimits, LogStore
from gonogo.traffic.logs.raw_record import MAX_BODY_CHARS, MAX_RECORD_ATTRIBUTES
from gonogo.traffic.spans.otlp import JSON, PROTOBUF, decode_logs
from gonogo.traffic.spans.raw_span import MalformedBatch
from gonogo.verdict.rules.not_checked import not_checked
from tests.masks import mask, masker

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
RECORD = {
    "timeUnixNano": "1767261601500000000", "severityNumber": 17, "body": {"stringValue": "no seat"}, "traceId": TRACE, "spanId": SPAN,
    "attributes": [{"key": "exception.type", "value": {"stringValue": "SeatTaken"}}, {"key": "n", "value": {"intValue": "3"}}]}
READ = LogRecord("shop", "no seat", "error", 1767261601.5, TRACE, SPAN, "SeatTaken", {"exception.type": "SeatTaken", "n": "3"})


def in_json(*records: object) -> bytes:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}).encode()


def in_protobuf(*records: Sent | bytes) -> bytes:
    resource = Resource(attributes=[KeyValue(key="service.name", value=AnyValue(string_value="shop"))])
    scope = b"".join(b"\x12" + _length(raw) + raw for raw in (each if isinstance(each, bytes) else each.SerializeToString() for each in records))
    logs = ResourceLogs(resource=resource).SerializeToString() + b"\x12" + _length(scope) + scope
    return b"\x0a" + _length(logs) + logs


def _length(raw: bytes) -> bytes:
    size, encoded = len(raw), b""
    while size >= 128:
        encoded, size = encoded + bytes([size % 128 | 128]), size // 128
    return encoded + bytes([size])


def sent(**changes: object) -> Sent:
    members: dict[str, object] = {
        "time_unix_nano": 1767261601500000000, "severity_number": 17, "body": AnyValue(string_value="no seat"),
        "trace_id": bytes.fromhex(TRACE), "span_id": bytes.fromhex(SPAN),
        "attributes": [KeyValue(key="exception.type", value=AnyValue(string_value="SeatTaken")), KeyValue(key="n", value=AnyValue(int_value=3))]}
    return Sent(**{**members, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("body", "media_type"), [(in_json(RECORD), JSON), (in_protobuf(sent()), PROTOBUF)], ids=["JSON", "protobuf"])
def test_record_is_read_from_both_encodings(body: bytes, media_type: str) -> None:
    assert decode_logs(body, media_type).records == (READ,)


def test_helper_of_this_module_writes_protobuf() -> None:
    """Otherwise damaged parts would prove nothing."""
    [resource] = ExportLogsServiceRequest.FromString(in_protobuf(sent())).resource_logs
    assert resource == ResourceLogs(resource=resource.resource, scope_logs=[ScopeLogs(log_records=[sent()])])


@pytest.mark.parametrize(("body", "media_type"), [
    pytest.param(in_json("no record", RECORD, 7), JSON, id="JSON"),
    pytest.param(in_protobuf(b"\x0a\xff", sent(), b"\xff\xff"), PROTOBUF, id="protobuf")])
def test_odd_record_is_lost_alone(body: bytes, media_type: str) -> None:
    batch = decode_logs(body, media_type)
    assert (batch.records, batch.rejected) == ((READ,), 2)


@pytest.mark.parametrize(("changes", "expected"), [
    pytest.param({"severityNumber": 0, "severityText": "Warning"}, {"level": "warn"}, id="a level by its name"),
    pytest.param({"severityNumber": "SEVERITY_NUMBER_FATAL"}, {"level": "fatal"}, id="a number by its name"),
    pytest.param({"severityNumber": -1, "severityText": "?"}, {"level": ""}, id="no level"),
    pytest.param({"severityNumber": 99}, {"level": ""}, id="a number that is none"),
    pytest.param({"traceId": "0" * 32, "spanId": "x"}, {"trace_id": "", "span_id": ""}, id="invalid ids"),
    pytest.param({"timeUnixNano": "0", "observedTimeUnixNano": "2000000000"}, {"at_s": 2.0}, id="when it was observed"),
    pytest.param({"timeUnixNano": "soon"}, {"at_s": 0.0}, id="no time"),
    pytest.param({"body": {"kvlistValue": {"values": [{"key": "event", "value": {"stringValue": "paid"}}]}}}, {"body": "event=paid"}, id="a map"),
    pytest.param({"body": "text"}, {"body": ""}, id="a body that is no value"),
    pytest.param({"attributes": 5}, {"attributes": {}, "exception": ""}, id="attributes that are none"),
    pytest.param({"body": {"stringValue": "x" * 99_999}}, {"body": "x" * MAX_BODY_CHARS}, id="a long body"),
])
def test_odd_members_are_empty_ones(changes: dict[str, object], expected: dict[str, object]) -> None:
    assert decode_logs(in_json({**RECORD, **changes}), JSON).records == (replace(READ, **expected),)  # type: ignore[arg-type]


def test_structured_body_is_text_in_protobuf_too() -> None:
    body = AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="event", value=AnyValue(string_value="paid"))]))
    assert decode_logs(in_protobuf(sent(body=body)), PROTOBUF).records[0].body == "event=paid"


@pytest.mark.parametrize(("body", "media_type"), [(b"[]", JSON), (b"{", JSON), (b'{"resourceLogs": 5}', JSON), (b'{"resourceLogs": [5]}', JSON), (b"\xff", PROTOBUF)])
def test_what_is_no_batch_is_refused(body: bytes, media_type: str) -> None:
    with pytest.raises(MalformedBatch):
        decode_logs(body, media_type)


def test_batch_and_attributes_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {**RECORD, "attributes": [{"key": f"k{number}", "value": {"stringValue": "v" * 5_000}} for number in range(99)]}
    [record] = decode_logs(in_json(many), JSON).records
    assert len(record.attributes) == MAX_RECORD_ATTRIBUTES
    assert {len(value) for value in record.attributes.values()} == {raw_record.MAX_ATTRIBUTE_CHARS}
    monkeypatch.setattr(raw_record, "MAX_RECORDS_OF_A_BATCH", 2)
    with pytest.raises(MalformedBatch, match="more than 2 log records"):
        decode_logs(in_json(RECORD, RECORD, RECORD), JSON)


TRACEBACK = '2026-01-01 10:00:01,500 ERROR shop failed\nTraceback (most recent call last):\n  File "x", line 1\n    foo\nKeyError: \'given\''
LINES = {
    "text with a stack trace": (TRACEBACK, ("error", 1767261601.5, "", "KeyError", TRACEBACK)),
    "a level in brackets": ("[2026-01-01T10:00:01Z] [warning] full", ("warn", 1767261601.0, "", "", "[2026-01-01T10:00:01Z] [warning] full")),
    "logfmt": ('ts=1 level=error msg="x"', ("error", 0.0, "", "", 'ts=1 level=error msg="x"')),
    "glog": ("E0101 10:00:00.0 a.go:1] full", ("error", 0.0, "", "", "E0101 10:00:00.0 a.go:1] full")),
    "Java": ("ERROR x\njava.lang.IllegalStateException: y\n\tat a.B.c(B.java:1)", ("error", 0.0, "", "IllegalStateException", ...)),
    "a trace in the text": (f"INFO paid trace_id={TRACE} span_id={SPAN}", ("info", 0.0, TRACE, "", ...)),
    "a trace in the text, quoted": (f'INFO paid "traceId": "{TRACE.upper()}"', ("info", 0.0, TRACE, "", ...)),
    "traceparent in the text": (f"INFO paid 00-{TRACE}-{SPAN}-01", ("info", 0.0, TRACE, "", ...)),
    "no trace": (f"INFO paid order={TRACE}", ("info", 0.0, "", "", ...)),
    "a trace of zeros": (f"INFO paid trace_id={'0' * 32}", ("info", 0.0, "", "", ...)),
    "nothing that is known": ("hello", ("", 0.0, "", "", "hello")),
    "python's JSON": (json.dumps({"levelname": "ERROR", "message": "no", "asctime": "2026-01-01 10:00:01,000", "trace_id": TRACE, "exc_info": "Traceback (most recent call last):\n  x\nshop.SeatTaken: 4A"}),
                      ("error", 1767261601.0, TRACE, "SeatTaken", ...)),
    "pino's JSON": (json.dumps({"level": 50, "msg": "no", "time": 1767261601500, "err": {"type": "TypeError", "message": "x"}}), ("error", 1767261601.5, "", "TypeError", ...)),
    "JSON of numbers": ('{"level": {}, "msg": 5, "time": [1], "traceId": 7}', ("", 0.0, "", "", "5")),
    "JSON that is cut": ('{"level": "error", "msg', ("", 0.0, "", "", '{"level": "error", "msg')),
    "a time that is none": ("2026-99-99 10:00:01 ERROR x", ("error", 0.0, "", "", ...)),
}


@pytest.mark.parametrize(("text", "expected"), LINES.values(), ids=LINES)
def test_line_of_a_file_is_a_record(text: str, expected: tuple[object, ...]) -> None:
    [record] = records_in(text.split("\n"), "shop", "shop.log")
    found = (record.level, record.at_s, record.trace_id, record.exception, record.body)
    assert found[:4] == expected[:4]
    assert expected[4] in (..., record.body)
    assert (record.component, record.source) == ("shop", "shop.log")


def test_lines_that_begin_no_record_belong_to_the_one_before() -> None:
    lines = ["INFO one", "", "  two", "INFO three", '{"msg": "four", "service": {"name": "till"}}', "", "", "INFO five"]
    found = [(record.component, record.body) for record in records_in(lines, "shop", "shop.log")]
    assert found == [("shop", "INFO one\n\n  two"), ("shop", "INFO three"), ("till", "four"), ("shop", "INFO five")]


def test_stack_trace_is_bounded() -> None:
    [record] = records_in(["ERROR x", *("  at y" * 100 for _ in range(1_000))], "shop", "shop.log")
    assert MAX_BODY_CHARS - 1_000 < len(record.body) <= MAX_BODY_CHARS


def record(body: str = "x", level: str = "info", trace: str = "") -> LogRecord:
    return LogRecord("shop", body, level, trace_id=trace)  # type: ignore[arg-type]


def test_errors_and_records_of_the_run_are_kept() -> None:
    """And every record in which a secret was masked, of whatever trace."""
    store = LogStore(masker({"SHOP_PASSWORD": "hunter-2024"}))
    store.add([record("a"), record("b", "error"), record("c", trace=TRACE), record("d", trace="f" * 32), record("hunter-2024")])
    assert [each.body for each in store.masked(lambda trace: trace == TRACE)] == ["b", "c", mask("hunter-2024", "password")]


def test_what_a_scenario_used_is_masked_within_its_trace() -> None:
    """Without a trace only what is unmistakable: any scenario may have used it."""
    own = masker()
    store = LogStore(own)
    store.add([record(body, "error", trace) for trace in (TRACE, "f" * 32, "") for body in ("in as secret", "in as Ana-2031-x")])
    own.learn_of(TRACE, Secrets({"secret": "password", "Ana-2031-x": "password"}))
    weak, strong = mask("secret", "password"), mask("Ana-2031-x", "password")
    assert [each.body for each in store.masked(bool)] == [
        f"in as {weak}", f"in as {strong}", *["in as secret", f"in as {strong}"] * 2]


def test_mail_can_have_the_secrets_of_all_scenarios_that_use_its_address() -> None:
    """Everyday words of these alone; what cannot be mistaken, of any scenario."""
    own = masker()
    for trace, word in (("1", "sesame"), ("2", "winter"), ("3", "garden"), ("4", "Ana-2031-x")):
        own.learn_of(trace, Secrets({word: "password"}))
    assert own.among(["1", "2", "9"]).text("sesame winter garden Ana-2031-x") == " ".join(
        [own.mask("sesame", "password"), own.mask("winter", "password"), "garden", own.mask("Ana-2031-x", "password")])
    assert own.among([]).text("sesame Ana-2031-x") == f"sesame {own.mask('Ana-2031-x', 'password')}"


def test_card_that_is_learned_late_is_masked_within_a_trace_too() -> None:
    own = masker()
    own.learn_of(TRACE, Secrets({"Ana-2031-x": "password"}))
    assert own.within(TRACE).text("4111111111111111") == "4111111111111111"
    own.learn(Secrets({"4111111111111111": "card"}))
    assert own.within(TRACE).text("4111111111111111") == own.within("").text("4111111111111111") == mask("4111111111111111", "card")


def test_store_has_limits() -> None:
    """Records that the run did not cause leave half of the room to those that it did, and to errors."""
    store = LogStore(masker(), limits=LogLimits(records=10, records_of_a_trace=3), is_issued=lambda trace: trace == TRACE)
    store.add([record()] * 9 + [record(trace=TRACE)] * 5 + [record(level="error")] * 4)
    assert len(store.masked(bool)) == 2 + 3
    assert [each.partition(" at most")[0] for each in store.problems] == ["8 log records were left out:"]
    small = LogStore(masker(), limits=LogLimits(bytes=5_000))
    small.add([record("x" * 1_000, "error")] * 9)
    assert len(small.masked(bool)) == 3


def test_problems_are_masked_counted_and_bounded() -> None:
    store = LogStore(masker({"SHOP_PASSWORD": "hunter-2024"}))
    for number in range(100):
        store.add_problem(f"odd hunter-2024 {number % 12}")
    assert len(store.problems) == 11
    assert "hunter" not in repr(store.problems)


def test_file_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "logs.ndjson"
    write_logs(path, [READ, record()], masker())
    assert read_logs(path) == ((READ, record()), 0)
    path.write_bytes(path.read_bytes() + b'{"component": 5}\n{"half')
    assert read_logs(path) == ((READ, record()), 2)
    monkeypatch.setattr(logs_file, "MAX_RECORDS", 1)
    assert read_logs(path) == ((READ,), 1)
    assert read_logs(tmp_path / "none") == ((), 0)


def test_errors_are_joined_with_scenarios_by_their_trace_alone() -> None:
    """Also over a link to a trace of a scenario, and where a component keeps half of an id."""
    by_exchange, by_span, linked = TRACE, "a" * 32, "b" * 32
    exchanges = [Exchange("GET", "http://shop/", 200, scenario="one", trace_id=by_exchange)]
    spans = [Span(by_span, "1", "", "gonogo", "", "internal", 0, 0, attributes={SCENARIO: "two"}),
             Span(linked, "2", "", "shop", "", "consumer", 0, 0, links=(by_span,))]
    logs = [record("a", "error", by_exchange), record("b", "error", by_span), record("c", "fatal", linked),
            record("d", "error", "0" * 16 + by_exchange[16:]), record("e", "error"), record("f", "error", "c" * 32), record("g", "info", by_span)]
    errors = logged_errors(logs, exchanges, spans)
    assert {scenario: [each.body for each in found] for scenario, found in errors.by_scenario.items()} == {"one": ["a", "d"], "two": ["b", "c"]}
    assert errors.elsewhere == 2


def test_errors_of_a_scenario_are_bounded() -> None:
    exchange = Exchange("GET", "http://shop/", 200, scenario="one", trace_id=TRACE)
    assert len(logged_errors([record("a", "error", TRACE)] * 99, [exchange], ()).by_scenario["one"]) == MAX_ERRORS


def test_documents_of_the_baseline_are_read_as_they_were_written() -> None:
    """A damaged one is told from none."""
    kinds = {LoggedKind("shop", "KeyError")}
    assert errors_of({"logs": json.loads(json.dumps(document_of_logs(kinds)))}) == kinds
    assert (errors_of({}), places_of({})) == (frozenset(), frozenset())
    assert places_of({"secrets": json.loads(json.dumps(document_of_secrets(())))}) == frozenset()
    for odd in ({}, {"version": 2, "errors": [], "places": []}, {"version": 1, "errors": [["a"]], "places": [["a"]]}):
        assert (errors_of({"logs": odd}), places_of({"secrets": odd})) == (None, None)


@pytest.mark.parametrize(("settings", "errors", "expected"), [
    ({}, LoggedErrors(), [NoLogs(configured=False)]),
    ({"logs": ["var/*.log"]}, LoggedErrors(), [NoLogs(configured=True)]),
    ({"traces": {"otlp": "http://127.0.0.1:4318"}}, LoggedErrors(), [NoLogs(configured=True)]),
    ({"logs": ["var/*.log"]}, LoggedErrors(elsewhere=3, records=9), [ErrorsWithoutScenario(3)]),
    ({"logs": ["var/*.log"]}, LoggedErrors(records=9), []),
], ids=["not configured", "no record of a file", "no record over OTLP", "errors without a scenario", "all is known"])
def test_what_logs_cannot_tell_is_listed(settings: dict[str, object], errors: LoggedErrors, expected: list[NotChecked]) -> None:
    environment = Environment.model_validate({"url": "http://shop", **settings})
    listed = not_checked(RunEvidence("r", "preprod", ("behaviour",), wire=WireEvidence(), errors=errors), environment)
    assert [each for each in listed if isinstance(each, NoLogs | ErrorsWithoutScenario)] == expected


def test_line_of_the_report_has_component_time_and_both_ends_of_a_stack_trace() -> None:
    lines = [error_line(LogRecord("shop", TRACEBACK, "error", 1767261601.5)), error_line(LogRecord("", "x\x1b[31m", "error", 1e300)),
             error_line(LogRecord("shop", "", "error", exception="KeyError"))]
    assert lines == ["shop 2026-01-01 10:00:01.500 2026-01-01 10:00:01,500 ERROR shop failed; KeyError: 'given'", "? x [31m", "shop KeyError"]
    assert len(error_line(LogRecord("shop", "x" * 9_999))) == 300
