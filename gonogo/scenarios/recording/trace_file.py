"""Copies a Playwright trace file without its secrets.

A trace is a zip of JSON lines: `*.network` holds HAR entries whose bodies are files under
`resources/`, `*.trace` holds the actions and the page's snapshots.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gonogo.scenarios.browser.trace_context import HEADER
from gonogo.scenarios.recording.http import HarEntry, is_text
from gonogo.secrets.known import Secrets
from gonogo.secrets.masking import Masker, learned_cards, typed_secrets
from gonogo.secrets.names import CARD, kind_of_selector

_CONTEXT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_EVENTS = (".trace", ".stacks", ".network")
_PICTURES = (".png", ".jpeg", ".webp", ".woff2")
_TYPED = ("value", "text", "key")  # parameters of the actions that put text into a field


def mask_trace(raw: Path, path: Path, masker: Masker) -> None:
    """Copy the trace `raw` to `path` with secrets masked in exchanges, bodies, actions and snapshots."""
    with zipfile.ZipFile(raw) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as copy:
        types = {str(holder["_file"]): str(holder.get("mimeType", ""))
                 for entry in _entries(archive) for holder in _bodies(entry) if "_file" in holder}
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(_EVENTS):
                content = b"".join(_masked_line(line, masker) for line in content.splitlines())
            elif is_text(types.get(name, "")):
                content = masker.data(content, types[name])
            elif not name.endswith(_PICTURES):
                content = masker.data(content, "text/plain")
            copy.writestr(masker.only_known(name), content)


def secrets_typed(traces: Iterable[Path]) -> tuple[Secrets, Secrets]:
    """The texts typed into fields that are named like secrets, and the cards; actions, logs and snapshots contain them.

    Cards are masked from then on, other typed secrets only in the evidence of their scenario.
    """
    typed = [(text, kind) for trace in traces for text, kind in _typed(trace)]
    return typed_secrets(typed), learned_cards(text for text, kind in typed if kind == CARD)


def masked_exchange(entry: HarEntry, masker: Masker) -> HarEntry:
    """A copy of a HAR entry with authentication, secret members and secret values masked."""
    request, response = {**entry["request"]}, {**entry["response"]}
    request["url"] = masker.url(request["url"])
    for side in (request, response):
        side["headers"] = [{**header, "value": _masked_header(header["name"], header["value"], masker)}
                           for header in side["headers"]]
        side["cookies"] = []
    request["queryString"] = []  # it repeats the URL, where it is masked
    if "postData" in request:
        request["postData"] = _masked_body(request["postData"], masker)
    response["content"] = _masked_body(response["content"], masker)
    response["redirectURL"] = masker.url(response.get("redirectURL") or "")
    for member in ("statusText", "_failureText"):
        if response.get(member):
            response[member] = masker.text(response[member])
    return {**entry, "request": request, "response": response}


def _masked_header(name: str, value: str, masker: Masker) -> str:
    if name.lower() == HEADER and _CONTEXT.fullmatch(value):
        return value  # its ids are not secret, even if they look like one
    return masker.header(name, value)


def _masked_body(holder: dict[str, Any], masker: Masker) -> dict[str, Any]:
    if "text" not in holder:
        return holder
    text = holder["text"]
    # JSON that a page sends without a type has the type text/plain
    mime = "application/json" if text.lstrip()[:1] in ("{", "[") else holder.get("mimeType", "")
    return {**holder, **({"params": []} if "params" in holder else {}), "text": masker.body(text, mime)}


def _masked_line(line: bytes, masker: Masker) -> bytes:
    """One event, masked; an incomplete line (the browser was killed while writing it) is masked as text."""
    try:
        event = json.loads(line)
    except ValueError:
        return masker.data(line, "text/plain") + b"\n"
    if isinstance(event, dict):
        snapshot = event.get("snapshot")
        if isinstance(snapshot, dict) and "request" in snapshot:
            event["snapshot"] = masked_exchange(snapshot, masker)
        params = event.get("params")
        kind = _kind_of_field(params)
        if kind and isinstance(params, dict):
            event["params"] = {**params, **{key: masker.mask_if_secret(params[key], kind) or params[key]
                                            for key in _TYPED if isinstance(params.get(key), str)}}
    return masker.only_known(json.dumps(masker.members(event), ensure_ascii=False)).encode("utf-8", "replace") + b"\n"


def _typed(trace: Path) -> Iterator[tuple[str, str]]:
    """(text, kind) of each text typed into a field whose name shows a kind of secret."""
    for line in trace_lines(trace):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        params = event.get("params") if isinstance(event, dict) else None
        kind = _kind_of_field(params)
        if kind and isinstance(params, dict):
            yield from ((params[key], kind) for key in _TYPED if isinstance(params.get(key), str))


def _kind_of_field(params: object) -> str | None:
    selector = params.get("selector") if isinstance(params, dict) else None
    return kind_of_selector(selector) if isinstance(selector, str) else None


def trace_lines(trace: Path) -> Iterator[bytes]:
    """The lines of the actions of a trace file, finished or still being recorded."""
    try:
        if trace.suffix != ".zip":
            yield from trace.read_bytes().splitlines()
            return
        with zipfile.ZipFile(trace) as archive:
            for name in archive.namelist():
                if name.endswith(".trace"):
                    yield from archive.read(name).splitlines()
    except (OSError, zipfile.BadZipFile):
        return


def _entries(archive: zipfile.ZipFile) -> Iterator[HarEntry]:
    for name in archive.namelist():
        for line in archive.read(name).splitlines() if name.endswith(".network") else ():
            try:
                snapshot = json.loads(line).get("snapshot")
            except ValueError:
                continue
            if isinstance(snapshot, dict):
                yield snapshot


def _bodies(entry: HarEntry) -> Iterator[dict[str, Any]]:
    if "postData" in entry["request"]:
        yield entry["request"]["postData"]
    yield entry["response"]["content"]
