"""HAR files of any tool are read; incomplete entries are left out and counted, and no input makes reading crash."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gonogo.core.errors import EvidenceError
from gonogo.model.exchange import MAX_TEXT_BYTES, Body, Exchange, Message
from gonogo.records import bodies, har, har_source, har_stream
from gonogo.records.har import read_recording, recording_of, write_har
from gonogo.records.har_entry import MAX_HEADER_CHARS, MAX_HEADERS, entry_of
from gonogo.records.har_stream import MAX_DEPTH, MAX_ENTRIES, MAX_ENTRY_VALUES
from gonogo.secrets.masking import Masker
from gonogo.traffic.http.parties import Parties
from tests.masks import mask, masker

NOBODY = Parties().name_of


def entry(**changes: Any) -> dict[str, Any]:
    """A complete entry with `changes` by path, such as request__url="…"; the value None removes the member."""
    whole: dict[str, Any] = {
        "startedDateTime": "2026-11-24T03:00:00.500Z", "time": 12.5,
        "request": {"method": "GET", "url": "http://shop/api/a?b=c", "headers": [], "bodySize": 0},
        "response": {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}],
                     "content": {"size": 11, "mimeType": "application/json", "text": '{"ok":true}'}}}
    for path, value in changes.items():
        *holders, last = path.split("__")
        holder = whole
        for name in holders:
            holder = holder[name]
        if value is None:
            del holder[last]
        else:
            holder[last] = value
    return whole


def read_one(caller: str = "browser", masker: Masker | None = None, **changes: Any) -> Exchange:
    recording = recording_of([entry(**changes)], NOBODY, caller=caller, masker=masker)
    assert not recording.left_out
    return recording.exchanges[0]


def har_text(*entries: object, **log: object) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": list(entries), **log}})


REFUSALS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not valid JSON"),
    "cut off before its entries": (har_text(entry()).encode()[:25], "is not valid JSON"),
    "not an object": (b"[]", "has no list `log.entries`"),
    "no log": (b"{}", "has no list `log.entries`"),
    "a log of another type": (b'{"log": []}', "has no list `log.entries`"),
    "no entries": (b'{"log": {"version": "1.2"}}', "has no list `log.entries`"),
    "entries of another type": (b'{"log": {"entries": {}}}', "has no list `log.entries`"),
    "not UTF-8": (b'{"log": {"entry": ["\xe9"]}}', "byte 21 is not UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00", "is no"),
    "a zip": (b"PK\x03\x04", "is a zip archive"),
    "compressed and cut off": (gzip.compress(har_text(entry()).encode())[:9], "it is cut off"),
    "compressed and damaged": (b"\x1f\x8b\x09\x00nonsense", "cannot be decompressed"),
    "bottomless": (b"[" * 200_000, "is not valid JSON"),
    "a number that is too large": (b'{"log": ' + b"9" * 5000 + b"}", "is not valid JSON"),
}


@pytest.mark.parametrize(("raw", "what"), REFUSALS.values(), ids=REFUSALS.keys())
def test_file_that_is_not_a_har_is_refused(tmp_path: Path, raw: bytes, what: str) -> None:
    """The error has the place, the problem and a fix."""
    path = tmp_path / "x.har"
    path.write_bytes(raw)
    with pytest.raises(EvidenceError, match=what) as error:
        read_recording(path, NOBODY)
    assert error.value.fix and str(path) in error.value.where


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A missing recording is not an empty recording."""
    with pytest.raises(EvidenceError, match="cannot be read: No such file"):
        read_recording(tmp_path / "x.har", NOBODY)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_file_above_the_size_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]) -> None:
    """The use of memory is limited, even if a small file decompresses into a large one."""
    monkeypatch.setattr(har_source, "MAX_FILE_BYTES", 1000)
    (tmp_path / "x.har").write_bytes(pack(har_text(*[entry()] * 5).encode()))
    with pytest.raises(EvidenceError, match="is larger than"):
        read_recording(tmp_path / "x.har", NOBODY)


def three_entries() -> bytes:
    """A recording of which each entry has another path, and whose creator stands last."""
    return json.dumps({"log": {"entries": [entry(request__url=f"http://a/{number}") for number in range(3)],
                               "creator": {"name": "Fiddler", "version": "5"}}}).encode()


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut off in its third entry": (lambda raw: raw[:raw.index(b"http://a/2")], "premature EOF"),
    "cut off after its second entry": (lambda raw: raw[:raw.rindex(b'{"startedDateTime')], "premature EOF"),
    "zeros from its third entry on": (lambda raw: raw[:raw.index(b"http://a/2")] + bytes(5000), "invalid char"),
    "something else in its third entry": (lambda raw: raw.replace(b"http://a/2", b'"["'), "parse error"),
    "no comma": (lambda raw: raw[:raw.index(b"http://a/2")] + b'"} {', "parse error"),
    "NaN": (lambda raw: raw[:raw.index(b"http://a/2")] + b'", "x": -Infinity}', "malformed number"),
}


@pytest.mark.parametrize("pack", [bytes, lambda raw: gzip.compress(raw)[:-8], lambda raw: raw.decode().encode("utf-16")], ids=["plain", "gzip", "UTF-16"])
@pytest.mark.parametrize(("damage", "why"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_file_is_read_up_to_the_damage(tmp_path: Path, damage: Callable[[bytes], bytes], why: str, pack: Callable[[bytes], bytes]) -> None:
    """A process that was killed leaves half a file: the rest is left out, with the reason."""
    (tmp_path / "x.har").write_bytes(pack(damage(three_entries())))
    recording = read_recording(tmp_path / "x.har", NOBODY)
    assert [exchange.path for exchange in recording.exchanges] == ["/0", "/1"]
    ((reason, count),) = recording.left_out.items()
    assert (count, reason.startswith("the file cannot be read after entry 2: ")) == (1, True)
    assert why in reason and len(reason) < 120


def test_large_file_is_read_entry_by_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the same exchanges as when it is read as a whole, also the creator that stands last."""
    (tmp_path / "x.har").write_bytes(three_entries())
    whole = read_recording(tmp_path / "x.har", NOBODY)
    monkeypatch.setattr(har, "MAX_WHOLE_BYTES", 100)
    assert read_recording(tmp_path / "x.har", NOBODY) == whole
    assert (len(whole.exchanges), whole.tool, whole.left_out) == (3, "Fiddler 5", {})


def big_entries(*entries: object) -> bytes:
    return har_text(entry(), *entries, entry()).encode()


BOUNDS: dict[str, tuple[bytes, int, str]] = {
    "entries": (b'{"log":{"entries":[' + b"{}," * MAX_ENTRIES + b"{}]}}", 0, f"there are more than {MAX_ENTRIES} entries"),
    "values of an entry": (big_entries({**entry(), "x": [0] * MAX_ENTRY_VALUES}), 2, f"an entry has more than {MAX_ENTRY_VALUES} values"),
    "bytes of an entry": (big_entries({**entry(), "x": "x" * 2_000_000}), 1, "an entry is larger than 1000000 bytes"),
    "depth of an entry": (b'{"log":{"entries":[' + json.dumps(entry()).encode() + b"," + b"[" * 1_000_000, 1, f"it is nested more than {MAX_DEPTH} times"),
    "depth beside the entries": (b'{"log":{"entries":[' + json.dumps(entry()).encode() + b'],"x":' + b'{"a":' * 1_000_000, 1,
                                 f"it is nested more than {MAX_DEPTH} times"),
}


@pytest.mark.parametrize(("raw", "exchanges", "why"), BOUNDS.values(), ids=BOUNDS.keys())
def test_memory_of_reading_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, exchanges: int, why: str) -> None:
    """What exceeds a limit is left out with the reason; the entries before it are read."""
    monkeypatch.setattr(har, "MAX_WHOLE_BYTES", 100)
    monkeypatch.setattr(har_stream, "MAX_ENTRY_BYTES", 1_000_000)
    (tmp_path / "x.har").write_bytes(raw)
    recording = read_recording(tmp_path / "x.har", NOBODY)
    assert len(recording.exchanges) == exchanges
    assert [reason for reason in recording.left_out if why in reason]


def test_texts_that_are_kept_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Further exchanges are left out and counted."""
    monkeypatch.setattr(har, "MAX_KEPT_BYTES", 100_000)
    recording = recording_of([entry(response__content={"text": "x" * 40_000, "mimeType": "text/plain"})] * 5, NOBODY)
    assert (len(recording.exchanges), recording.left_out) == (2, {"there are more than 0 MiB of text": 3})


def test_headers_are_limited() -> None:
    """A message has so many at most, each of limited length."""
    headers = [{"name": "n", "value": "v" * 2 * MAX_HEADER_CHARS}] + [{"name": "n", "value": "v"}] * MAX_HEADERS
    kept = read_one(request__headers=headers).request.headers
    assert (len(kept), len(kept[0][1])) == (MAX_HEADERS, MAX_HEADER_CHARS)


LEFT_OUT: dict[str, tuple[object, str]] = {
    "a number": (3, "the entry is missing"),
    "null": (None, "the entry is missing"),
    "no request": (entry(request=None), "request is missing"),
    "no response": (entry(response=None), "response is missing"),
    "a request of another type": (entry(request=[]), "request is missing"),
    "no url": (entry(request__url=None), "request.url is missing"),
    "an empty url": (entry(request__url=""), "request.url is missing"),
    "a relative url": (entry(request__url="/api/a"), "request.url is not HTTP"),
    "a data url": (entry(request__url="data:text/html,x"), "request.url is not HTTP"),
    "an invalid url": (entry(request__url="http://[::1/a"), "request.url is not a valid URL: Invalid IPv6 URL"),
    "an invalid port": (entry(request__url="http://shop:99999/a"), "request.url is not a valid URL: Port out of range 0-65535"),
    "a url that is too long": (entry(request__url="http://shop/" + "a" * 9000), "request.url is longer than 8192 characters"),
    "no method": (entry(request__method=None), "request.method is missing"),
    "an invalid method": (entry(request__method="GET /"), "request.method is missing"),
    "no status": (entry(response__status=None), "response.status is missing"),
    "a word for a status": (entry(response__status="fine"), "response.status is missing"),
    "a list for a status": (entry(response__status=[]), "response.status is missing"),
    "an infinite status": (entry(response__status=float("inf")), "response.status is missing"),
    "a status above 999": (entry(response__status=1000), "response.status is not a valid HTTP status"),
    "Chrome's cache": (entry(_fromCache="disk"), "the answer came from the browser's cache"),
    "Safari's memory cache": (entry(_fetchType="Memory Cache"), "the answer came from the browser's cache"),
    "Safari's disk cache": (entry(_fetchType="Disk Cache"), "the answer came from the browser's cache"),
}


@pytest.mark.parametrize(("broken", "why"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_incomplete_entry_is_left_out_and_counted(broken: object, why: str) -> None:
    """The other entries are still read."""
    recording = recording_of([broken, entry(), broken], NOBODY)
    assert len(recording.exchanges) == 1
    assert recording.left_out == {why: 2}


def test_a_har_without_entries_is_empty(tmp_path: Path) -> None:
    """A HAR without entries is an empty recording, not an error."""
    (tmp_path / "x.har").write_text(har_text())
    assert read_recording(tmp_path / "x.har", NOBODY) == har.Recording()


def null_members(value: object) -> object:
    if isinstance(value, dict):
        return {key: null_members(item) if isinstance(item, dict) else None for key, item in value.items()}
    return value


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], [{}], {"size": None}, True])
def test_optional_members_may_have_any_type(value: object) -> None:
    """Every member except method, url and status may be null or of any type."""
    for path in ("startedDateTime", "time", "timings", "_step", "_origin", "_failureText", "request__headers", "request__postData",
                 "request__bodySize", "response__headers", "response__content", "response__bodySize", "response___error"):
        whole = entry()
        *holders, last = path.split("__", 1)
        holder = whole
        for name in holders:
            holder = holder[name]
        holder[last] = value
        recording = recording_of([whole], NOBODY, masker=masker())
        assert [exchange.path for exchange in recording.exchanges] == ["/api/a"], path


def test_complete_entry() -> None:
    """All members of an exchange are read."""
    exchange = read_one(
        request__method="post", request__url="http://shop/api/a?b=1&b=&c=%20x#part", _origin="step", _step="2: he asks", _resourceType="xhr",
        request__headers=[{"name": "TraceParent", "value": "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"},
                          {"name": ":authority", "value": "shop"}, {"name": "X", "value": "1"}, {"name": "X", "value": "2"}],
        request__postData={"mimeType": "application/json; charset=utf-8", "text": '{"a": null}'})
    assert exchange == Exchange(
        "POST", "http://shop/api/a?b=1&b=&c=%20x", 200, 1795489200.5, 12.5,
        Message((("TraceParent", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"), ("X", "1"), ("X", "2")),
                Body("application/json", 11, '{"a": null}')),
        Message((("Content-Type", "application/json"),), Body("application/json", 11, '{"ok":true}')),
        caller="step", callee="shop", step="2: he asks", resource_type="xhr",
        trace_id="0af7651916cd43dd8448eb211c80319c", span_id="b7ad6b7169203331")
    assert exchange.query == (("b", "1"), ("b", ""), ("c", " x"))
    assert exchange.response.json() == {"ok": True}
    assert (exchange.request.header("x"), exchange.request.header_values("x"), exchange.request.header("y")) == ("1", ("1", "2"), None)


@pytest.mark.parametrize(("changes", "expected"), [
    ({"response__status": -1, "response___failureText": "net::ERR_CONNECTION_REFUSED"}, (0, "net::ERR_CONNECTION_REFUSED")),
    ({"response__status": 0, "response___error": "csp"}, (0, "csp")),
    ({"response__status": "204"}, (204, "")),
    ({"response__status": 404.0}, (404, "")),
])
def test_missing_response_and_unusual_statuses(changes: dict[str, Any], expected: tuple[int, str]) -> None:
    """A status of 0 or -1 means that there was no response; the reason is the tool's own text."""
    exchange = read_one(**changes)
    assert (exchange.status, exchange.failure) == expected


@pytest.mark.parametrize(("changes", "expected"), [
    ({"startedDateTime": None, "time": None}, (0.0, 0.0)),
    ({"startedDateTime": "yesterday", "time": -1}, (0.0, 0.0)),
    ({"startedDateTime": "2026-11-24T04:00:00.500+01:00", "time": float("nan")}, (1795489200.5, 0.0)),
    ({"startedDateTime": "2026-11-24T03:00:00.500", "time": "12"}, (1795489200.5, 0.0)),
    ({"time": 0, "timings": {"send": 1, "wait": 2.5, "receive": None, "ssl": 9, "connect": -1}}, (1795489200.5, 3.5)),
])
def test_missing_times(changes: dict[str, Any], expected: tuple[float, float]) -> None:
    """A missing or invalid time is never a reason to leave an exchange out."""
    exchange = read_one(**changes)
    assert (exchange.started_s, exchange.duration_ms) == expected


JSON, HTML, PNG = "application/json", "text/html", "image/png"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


BODIES: dict[str, tuple[dict[str, Any], str, Body | None]] = {
    "base64 text": ({"encoding": "base64", "text": b64(b'{"a":1}')}, JSON, Body(JSON, 7, '{"a":1}')),
    "base64 of gzip": ({"encoding": "base64", "text": b64(gzip.compress(b'{"a":1}', mtime=0))}, JSON, Body(JSON, 27, '{"a":1}')),
    "base64 of broken gzip": ({"encoding": "base64", "text": b64(b"\x1f\x8bxx")}, JSON, Body(JSON, 4, None)),
    "invalid base64": ({"encoding": "base64", "text": "a"}, HTML, Body(HTML, 1, "a")),
    "base64 in latin-1": ({"encoding": "base64", "text": b64(b"caf\xe9")}, HTML + "; charset=ISO-8859-1", Body(HTML, 4, "café")),
    "an unknown charset": ({"encoding": "base64", "text": b64(b"cafe")}, HTML + "; charset=klingon", Body(HTML, 4, "cafe")),
    "not the announced charset": ({"encoding": "base64", "text": b64(b"caf\xe9")}, HTML + "; charset=utf-8", Body(HTML, 4, "caf�")),
    "a picture": ({"encoding": "base64", "text": b64(b"\x89PNG"), "size": 4}, PNG, Body(PNG, 4)),
    "a picture as text": ({"text": "\ufffdPNG\u0000", "size": 4}, PNG, Body(PNG, 4)),
    "binary without a media type": ({"encoding": "base64", "text": b64(b"\x00\x01\xff")}, "", Body("", 3)),
    "text without a media type": ({"text": "hello"}, "", Body("", 5, "hello")),
    "text with unprintable characters": ({"text": "a\u0000b"}, "application/x-thing", Body("application/x-thing", 3)),
    "text of an unknown type": ({"text": "a b"}, "application/x-thing", Body("application/x-thing", 3, "a b")),
    "not recorded": ({"size": 300}, JSON, Body(JSON, 300)),
    "size unknown": ({"size": -1}, JSON, Body(JSON, -1)),
    "nothing": ({"size": 0}, JSON, None),
    "nothing at all": ({}, "", None),
    "a size of 0 beside a text": ({"size": 0, "text": "abc"}, HTML, Body(HTML, 3, "abc")),
    "the entry's own media type": ({"mimeType": "Text/HTML; charset=utf-8", "text": "abc"}, "", Body(HTML, 3, "abc")),
    "an unknown media type": ({"mimeType": "x-unknown", "text": "abc"}, "", Body("", 3, "abc")),
    "truncated by the recorder": ({"text": "abc", "size": 900, "comment": "truncated"}, HTML, Body(HTML, 900, "abc", truncated=True)),
    "half a surrogate pair": ({"text": "a\ud800"}, HTML, Body(HTML, 4, "a?")),
    "a form's members": ({"params": [{"name": "a", "value": "1 2"}, {"name": "f", "fileName": "x.pdf"}, {}, 3]}, "", Body("", 13, "a=1+2&f=x.pdf")),
}


@pytest.mark.parametrize(("content", "header", "expected"), BODIES.values(), ids=BODIES.keys())
def test_bodies(content: dict[str, Any], header: str, expected: Body | None) -> None:
    """Text is decoded, of binary data only the size is kept, and nothing is guessed."""
    headers = [{"name": "content-type", "value": header}] if header else []
    found = read_one(response__headers=headers, response__content=content).response.body
    assert found == expected


def test_long_body_is_truncated_and_marked() -> None:
    """The first 64 KiB are kept, without a split character; the size is that of the full body."""
    text = "é" * MAX_TEXT_BYTES
    body = read_one(response__content={"text": text, "size": len(text) * 2}).response.body
    assert body == Body(JSON, len(text) * 2, text[:MAX_TEXT_BYTES // 2], truncated=True)


def test_decompressed_body_is_limited_in_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small gzip body that decompresses into a large one does not fill the memory."""
    monkeypatch.setattr(bodies, "MAX_INFLATED_BYTES", 100)
    packed = b64(gzip.compress(b"a" * 10_000))
    body = read_one(response__content={"encoding": "base64", "text": packed}).response.body
    assert body and body.text == "a" * 100


def test_truncated_body_has_no_json() -> None:
    """An incomplete document is not compared, even if it happens to be valid JSON."""
    assert Message(body=Body(JSON, 99, "[1]", truncated=True)).json() is None


@pytest.mark.parametrize(("body", "expected"), [
    (None, None), (Body(JSON, 3), None), (Body(JSON, 3, "{"), None), (Body(HTML, 3, "[1]"), [1]), (Body(HTML, 3, "12"), None),
    (Body("application/problem+json", 2, "12"), 12), (Body(JSON, 9, "[" * 100_000), None)])
def test_json(body: Body | None, expected: object) -> None:
    """An object or array is read whatever its media type; a bare value only if the media type is JSON."""
    assert Message(body=body).json() == expected


def test_secrets_are_masked_while_reading() -> None:
    """Recordings of other tools contain secrets; a body is masked before it is truncated."""
    long = json.dumps({"filler": "x" * MAX_TEXT_BYTES, "password": "hunter22"})
    exchange = read_one(
        masker=masker({"BANK_API_KEY": "sk-live-123456"}), request__url="http://u:p@shop/a?token=abc&q=%20x",
        request__headers=[{"name": "Authorization", "value": "Bearer abc"}, {"name": "Cookie", "value": "s=abc"}],
        request__postData={"mimeType": JSON, "text": '{"password": "hunter22", "card": "4111 1111 1111 1111", "name": " Ana"}'},
        response__content={"mimeType": JSON, "text": long}, response___failureText="key sk-live-123456")
    assert exchange.url == f"http://shop/a?token={mask('abc', 'token')}&q=+x"
    assert exchange.request.headers == (
        ("Authorization", f"Bearer {mask('abc', 'token')}"), ("Cookie", f"s={mask('abc', 'cookie')}"))
    assert exchange.request.json() == {
        "password": mask("hunter22", "password"), "card": mask("4111111111111111", "card"), "name": " Ana"}
    assert exchange.response.body and exchange.response.body.truncated and "hunter22" not in str(exchange)
    assert exchange.failure == f"key {mask('sk-live-123456', 'key')}"


def test_written_exchanges_are_read_back_unchanged(tmp_path: Path) -> None:
    """HAR 1.2 can store all members of an exchange."""
    exchanges = tuple(read_one(**changes) for changes in (
        {}, {"response__status": 0, "response___failureText": "gone"}, {"response__content": {"size": 300, "mimeType": PNG}},
        {"request__postData": {"mimeType": "application/x-www-form-urlencoded", "text": "a=%20b"}, "_step": "1", "_resourceType": "fetch"},
        {"response__content": {"size": 10**6, "mimeType": JSON, "text": "[" * 70_000}},
        {"request__headers": [{"name": "traceparent", "value": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}]}))
    write_har(tmp_path / "a" / "x.har", map(entry_of, exchanges), masker())
    recording = read_recording(tmp_path / "a" / "x.har", NOBODY)
    assert recording.exchanges == exchanges
    assert recording.tool.startswith("gonogo ")


@pytest.mark.parametrize("pack", [lambda raw: b"\xef\xbb\xbf" + raw, gzip.compress, zlib.compress,
                                  lambda raw: raw.decode().encode("utf-16")], ids=["BOM", "gzip", "zlib (.zhar)", "UTF-16"])
def test_other_encodings_of_a_har(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """Fiddler, mitmproxy and shells on Windows write such files."""
    (tmp_path / "x.har").write_bytes(pack(har_text(entry(), creator={"name": "Fiddler", "version": "5"}).encode()))
    recording = read_recording(tmp_path / "x.har", NOBODY, scenario="a.feature:3", caller="partner")
    assert [(exchange.scenario, exchange.caller) for exchange in recording.exchanges] == [("a.feature:3", "partner")]
    assert recording.tool == "Fiddler 5"


def test_component_names_of_the_recorder_are_used(tmp_path: Path) -> None:
    """Names from a recorder between two components take precedence over addresses."""
    exchange = read_one(_caller="bookings", _callee="gds", _origin="tap")
    assert (exchange.caller, exchange.callee) == ("bookings", "gds")
