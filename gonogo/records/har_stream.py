"""Reads the entries of a HAR file one by one: a large file takes little memory, a damaged one is read up to the damage.

`har` reads small files, which are not damaged, as a whole.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import ijson
from ijson.common import JSONError, ObjectBuilder

from gonogo.records.har_entry import Damage

MAX_ENTRIES = 100_000
MAX_ENTRY_BYTES = 16 * 1024 * 1024
MAX_ENTRY_VALUES = 200_000  # values and names
MAX_DEPTH = 500  # objects and lists in one another

_ENTRIES, _CREATOR = ["log", "entries"], ["log", "creator"]
_IN_A_LIST = "[]"
_OPENING, _CLOSING = ("start_map", "start_array"), ("end_map", "end_array")


class Source(Protocol):
    def read(self, size: int) -> bytes: ...


@dataclass(slots=True)
class Continued:
    """A source of which the `start` has been read already."""

    start: bytes
    rest: Source

    def read(self, size: int) -> bytes:
        if not self.start:
            return self.rest.read(size)
        chunk, self.start = self.start[:size], self.start[size:]
        return chunk


class _Stopped(Exception):
    """The rest of the file is not read."""


class HarStream:
    """`entries` can be read once. `creator` and `found`, whether there is a list of entries, are known at its end."""

    def __init__(self, source: Source) -> None:
        self._text = _Utf8(source)
        self.creator: object = None
        self.found = False

    def entries(self) -> Iterator[object]:
        """The entries; in place of those that cannot be read a Damage."""
        count = 0
        try:
            for entry in self._entries():
                count += 1
                if count > MAX_ENTRIES:
                    raise _Stopped(f"there are more than {MAX_ENTRIES} entries")
                yield entry
        except (JSONError, _Stopped) as error:
            yield Damage(f"the file cannot be read after entry {count}: {_reason(error)}")

    def _entries(self) -> Iterator[object]:
        path: list[str] = []  # the names that lead to the current value
        part: _Part | None = None
        for event, value in ijson.basic_parse(self._text, use_float=True):
            if event in _CLOSING:
                path.pop()
            elif event == "map_key":
                path[-1] = str(value)
            elif part is None:
                self.found = self.found or (path == _ENTRIES and event == "start_array")
                part = self._part_at(path)
            _enter(path, event)
            if part is None:
                continue
            part.add(event, value)
            if len(path) == part.depth and event != "map_key":
                if part.is_entry:
                    yield part.value
                else:
                    self.creator = part.value
                part = None

    def _part_at(self, path: list[str]) -> _Part | None:
        """The entry or creator that begins here."""
        if path[:-1] == _ENTRIES and path[-1] == _IN_A_LIST:
            self._text.left = MAX_ENTRY_BYTES
            return _Part(len(path), is_entry=True)
        return _Part(len(path), is_entry=False) if path == _CREATOR else None


def _enter(path: list[str], event: str) -> None:
    if event in _OPENING:
        path.append(_IN_A_LIST if event == "start_array" else "")
    if len(path) > MAX_DEPTH:
        raise _Stopped(f"it is nested more than {MAX_DEPTH} times")


def _reason(error: Exception) -> str:
    """The first line of ijson's text, which goes on with a part of the file."""
    return str(error).removeprefix("b'").partition("\\n")[0].partition("\n")[0].strip()


class _Part:
    """A value that is built; `depth` is that of its place."""

    def __init__(self, depth: int, *, is_entry: bool) -> None:
        self.depth = depth
        self.is_entry = is_entry
        self._builder: Any = ObjectBuilder()  # type: ignore[no-untyped-call]  # ijson has no types
        self._count = 0

    def add(self, event: str, value: object) -> None:
        self._count += 1
        if self._count <= MAX_ENTRY_VALUES:
            self._builder.event(event, value)

    @property
    def value(self) -> object:
        if self._count > MAX_ENTRY_VALUES:
            return Damage(f"an entry has more than {MAX_ENTRY_VALUES} values")
        return self._builder.value


class _Utf8:
    """The bytes of a source in UTF-8, whatever its encoding; `left` are those that may still be read for one entry."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decoder: codecs.IncrementalDecoder | None = None
        self.left = MAX_ENTRY_BYTES

    def read(self, size: int) -> bytes:
        if size == 0:  # ijson asks for the type
            return b""
        if self.left < 0:
            raise _Stopped(f"an entry is larger than {MAX_ENTRY_BYTES} bytes")
        raw = self._source.read(size)
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder(json.detect_encoding(raw))("replace")
        text = self._decoder.decode(raw, final=not raw).encode("utf-8", "replace")
        self.left -= len(text)
        return text if text or not raw else self.read(size)
