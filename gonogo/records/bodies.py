"""The body of one message of a HAR file: decoded, classified as text or binary, masked and cut.

`har_entry` finds the body in an entry.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeGuard
from urllib.parse import urlencode

from gonogo.model.exchange import MAX_TEXT_BYTES, Body
from gonogo.secrets.masking import Masker

MAX_INFLATED_BYTES = 32 * 1024 * 1024  # of a body that was recorded compressed
_TEXT_TYPES = re.compile(r"text/.*|.*[/+](json|xml)|.*(json|javascript|ecmascript|graphql|ndjson|yaml).*"
                         r"|application/x-www-form-urlencoded|multipart/form-data|message/.*")
_BINARY_TYPES = re.compile(r"(image|audio|video|font)/(?!svg).*|application/(octet-stream|pdf|zip|gzip|wasm|grpc.*"
                           r"|x-protobuf|protobuf|msgpack|vnd\.apple.*)")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UNPRINTABLE = re.compile(_CONTROL.pattern + "|\ufffd")
_CUT = re.compile(r"\b(cut|truncated)\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)


def body_of(holder: object, content_type: str, size: object, masker: Masker | None) -> Body | None:
    """The body in a HAR entry's `postData` or `content`; None if nothing was sent.

    `content_type` is the message's header, `size` the entry's `bodySize`.
    """
    known = holder if isinstance(holder, Mapping) else {}
    announced = content_type or _announced(known.get("mimeType"))
    mime = announced.partition(";")[0].strip().lower()
    raw = _raw(known)
    declared_size = max((value for value in (known.get("size"), size) if _is_count(value)), default=None)
    if isinstance(raw, bytes):
        raw_size, raw = len(raw), _decoded(_inflated(raw), announced, mime)
    else:
        raw_size = len(raw.encode("utf-8", "surrogatepass")) if raw else 0
    if not raw:
        length = raw_size or (declared_size if declared_size is not None else -1)
        return Body(mime, length) if length > 0 or (length < 0 and mime) else None
    body = _bounded(raw, mime, declared_size or raw_size, masker)  # a size of 0 with a body: the tool did not set it
    return replace(body, truncated=True) if _CUT.search(str(known.get("comment", ""))) else body


def is_text(mime: str) -> bool | None:
    """Whether a media type is text; None if unknown."""
    if _BINARY_TYPES.fullmatch(mime):
        return False
    return True if _TEXT_TYPES.fullmatch(mime) else None


def bounded(text: str) -> tuple[str, bool]:
    """`text` cut to MAX_TEXT_BYTES of UTF-8, and whether it was cut."""
    if len(text) * 4 <= MAX_TEXT_BYTES:
        return text, False
    raw = text.encode("utf-8", "replace")
    if len(raw) <= MAX_TEXT_BYTES:
        return text, False
    return raw[:MAX_TEXT_BYTES].decode("utf-8", "ignore"), True


def _bounded(text: str, mime: str, size: int, masker: Masker | None) -> Body:
    judged = is_text(mime)
    if judged is False or (not judged and _UNPRINTABLE.search(text[:4096])):
        return Body(mime, size)
    # masked before it is cut: secret members of an incomplete document may not be recognised
    kept, truncated = bounded(masker.body(text, mime) if masker else text)
    return Body(mime, size, _encodable(kept), truncated)


def _raw(holder: Mapping[str, object]) -> str | bytes | None:
    """The recorded body: text, decoded base64, or an encoded form; None if nothing was recorded."""
    text, params = holder.get("text"), holder.get("params")
    if isinstance(text, str) and text:
        if str(holder.get("encoding", "")).lower() != "base64":
            return text
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            return text
    if isinstance(params, list) and params:
        pairs = [(str(pair["name"]), str(pair.get("value") or pair.get("fileName") or ""))
                 for pair in params if isinstance(pair, Mapping) and "name" in pair]
        return urlencode(pairs)
    return None


def _inflated(raw: bytes) -> bytes:
    """`raw` decompressed if it is gzip, up to MAX_INFLATED_BYTES; else unchanged."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(raw, MAX_INFLATED_BYTES)
    except zlib.error:
        return raw


def _decoded(raw: bytes, announced: str, mime: str) -> str | None:
    """Text, by the announced charset, else UTF-8; None if it is binary."""
    if is_text(mime) is False:
        return None
    charset = _CHARSET.search(announced)
    try:
        return raw.decode(codecs.lookup(charset[1]).name if charset else "utf-8")
    except (LookupError, UnicodeError):
        text = raw.decode("utf-8", "replace")
        return text if is_text(mime) and not _CONTROL.search(text[:4096]) else None


def _announced(mime: object) -> str:
    return mime if isinstance(mime, str) and mime != "x-unknown" else ""


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _encodable(text: str) -> str:
    """Without lone surrogates, which JSON allows and UTF-8 files do not."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
