"""The bank's signature on its webhooks: `Bank-Signature: t=<unix seconds>,v1=<hex hmac-sha256>`."""

from __future__ import annotations

import hashlib
import hmac
import re

from travel.chassis import Problem

_HEADER = re.compile(r"t=(?P<at_s>\d{1,12}),v1=(?P<digest>[0-9a-f]{64})")


def verify(header: str, body: bytes, secret: str, *, now_s: float, tolerance_s: float) -> None:
    """Raise a 401 problem unless `body` was signed with `secret`, not longer than `tolerance_s` from now."""
    match = _HEADER.fullmatch(header)
    if match is None:
        raise Problem(401, "bad-signature", "Bank-Signature is missing or malformed.")
    expected = hmac.new(secret.encode(), f"{match['at_s']}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, match["digest"]):
        raise Problem(401, "bad-signature", "Bank-Signature does not match the body.")
    if abs(now_s - int(match["at_s"])) > tolerance_s:
        raise Problem(401, "bad-signature", "Bank-Signature is too old.")
