"""HTTP from steps: a requests session that records its exchanges as HAR entries, and always has a timeout."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from gonogo.scenarios.browser.trace_context import HEADER, TraceContext

HarEntry = dict[str, Any]  # https://w3c.github.io/web-performance/specs/HAR/Overview.html: foreign JSON
MAX_READ = 512 * 1024  # bytes of a body; of a longer one only the size is recorded
_TEXT_TYPES = ("json", "text/", "xml", "javascript", "x-www-form-urlencoded")


def is_text(mime: object) -> bool:
    return any(known in str(mime) for known in _TEXT_TYPES)


class RecordedHttp(requests.Session):
    """A requests session for API steps; `exchanges` has each request and its answer.

    Its requests to the system carry the scenario's trace context, if there is one.
    """

    def __init__(self, timeout_s: float, trace: TraceContext | None = None) -> None:
        super().__init__()
        self._timeout_s = timeout_s
        self._trace = trace
        self.exchanges: list[HarEntry] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401  as in requests
        if options.get("timeout") is None:
            options["timeout"] = self._timeout_s
        self._put_context(request)
        started, began = datetime.now(UTC), time.monotonic()
        try:
            response = super().send(request, **options)
        except requests.RequestException as error:
            self.exchanges.append(_entry(request, None, started, _ms_since(began), str(error)))
            raise
        # the request that follows a redirect calls `send` itself; `response` is the last of the chain
        answer = response.history[0] if response.history else response
        self.exchanges.append(_entry(request, answer, started, answer.elapsed.total_seconds() * 1000, "",
                                     whole=not options.get("stream")))
        return response

    def _put_context(self, request: requests.PreparedRequest) -> None:
        """Set or remove the header: a redirected request has that of the request before it, whatever its target."""
        if self._trace is None:
            return
        existing = str(request.headers.get(HEADER, ""))
        if existing and not self._trace.created(existing):
            return
        request.headers.pop(HEADER, None)
        header = self._trace.header_for(request.url or "")
        if header:
            request.headers[HEADER] = header


def _entry(request: requests.PreparedRequest, response: requests.Response | None, started: datetime,
           took_ms: float, failure: str, *, whole: bool = False) -> HarEntry:
    body = request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else request.body
    sent: HarEntry = {
        "method": request.method, "url": request.url, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
        "headers": _headers(request.headers), "headersSize": -1, "bodySize": len(body or ""),
    }
    if isinstance(body, str):
        sent["postData"] = {"mimeType": request.headers.get("Content-Type", ""), "text": body}
    return {
        "startedDateTime": started.isoformat(), "time": took_ms, "cache": {}, "request": sent,
        "response": _answer(response, failure, whole=whole), "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "_origin": "step",
    }


def _answer(response: requests.Response | None, failure: str, *, whole: bool) -> HarEntry:
    """`whole` is true if the body was read; the step itself reads the body of a streamed answer."""
    answer: HarEntry = {
        "status": 0, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "redirectURL": "",
        "headersSize": -1, "bodySize": -1, "content": {"size": 0, "mimeType": ""},
    }
    if response is None:
        return answer | {"_failureText": failure}
    mime, body = response.headers.get("Content-Type", ""), response.content if whole else b""
    content: HarEntry = {"size": len(body), "mimeType": mime}
    if whole and is_text(mime) and len(body) <= MAX_READ:
        content["text"] = _decoded(body, response.encoding)
    return answer | {
        "status": response.status_code, "statusText": response.reason, "headers": _headers(response.headers),
        "redirectURL": response.headers.get("Location", ""), "bodySize": len(body), "content": content,
    }


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8", "replace")
    except LookupError:  # an unknown charset
        return body.decode("utf-8", "replace")


def _ms_since(began: float) -> float:
    return (time.monotonic() - began) * 1000


def _headers(headers: Mapping[str, str | bytes]) -> list[dict[str, str]]:
    return [{"name": str(name), "value": value if isinstance(value, str) else value.decode("latin-1")}
            for name, value in headers.items()]
