"""The cause of a failed request as a short text, the same for the same cause, without secrets."""

from __future__ import annotations

import re

from gonogo.secrets.masking import Masker

_MAX_LENGTH = 160
_ADDRESS = re.compile(r"<[^<>]* object at 0x[0-9a-f]+>|URL https?://\S+:? ?")


def cause_of(exception: BaseException, masker: Masker) -> str:
    """`status 500` for an answer, else the error's message, or its class name if it has none."""
    status = getattr(exception, "code", None) or getattr(getattr(exception, "response", None), "status_code", None)
    if isinstance(status, int):
        return f"status {status}"
    original = getattr(exception, "original", None)  # the error that geventhttpclient wraps
    if isinstance(original, BaseException):
        exception = original
    words = " ".join(_ADDRESS.sub("", str(exception)).split())
    return masker.text(words or type(exception).__name__)[:_MAX_LENGTH]
