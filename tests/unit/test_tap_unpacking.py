"""Bodies that the tap captures are decompressed within a limit; what is not compressed stays as it is."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest

from gonogo.traffic.tap.unpacking import MAX_UNPACKED_BYTES, unpacked

BODY = b'{"name": "Ana"}' * 1000
RAW_DEFLATE = zlib.compress(BODY)[2:-4]


@pytest.mark.parametrize(("packed", "coding"), [
    (gzip.compress(BODY), "gzip"), (gzip.compress(BODY), " X-Gzip "), (zlib.compress(BODY), "deflate"), (RAW_DEFLATE, "deflate"),
    (brotli.compress(BODY), "br"), (BODY, ""), (BODY, "identity"), (BODY, "gzip"), (BODY, "br"), (BODY, "new"), (b"", "gzip"),
], ids=range(11))
def test_body_is_unpacked_or_left_as_it_is(packed: bytes, coding: str) -> None:
    """Some servers name a coding and do not use it."""
    assert unpacked(packed, coding) == (BODY if packed else b"")


@pytest.mark.parametrize(("pack", "coding"), [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (lambda body: brotli.compress(body, quality=5), "br")])
def test_body_above_the_limit_is_not_unpacked(pack: object, coding: str) -> None:
    """Only its size is recorded."""
    assert callable(pack)
    assert unpacked(pack(bytes(MAX_UNPACKED_BYTES + 1)), coding) is None
