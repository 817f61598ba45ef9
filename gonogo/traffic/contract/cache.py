"""Keeps documents that were read, so that a large one costs time once: JSON files by the digest of the content.

A file that is damaged, of another version of gonogo, or that others may write is ignored. Nothing in it is executed.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gonogo import __version__
from gonogo.traffic.contract.files import digest_of

MAX_CACHED_BYTES = 64 * 1024 * 1024  # of all files together; the oldest are removed
_FORMAT = 1
_FOR_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Entry:
    """What was read: the joined document, what of it cannot be used, and the digests of its other files by place."""

    document: dict[str, Any]
    problems: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentCache:
    """The entries in `folder`, by the identity of a document (its place) and its content; without a folder none.

    The folder is created if the one that it is in exists.
    """

    folder: Path | None = None

    def get(self, identity: str, raw: bytes) -> Entry | None:
        if self.folder is None:
            return None
        try:
            head, body = _read(self._path(identity, raw)).split(b"\n", 1)
            header = json.loads(head)
            if header["version"] != _version() or header["digest"] != digest_of(body):
                return None
            return Entry(json.loads(body), tuple(map(str, header["problems"])), dict(header["digests"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def put(self, identity: str, raw: bytes, entry: Entry) -> None:
        """Without effect if it cannot be written."""
        if self.folder is None:
            return
        body = json.dumps(entry.document, separators=(",", ":")).encode()
        header = {"version": _version(), "digest": digest_of(body), "problems": entry.problems,
                  "digests": dict(entry.digests)}
        with contextlib.suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            _write(self._path(identity, raw), json.dumps(header).encode() + b"\n" + body)
            _trim(self.folder)

    def _path(self, identity: str, raw: bytes) -> Path:
        assert self.folder is not None  # noqa: S101  the callers have looked
        name = digest_of(b"\0".join([identity.encode("utf-8", "replace"), raw]))
        return self.folder / f"{name}.json"


def _version() -> list[object]:
    return [_FORMAT, __version__]


def _read(path: Path) -> bytes:
    """Raises OSError for a file that is not ours alone to write."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123  opened above
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_mode & _FOR_OTHERS or status.st_uid != os.geteuid():
            raise OSError(f"{path} may be written by others")
        return file.read(MAX_CACHED_BYTES)


def _write(path: Path, content: bytes) -> None:
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, suffix=".tmp")  # with mode 0600
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  opened by mkstemp
            file.write(content)
        Path(fresh).replace(path)
    finally:
        Path(fresh).unlink(missing_ok=True)


def _trim(folder: Path) -> None:
    """Remove the oldest files above the limit, and what an interrupted writer has left."""
    files = sorted(((path.stat(), path) for path in folder.iterdir() if path.suffix in (".json", ".tmp")),
                   key=lambda each: -each[0].st_mtime)
    total = 0
    for status, path in files:
        total += status.st_size
        if total > MAX_CACHED_BYTES:
            path.unlink(missing_ok=True)
