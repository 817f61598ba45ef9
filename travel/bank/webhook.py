"""The bank's calls to a merchant: signed, and repeated by the outbox until they are taken."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import requests

from travel.chassis import NeighbourRefused, NeighbourUnreachable


def signature(secret: str, body: bytes, at_s: int) -> str:
    """The value of `Bank-Signature`; `at_s` is in unix seconds."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


class WebhookSender:
    """`clock_offset_s` is how far this party's clock is from everybody else's: no two are ever the same."""

    def __init__(self, secret: str, timeout_s: float, clock_offset_s: float = 0) -> None:
        self._secret = secret
        self._timeout_s = timeout_s
        self._clock_offset_s = clock_offset_s
        self._session = requests.Session()

    def send(self, message: dict[str, Any]) -> None:
        """POST `message["event"]` to `message["url"]`; raises unless the answer is 2xx."""
        body = json.dumps(message["event"]).encode()
        headers = {"Content-Type": "application/json",
                   "Bank-Signature": signature(self._secret, body, int(time.time() + self._clock_offset_s))}
        try:
            response = self._session.post(message["url"], data=body, headers=headers, timeout=self._timeout_s,
                                          allow_redirects=False)
        except requests.RequestException as error:
            raise NeighbourUnreachable("merchant", str(error)) from error
        if not 200 <= response.status_code < 300:
            raise NeighbourRefused("merchant", response.status_code, response.text[:200])
