"""Streams that mask what is written to them: a child's log, and the terminal.

Whole lines are masked, because a writer may split a secret over several writes.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from gonogo.core.errors import EvidenceError
from gonogo.core.streams import drop_output
from gonogo.core.text import printable_lines
from gonogo.secrets.masking import Masker

MAX_LINE_BYTES = 256 * 1024  # a longer line is written in pieces
_CHUNK_BYTES = 64 * 1024


class LineMasker:
    """Masks bytes that arrive in pieces of any size, and removes their control characters; an incomplete line is
    buffered until it ends.
    """

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._waiting = b""

    def feed(self, chunk: bytes) -> bytes:
        """Add `chunk`, and return the masked bytes that can be written now."""
        whole, newline, rest = (self._waiting + chunk).rpartition(b"\n")
        self._waiting = rest
        masked = self._masked(whole) + newline if newline else b""
        if len(self._waiting) > MAX_LINE_BYTES:
            masked += self._first_part()
        return masked

    def end(self) -> bytes:
        """Return the buffered rest, masked."""
        waiting, self._waiting = self._waiting, b""
        return self._masked(waiting)

    def _first_part(self) -> bytes:
        """The masked start of a very long line. Its end stays buffered, because a secret may have begun there."""
        text = self._waiting.decode("utf-8", "surrogateescape")
        masked = self._masker.text(text)
        keep = min(max(self._masker.longest_form, 1024), len(masked) - 1)
        # The buffered end is masked already; masks do not change, and a secret that ends later is still complete.
        cut = len(masked) - keep
        for separator in (" ", ",", "&", ";"):  # not within a word, which may be a mask
            separator_at = masked.rfind(separator, max(0, cut - 4096), cut)
            if separator_at >= 0:
                cut = separator_at + 1
                break
        self._waiting = masked[cut:].encode("utf-8", "surrogateescape")
        return printable_lines(masked[:cut]).encode()

    def _masked(self, raw: bytes) -> bytes:
        text = raw.decode("utf-8", "surrogateescape")
        # line by line: a value never spans lines
        return printable_lines("\n".join(map(self._masker.text, text.split("\n")))).encode()


class MaskedLog:
    """A log file that another process writes to: it inherits `writer`, the write end of a pipe.

    It inherits `reader` as well: if this process is killed, an error at its next line must not keep it from ending.
    Call `handed_over` once the process has inherited it. `close` waits until all holders have closed it, for `max_s`
    at most.
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

    @property
    def reader(self) -> int:
        return self._reader

    def handed_over(self) -> None:
        """Close this process's copy of `writer`: the child has its own, or did not start."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1

    def close(self, max_s: float) -> None:
        """Write the rest. Waits `max_s` seconds at most for processes that still hold the pipe."""
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
        """A full disk loses lines of the log, but does not stop the process that writes them."""
        with contextlib.suppress(OSError):
            self._file.write(masked)


def masked_text(stream: TextIO, masker: Masker, *, may_be_lost: bool = False) -> TextIO:
    """A wrapper of `stream` that masks every write, and removes control characters."""
    return cast(TextIO, MaskedText(stream, masker, may_be_lost=may_be_lost))


def styled(stream: TextIO) -> TextIO:
    """`stream` for a writer that adds escape sequences, and that itself removes those of other texts."""
    return cast(TextIO, _StyledText(stream)) if isinstance(stream, MaskedText) else stream


class MaskedText:
    """A text stream that masks every write, and otherwise delegates to the wrapped stream.

    Output whose reader has left is dropped. Raises EvidenceError if it cannot be written for another reason, such as
    a full disk, unless it `may_be_lost`.
    """

    def __init__(self, stream: TextIO, masker: Masker, *, may_be_lost: bool = False) -> None:
        self._stream = stream
        self.masker = masker
        self._may_be_lost = may_be_lost

    def write(self, text: str) -> int:
        self.put(printable_lines(self.masker.text(text)))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def put(self, masked: str) -> None:
        with self._writing():
            self._stream.write(masked)

    def flush(self) -> None:
        with self._writing():
            self._stream.flush()

    def isatty(self) -> bool:
        """False: escape sequences are removed here."""
        return False

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            drop_output(self._stream)
            if not self._may_be_lost and not isinstance(error, BrokenPipeError):
                raise EvidenceError(f"The output cannot be written: {error.strerror}.", where="standard output",
                                    fix="free space on the disk, or write it elsewhere.") from error

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  any attribute of the stream
        return getattr(self._stream, name)


class _StyledText:
    """A view of a masked stream that keeps escape sequences."""

    def __init__(self, stream: MaskedText) -> None:
        self._masked = stream

    def write(self, text: str) -> int:
        self._masked.put(self._masked.masker.text(text))
        return len(text)

    def flush(self) -> None:
        self._masked.flush()

    def isatty(self) -> bool:
        return bool(self._masked._stream.isatty())

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._masked, name)


def write_through(masker: Masker, *streams: TextIO) -> None:
    """Let these streams, if they are masked ones, use `masker` from now on."""
    for stream in cast("tuple[object, ...]", streams):
        if isinstance(stream, MaskedText):
            stream.masker = masker
