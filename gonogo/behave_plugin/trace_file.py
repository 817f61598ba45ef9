"""A Playwright trace file: its exchanges as HAR entries, and a copy of it without secrets.

A trace is a zip of JSON lines: `*.network` holds HAR entries whose bodies are files under
`resources/`, `*.trace` holds the actions and the page's snapshots.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gonogo.behave_plugin.http import HarEntry
from gonogo.evidence.redaction import Redactor

_LONGEST_BODY = 512 * 1024
_TEXT_TYPES = ("json", "text/", "xml", "javascript", "x-www-form-urlencoded")


def exchanges_of(path: Path) -> Iterator[HarEntry]:
    """The exchanges recorded in a trace, bodies of text put in."""
    with zipfile.ZipFile(path) as archive:
        for entry in _entries(archive):
            for holder in _bodies(entry):
                name = holder.pop("_file", None)
                if name and _is_text(holder) and archive.getinfo(name).file_size <= _LONGEST_BODY:
                    holder["text"] = archive.read(name).decode("utf-8", "replace")
            yield {**entry, "_origin": "browser"}


def redact_trace(raw: Path, path: Path, redactor: Redactor) -> None:
    """Copy the trace `raw` to `path` with secrets masked in exchanges, bodies, actions and snapshots."""
    with zipfile.ZipFile(raw) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as copy:
        types = {str(holder["_file"]): str(holder.get("mimeType", ""))
                 for entry in _entries(archive) for holder in _bodies(entry) if "_file" in holder}
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".network"):
                content = b"".join(_redact_network_line(line, redactor) for line in content.splitlines())
            elif name.endswith(".trace"):
                content = b"".join(_redact_action_line(line, redactor) for line in content.splitlines())
            elif any(known in types.get(name, "") for known in _TEXT_TYPES):
                content = redactor.body(content.decode("utf-8", "replace"), types[name]).encode()
            copy.writestr(name, content)


def redact_exchange(entry: HarEntry, redactor: Redactor) -> HarEntry:
    """A copy of a HAR entry with authentication, secret members and secret values masked."""
    request, response = {**entry["request"]}, {**entry["response"]}
    request["url"] = redactor.url(request["url"])
    for side in (request, response):
        side["headers"] = [{**header, "value": redactor.header(header["name"], header["value"])}
                           for header in side["headers"]]
        side["cookies"] = []
    request["queryString"] = []  # the same as in the url, where it is masked
    if "postData" in request:
        request["postData"] = _redact_body(request["postData"], redactor)
    response["content"] = _redact_body(response["content"], redactor)
    return {**entry, "request": request, "response": response}


def _redact_body(holder: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    if "text" not in holder:
        return holder
    return {**holder, "params": [], "text": redactor.body(holder["text"], holder.get("mimeType", ""))}


def _redact_network_line(line: bytes, redactor: Redactor) -> bytes:
    event = json.loads(line)
    if "snapshot" in event:
        event["snapshot"] = redact_exchange(event["snapshot"], redactor)
    return json.dumps(event).encode() + b"\n"


def _redact_action_line(line: bytes, redactor: Redactor) -> bytes:
    event = json.loads(line)
    params = event.get("params")
    if isinstance(params, dict) and isinstance(params.get("value"), str):
        # what is typed into a field that is named like a secret is one
        field = str(params.get("selector", ""))
        params["value"] = json.loads(redactor.body(json.dumps({field: params["value"]}), "json"))[field]
    return redactor.text(json.dumps(event, ensure_ascii=False)).encode() + b"\n"


def _entries(archive: zipfile.ZipFile) -> Iterator[HarEntry]:
    for name in archive.namelist():
        if name.endswith(".network"):
            for line in archive.read(name).splitlines():
                event = json.loads(line)
                if "snapshot" in event:
                    yield event["snapshot"]


def _bodies(entry: HarEntry) -> Iterator[dict[str, Any]]:
    if "postData" in entry["request"]:
        yield entry["request"]["postData"]
    yield entry["response"]["content"]


def _is_text(holder: dict[str, Any]) -> bool:
    return any(known in str(holder.get("mimeType", "")) for known in _TEXT_TYPES)
