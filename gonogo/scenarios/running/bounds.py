"""Limits of what a scenario can leave behind, so that no suite fills the memory or the disk.

What is left out is named.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass

MAX_TEXT = 64 * 1024  # characters of an error message, with its traceback
MAX_OUTPUT = 1024 * 1024  # characters that a scenario prints to one stream
MAX_LOG_RECORDS = 10_000  # of a scenario
MAX_ATTACHMENT_BYTES = 8 * 1024 * 1024
MAX_ATTACHED_BYTES = 32 * 1024 * 1024  # by one attempt at a scenario
MAX_ATTACHMENTS = 100  # of one attempt
MAX_HELD_BYTES = 64 * 1024 * 1024  # of attachments that wait for behave's formatters


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """`text`, or its beginning and its end, of `limit` characters together."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


class BoundedOutput(io.StringIO):
    """Keeps the first MAX_OUTPUT characters."""

    def write(self, text: str) -> int:
        room = MAX_OUTPUT - self.tell()
        if room >= len(text):
            return super().write(text)
        if room >= 0:
            super().write(f"{text[:room]}\n… more than {MAX_OUTPUT:,} characters: the rest is left out\n")
        return len(text)


class BoundedLog(logging.Filter):
    """Passes the first MAX_LOG_RECORDS records."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        self._count += 1
        if self._count == MAX_LOG_RECORDS:
            record.msg, record.args = f"more than {MAX_LOG_RECORDS:,} log records: the rest is left out", ()
        return self._count <= MAX_LOG_RECORDS


@dataclass(slots=True)
class AttachmentRoom:
    """The attachments of one attempt so far."""

    count: int = 0
    size: int = 0

    def admitted(self, mime_type: str, content: bytes) -> tuple[str, bytes] | None:
        """The attachment, or a text in its place that says why it is left out; None if that was said before."""
        self.count += 1
        problem = self._problem(len(content))
        if not problem:
            self.size += len(content)
            return mime_type, content
        if self.count > MAX_ATTACHMENTS + 1:
            return None
        return "text/plain", f"left out: an attachment of {len(content):,} bytes: {problem}".encode()

    def _problem(self, size: int) -> str:
        if self.count > MAX_ATTACHMENTS:
            return f"at most {MAX_ATTACHMENTS} are kept of a scenario"
        if size > MAX_ATTACHMENT_BYTES:
            return f"at most {MAX_ATTACHMENT_BYTES:,} are kept of one"
        if self.size + size > MAX_ATTACHED_BYTES:
            return f"at most {MAX_ATTACHED_BYTES:,} are kept of a scenario"
        return ""
