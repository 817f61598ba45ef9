"""Standard streams that never decide the result of a process: their encoding may be poor, and their reader may leave.

What a run finds out stands in its files and its exit code; its output only reports it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO, cast

_STANDARD = ("stdin", "stdout", "stderr")


def tolerate_poor_streams() -> None:
    """Let stdout and stderr accept every character; one that their encoding lacks is written as an escape.

    A closed stream becomes the null device: its number would be given to the next file that is opened.
    """
    _open_closed_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def lasting(stream: TextIO) -> TextIO:
    """A wrapper of `stream` that can still be written when its reader has left, or its disk is full."""
    return stream if isinstance(stream, LastingStream) else cast(TextIO, LastingStream(stream))


class LastingStream:
    """A text stream that drops all output once a write has failed, and otherwise delegates to the wrapped stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            drop_output(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            drop_output(self._stream)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  any attribute of the stream
        return getattr(self._stream, name)


def drop_output(stream: TextIO) -> None:
    """Send what is still to be written to the null device."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def flush_standard_streams() -> None:
    """Write what is buffered, before Python does so and exits with 120 if the reader has left."""
    for stream in (sys.stdout, sys.stderr):
        lasting(stream).flush()


def _open_closed_descriptors() -> None:
    for number, name in enumerate(_STANDARD):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it gets the lowest free number: this one
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
