"""A Playwright trace file: a copy of it without secrets.

A trace is a zip of JSON lines: `*.network` holds HAR entries whose bodies are files under
`resources/`, `*.trace` holds the actions and the page's snapshots.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gonogo.scenarios.browser.trace_context import HEADER
from gonogo.scenarios.recording.http import HarEntry, is_text
from gonogo.secrets.masking import MASK, Redactor, is_secret_name

_CONTEXT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_SHORTEST_SECRET = 4  # as a field for a one-time code takes
_PICTURES = (".png", ".jpeg", ".webp", ".woff2")


def redact_trace(raw: Path, path: Path, redactor: Redactor) -> None:
    """Copy the trace `raw` to `path` with secrets masked in exchanges, bodies, actions and snapshots."""
    with zipfile.ZipFile(raw) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as copy:
        types = {str(holder["_file"]): str(holder.get("mimeType", ""))
                 for entry in _entries(archive) for holder in _bodies(entry) if "_file" in holder}
        typed = _typed_secrets(archive)
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".network"):
                content = b"".join(_redact_network_line(line, redactor) for line in content.splitlines())
            elif name.endswith((".trace", ".stacks")):
                content = redactor.text(content.decode("utf-8", "replace")).encode()
            elif is_text(types.get(name, "")):
                content = redactor.body(content.decode("utf-8", "replace"), types[name]).encode()
            for secret in typed if not name.endswith(_PICTURES) else ():
                content = content.replace(secret, MASK.encode())
            copy.writestr(name, content)


def redact_exchange(entry: HarEntry, redactor: Redactor) -> HarEntry:
    """A copy of a HAR entry with authentication, secret members and secret values masked."""
    request, response = {**entry["request"]}, {**entry["response"]}
    request["url"] = redactor.url(request["url"])
    for side in (request, response):
        side["headers"] = [{**header, "value": _redact_header(header["name"], header["value"], redactor)}
                           for header in side["headers"]]
        side["cookies"] = []
    request["queryString"] = []  # the same as in the url, where it is masked
    if "postData" in request:
        request["postData"] = _redact_body(request["postData"], redactor)
    response["content"] = _redact_body(response["content"], redactor)
    return {**entry, "request": request, "response": response}


def _redact_header(name: str, value: str, redactor: Redactor) -> str:
    if name.lower() == HEADER and _CONTEXT.fullmatch(value):
        return value  # the digits of its ids may look like a card number
    return redactor.header(name, value)


def _redact_body(holder: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    if "text" not in holder:
        return holder
    text = holder["text"]
    # a page that says nothing sends its JSON as text/plain
    mime = "application/json" if text.lstrip()[:1] in ("{", "[") else holder.get("mimeType", "")
    return {**holder, **({"params": []} if "params" in holder else {}), "text": redactor.body(text, mime)}


def _redact_network_line(line: bytes, redactor: Redactor) -> bytes:
    event = json.loads(line)
    if "snapshot" in event:
        event["snapshot"] = redact_exchange(event["snapshot"], redactor)
    return json.dumps(event).encode() + b"\n"


def _typed_secrets(archive: zipfile.ZipFile) -> set[bytes]:
    """What was typed into fields that are named like secrets; it stands in actions, their logs, and snapshots."""
    typed = set()
    for event in _events(archive, ".trace"):
        params: dict[str, Any] = event.get("params") or {}
        value = params.get("value")
        if isinstance(value, str) and len(value) >= _SHORTEST_SECRET and is_secret_name(params.get("selector", "")):
            typed.add(json.dumps(value)[1:-1].encode())
    return typed


def _entries(archive: zipfile.ZipFile) -> Iterator[HarEntry]:
    for event in _events(archive, ".network"):
        if "snapshot" in event:
            yield event["snapshot"]


def _events(archive: zipfile.ZipFile, suffix: str) -> Iterator[dict[str, Any]]:
    for name in archive.namelist():
        if name.endswith(suffix):
            yield from map(json.loads, archive.read(name).splitlines())


def _bodies(entry: HarEntry) -> Iterator[dict[str, Any]]:
    if "postData" in entry["request"]:
        yield entry["request"]["postData"]
    yield entry["response"]["content"]

