"""Reads Playwright's network log of a browser context as entries of HAR 1.2.

The log is a `*.network` file of JSON lines, with bodies in separate files: in the folder of a running recording, or in
a finished trace file (zip). The entries still contain secrets.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from gonogo.scenarios.recording.http import MAX_READ, HarEntry, is_text

_STATIC = frozenset({"script", "stylesheet", "image", "font", "media", "manifest", "texttrack"})
NO_ANSWER_YET = "no answer when the scenario ended"
_UNSAID_MIME = "x-unknown"
_NOT_HAR = ("pageref", "_frameref", "_monotonicTime", "_apiRequestRef", "_securityDetails")
_Read = Callable[[str], bytes | None]


def entries_in_folder(folder: Path, name: str) -> list[HarEntry]:
    """The exchanges of the trace `name` in `folder`; empty if nothing was recorded."""
    log = folder / f"{name}.network"
    try:
        lines = log.read_bytes().splitlines()
    except OSError:
        return []

    def read(path: str) -> bytes | None:
        file = folder / path
        try:
            return file.read_bytes() if file.stat().st_size <= MAX_READ else None
        except OSError:
            return None

    return list(_entries(lines, read))


def entries_in_zip(path: Path) -> list[HarEntry]:
    """The exchanges in a finished trace file."""
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        lines = [line for name in sizes if name.endswith(".network") for line in archive.read(name).splitlines()]
        return list(_entries(lines, lambda name: archive.read(name) if sizes.get(name, MAX_READ + 1) <= MAX_READ
                             else None))


def _entries(lines: Iterable[bytes], read: _Read) -> Iterator[HarEntry]:
    """One entry for each request. If the answer arrives while the recording ends, the log has the request twice, first
    without the answer.
    """
    snapshots: dict[tuple[object, ...], dict[str, Any]] = {}
    for line in lines:
        try:
            snapshot = json.loads(line).get("snapshot")
        except ValueError:
            continue  # incomplete: the browser was killed while writing it
        if snapshot:
            snapshots[_identity(snapshot)] = snapshot
    for snapshot in snapshots.values():
        yield _entry(snapshot, read)


def _identity(snapshot: dict[str, Any]) -> tuple[object, ...]:
    return (*map(snapshot.get, ("startedDateTime", "_monotonicTime", "_frameref")), snapshot["request"]["url"])


def _entry(snapshot: dict[str, Any], read: _Read) -> HarEntry:
    entry = {key: value for key, value in snapshot.items() if key not in _NOT_HAR}
    request, response = entry["request"], entry["response"]
    static = entry.get("_resourceType") in _STATIC
    if "postData" in request:
        _put_body(request["postData"], read, static=False)
    _put_body(response["content"], read, static=static)
    _complete(entry, response)
    return {**entry, "_origin": "browser"}


def _put_body(holder: dict[str, Any], read: _Read, *, static: bool) -> None:
    """Add a text body as text; of any other body only the SHA-1, from its file name."""
    if holder.get("mimeType") == _UNSAID_MIME:
        holder["mimeType"] = ""
    name = holder.pop("_file", None)
    if name is None:
        return
    body = read(name) if is_text(holder["mimeType"]) and not static else None
    if body is None:
        holder["_sha1"] = PurePosixPath(name).stem
    else:
        holder["text"] = body.decode("utf-8", "replace")


def _complete(entry: HarEntry, response: dict[str, Any]) -> None:
    """Replace Playwright's -1 for unknown numbers where HAR does not permit it."""
    entry["time"] = max(entry["time"], 0)
    entry["timings"] |= {key: max(entry["timings"].get(key, 0), 0) for key in ("send", "wait", "receive")}
    content = response["content"]
    content["size"] = max(content["size"], response["bodySize"], 0)
    if response["status"] <= 0:
        response["status"] = 0
        if "_failureText" not in response:
            response["_failureText"] = NO_ANSWER_YET
