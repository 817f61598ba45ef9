"""The tap's record: one HAR 1.2 entry per line, so that a killed tap loses nothing that it has written.

`proxy` forwards the calls; `har_entry` reads the entries, as those of any HAR file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gonogo.core.text import encodable
from gonogo.model.exchange import Body
from gonogo.records.bodies import body_of
from gonogo.records.har import Recording, recording_of
from gonogo.records.har_entry import HarEntry
from gonogo.secrets.masking import Masker
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.tap.routes import Route

ORIGIN = "tap"
MAX_LINE_BYTES = 8 * 1024 * 1024  # far more than two text bodies of the greatest length, escaped


@dataclass(frozen=True, slots=True)
class Side:
    """A request or an answer; `body` is decompressed, None if it was too large to be kept."""

    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = b""
    size: int = 0

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Carried:
    """A call that the tap has forwarded; `status` is 0 if no answer came, for the reason in `failure`."""

    route: Route
    method: str
    url: str
    version: str
    status: int
    reason: str
    started_s: float
    duration_ms: float
    request: Side
    response: Side
    failure: str = ""


def line_of(carried: Carried, masker: Masker) -> str:
    """A HAR entry as one line, with secrets masked and bodies limited in size."""
    sent, answered = (_body(side, masker) for side in (carried.request, carried.response))
    request: HarEntry = {
        "method": carried.method, "url": masker.url(carried.url), "httpVersion": carried.version, "cookies": [],
        "queryString": [], "headers": _headers(carried.request, masker), "headersSize": -1,
        "bodySize": carried.request.size}
    if sent:
        request["postData"] = {"params": [], **_holder(sent, carried.request)}
    response = {
        "status": carried.status, "statusText": masker.text(carried.reason), "httpVersion": carried.version,
        "cookies": [],
        "headers": _headers(carried.response, masker), "redirectURL": masker.url(carried.response.header("location")),
        "headersSize": -1, "bodySize": carried.response.size,
        "content": {"size": carried.response.size, **_holder(answered, carried.response)},
        **({"_failureText": masker.text(carried.failure)} if carried.failure else {})}
    started = datetime.fromtimestamp(carried.started_s, UTC).isoformat(timespec="milliseconds")
    duration_ms = round(carried.duration_ms, 3)
    entry = {"startedDateTime": started.replace("+00:00", "Z"), "time": duration_ms, "request": request,
             "response": response, "cache": {}, "timings": {"send": 0, "wait": duration_ms, "receive": 0},
             "_origin": ORIGIN, "_caller": carried.route.caller, "_callee": carried.route.callee}
    return encodable(json.dumps(entry, ensure_ascii=False, separators=(",", ":"))) + "\n"


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a record; `file` is its inode, which differs for another record at the same path."""

    file: int = 0
    offset: int = 0


def end_of_record(path: Path) -> Position:
    """The current end of the record."""
    try:
        status = path.stat()
    except OSError:
        return Position()
    return Position(status.st_ino, status.st_size)


def read_record(path: Path, parties: Parties, *, start: Position = Position()) -> Recording:
    """The exchanges recorded after `start`; a last line that is still being written is left out.

    If the record was replaced or truncated since, the tap was restarted, and all of it is read.
    """
    now = end_of_record(path)
    behind = start.offset if now.file == start.file and now.offset >= start.offset else 0
    return recording_of(_entries(path, behind), parties.name_of)


def _entries(path: Path, start: int) -> Iterator[object]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            while line := file.readline(MAX_LINE_BYTES):
                if not line.endswith(b"\n") and len(line) < MAX_LINE_BYTES:
                    return
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError):
                    yield None  # counted as damaged
    except OSError:
        return


def _headers(side: Side, masker: Masker) -> list[dict[str, str]]:
    return [{"name": name, "value": masker.header(name, value)} for name, value in side.headers]


def _body(side: Side, masker: Masker) -> Body | None:
    if side.body is None:
        return Body(side.header("content-type").partition(";")[0].strip().lower(), side.size)
    if not side.body:
        return None
    return body_of({"text": base64.b64encode(side.body).decode(), "encoding": "base64"},
                   side.header("content-type"), len(side.body), masker)


def _holder(body: Body | None, side: Side) -> HarEntry:
    holder: HarEntry = {"mimeType": side.header("content-type")}
    if body and body.text is not None:
        holder["text"] = body.text
    if body and body.truncated:
        holder["comment"] = "truncated"
    return holder
