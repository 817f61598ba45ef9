"""Streams that are written through the room: a child's output on its way to a log, and the terminal.

Whole lines are masked, so that a secret is found however its writer cut it into pieces.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from gonogo.secrets.masking import Masker

MAX_LINE_BYTES = 256 * 1024  # a longer line is written in pieces
_CHUNK_BYTES = 64 * 1024


class LineMasker:
    """Takes bytes in any pieces and gives them back masked; half a line waits for its end."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._waiting = b""

    def feed(self, chunk: bytes) -> bytes:
        """What may be written of all that has come until now."""
        whole, newline, rest = (self._waiting + chunk).rpartition(b"\n")
        self._waiting = rest
        masked = self._masked(whole) + newline if newline else b""
        if len(self._waiting) > MAX_LINE_BYTES:
            masked += self._first_part()
        return masked

    def end(self) -> bytes:
        """What is left."""
        waiting, self._waiting = self._waiting, b""
        return self._masked(waiting)

    def _first_part(self) -> bytes:
        """Of a very long line all but so much of its end as a secret may have begun in."""
        text = self._waiting.decode("utf-8", "surrogateescape")
        masked = self._masker.text(text)
        keep = min(max(self._masker.longest_form, 1024), len(masked) - 1)
        # what is kept is masked already, and masks stay as they are: a secret that ends later stands in it in full
        cut = len(masked) - keep
        for separator in (" ", ",", "&", ";"):  # not within a word, which may be a mask
            found = masked.rfind(separator, max(0, cut - 4096), cut)
            if found >= 0:
                cut = found + 1
                break
        self._waiting = masked[cut:].encode("utf-8", "surrogateescape")
        return masked[:cut].encode("utf-8", "surrogateescape")

    def _masked(self, raw: bytes) -> bytes:
        text = raw.decode("utf-8", "surrogateescape")
        # line by line: a value never goes on behind the end of its line
        return "\n".join(map(self._masker.text, text.split("\n"))).encode("utf-8", "surrogateescape")


class MaskedLog:
    """A log file that another process writes into: `writer` is the end of a pipe for it to inherit.

    Close `writer` here once the process has it; `close` waits until all of its holders have, or `at_most_s`.
    """

    def __init__(self, path: Path, masker: Masker) -> None:
        self._file: BinaryIO = path.open("wb", buffering=0)
        self._lines = LineMasker(masker)
        self._reader, self._writer = os.pipe()
        self._open = True
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    @property
    def writer(self) -> int:
        return self._writer

    def handed_over(self) -> None:
        """The process has its own copy of `writer` now, or does not start."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1

    def close(self, max_s: float) -> None:
        """Write what is left; a process that was left behind and still holds the pipe is not waited for longer."""
        self.handed_over()
        self._thread.join(max_s)
        with self._lock:
            if self._open:
                self._open = False
                self._write(self._lines.end())
                self._file.close()

    def _copy(self) -> None:
        with contextlib.suppress(OSError), os.fdopen(self._reader, "rb", buffering=0) as reader:
            while chunk := reader.read(_CHUNK_BYTES):
                with self._lock:
                    if not self._open:
                        return
                    self._write(self._lines.feed(chunk))

    def _write(self, masked: bytes) -> None:
        """A full disk costs lines of the log, and not the process that says them."""
        with contextlib.suppress(OSError):
            self._file.write(masked)


def masked_text(stream: TextIO, masker: Masker) -> TextIO:
    """`stream`, whose every write is masked."""
    return cast(TextIO, MaskedText(stream, masker))


class MaskedText:
    """A text stream whose every write is masked; in all else it is the stream that it stands before."""

    def __init__(self, stream: TextIO, masker: Masker) -> None:
        self._stream = stream
        self.masker = masker

    def write(self, text: str) -> int:
        self._stream.write(self.masker.text(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the stream has
        return getattr(self._stream, name)


def write_through(masker: Masker, *streams: TextIO) -> None:
    """From now on these streams, where they are masked ones, know what `masker` knows."""
    for stream in cast("tuple[object, ...]", streams):
        if isinstance(stream, MaskedText):
            stream.masker = masker
