"""Decompresses a body that the tap has captured, within a limit: half a megabyte can become gigabytes.

Only the tap's process calls it, which has brotli and zstandard by way of mitmproxy.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

MAX_UNPACKED_BYTES = 8 * 1024 * 1024
_Decompress = Callable[[bytes], bytes]


def unpacked(body: bytes, coding: str) -> bytes | None:
    """`body` decompressed; None above the limit. Unchanged if it is not compressed that way, or the way is unknown."""
    try:
        return _joined(_parts(body, coding.strip().lower()))
    except Exception:  # noqa: BLE001  each library has errors of its own, with no common class
        return body


def _joined(parts: Iterator[bytes]) -> bytes | None:
    whole = bytearray()
    for part in parts:
        whole += part
        if len(whole) > MAX_UNPACKED_BYTES:
            return None
    return bytes(whole)


def _parts(body: bytes, coding: str) -> Iterator[bytes]:
    """The pieces step by step, so that the limit is exceeded by one piece at most."""
    step, decompress = _decompressor(body, coding)
    for start in range(0, len(body), step):
        yield decompress(body[start:start + step])


def _decompressor(body: bytes, coding: str) -> tuple[int, _Decompress]:
    """How many bytes at a time, by how far the format can expand them, and what decompresses them."""
    match coding:
        case "gzip" | "x-gzip":
            return 4096, zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
        case "deflate":  # with zlib's header by the standard, without it by custom
            bits = zlib.MAX_WBITS if int.from_bytes(body[:2]) % 31 == 0 else -zlib.MAX_WBITS
            return 4096, zlib.decompressobj(bits).decompress
        case "br":
            import brotli  # noqa: PLC0415

            return 8, _typed(brotli.Decompressor().process)
        case "zstd":
            import zstandard  # noqa: PLC0415

            return 256, _typed(zstandard.ZstdDecompressor().decompressobj().decompress)
        case _:
            return max(1, len(body)), lambda part: part


def _typed(decompress: Any) -> _Decompress:  # noqa: ANN401  neither library has types
    call: _Decompress = decompress
    return call
