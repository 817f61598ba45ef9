"""Sends one request, and reads its answer within limits of time and bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from gonogo.environment.request_guard import RequestRefused
from gonogo.model.exchange import Body
from gonogo.model.probing import ProbeRequest
from gonogo.stages.probe.placeholders import as_text

ANSWER_S = 5.0  # for a whole answer
MAX_ANSWER_BYTES = 1024 * 1024
_CHUNK = 16 * 1024
_OWN_AGENT = "gonogo-probe"


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is 0 without a whole answer; `failure` is then the cause. `body` is None where there is none."""

    status: int
    body: Body | None = None
    failure: str = ""
    ms: float = 0.0


class Client:
    """Follows no redirect, keeps no cookie and repeats nothing, so that each answer is the one to its request alone."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._session = requests.Session()
        self._session.headers = requests.structures.CaseInsensitiveDict({"User-Agent": _OWN_AGENT})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))

    def send(self, request: ProbeRequest, headers: Mapping[str, str]) -> Answer:
        """Send `request`, which has no placeholder. `headers` override its own. Raises RequestRefused."""
        query = urlencode(request.query)
        url = f"{self._origin}{request.path}" + (f"?{query}" if query else "")
        data = _encoded(request)
        sent = {**({"Content-Type": request.mime} if data is not None else {}), "Accept": "*/*",
                **dict(request.headers), **headers}
        began = time.monotonic()
        try:
            status, body = self._exchange(request.method, url, data, sent, began + ANSWER_S)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            if refused := _refusal(error):
                raise refused from error
            return Answer(0, failure=type(error).__name__, ms=(time.monotonic() - began) * 1000)
        finally:
            self._session.cookies.clear()
        return Answer(status, body, ms=(time.monotonic() - began) * 1000)

    def _exchange(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str],
                  until: float) -> tuple[int, Body | None]:
        with self._session.request(method, url, data=data, headers=headers, allow_redirects=False, stream=True,
                                   timeout=ANSWER_S) as answer:
            raw = bytearray()
            while len(raw) <= MAX_ANSWER_BYTES and (chunk := answer.raw.read1(_CHUNK, decode_content=True)):
                raw += chunk
                if time.monotonic() > until:
                    raise TimeoutError
            mime = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if not raw:
                return answer.status_code, Body(mime, 0) if mime else None
            cut = len(raw) > MAX_ANSWER_BYTES
            return answer.status_code, Body(mime, -1 if cut else len(raw), bytes(raw).decode("utf-8", "replace"), cut)


def _encoded(request: ProbeRequest) -> bytes | None:
    if not request.mime:
        return None
    if request.mime.startswith("application/x-www-form-urlencoded") and isinstance(request.body, dict):
        return urlencode({name: as_text(value) for name, value in request.body.items()}).encode("ascii")
    return json.dumps(request.body).encode("ascii")


def _refusal(error: BaseException) -> RequestRefused | None:
    """The refusal of the guard, which clients wrap in errors of their own."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return None
        if isinstance(seen, RequestRefused):
            return seen
        reason = getattr(seen, "reason", None)
        first = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
        seen = reason if isinstance(reason, BaseException) else first or seen.__cause__ or seen.__context__
    return None
