"""The bytes of a HAR file, decompressed as they are read: mitmproxy writes .zhar (zlib), other tools .har.gz (gzip)."""

from __future__ import annotations

import zlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from gonogo.core.errors import EvidenceError

MAX_FILE_BYTES = 128 * 1024 * 1024  # decompressed
_PACKED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_CHUNK = 64 * 1024


class HarSource:
    """A context manager with `read`. Raises EvidenceError for a file that cannot be read, or is too large.

    A file that cannot be decompressed further ends there; `damage` has the reason.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = MAX_FILE_BYTES
        self._file: BinaryIO | None = None
        self._unpacker: zlib._Decompress | None = None
        self._start = b""
        self.damage = ""

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("rb")
            self._start = self._file.read(_CHUNK)
        except OSError as error:
            raise EvidenceError(f"{self._path.name} cannot be read: {error.strerror}.", where=str(self._path),
                                fix="give a HAR file that exists and is readable.") from error
        if self._start[:2] in _PACKED:
            self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def read(self, size: int) -> bytes:
        """At least one byte and at most `size`; none at the end."""
        chunk = self._unpacked(size) if self._unpacker else self._raw(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise EvidenceError(
                f"{self._path.name} is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=str(self._path),
                fix="record fewer pages into one file, or exclude images and scripts from the recording.")
        return chunk

    def _raw(self, size: int) -> bytes:
        if not self._start and self._file:
            return self._file.read(size)
        chunk, self._start = self._start[:size], self._start[size:]
        return chunk

    def _unpacked(self, size: int) -> bytes:
        unpacker = self._unpacker
        assert unpacker is not None  # noqa: S101  the caller has checked it
        while not unpacker.eof and not self.damage:
            packed = unpacker.unconsumed_tail or self._raw(_CHUNK)
            if not packed:
                self.damage = "it is cut off"
                break
            try:
                if chunk := unpacker.decompress(packed, size):
                    return chunk
            except zlib.error as error:
                self.damage = str(error)
        return b""
