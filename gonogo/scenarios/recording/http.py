"""HTTP from steps: a requests session that keeps its exchanges as HAR entries, and always has a time-out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from gonogo.scenarios.browser.trace_context import HEADER, TraceContext

HarEntry = dict[str, Any]  # https://w3c.github.io/web-performance/specs/HAR/Overview.html: foreign JSON
MAX_READ = 512 * 1024  # bytes of a body; a longer one is noted, not kept
_TEXT_TYPES = ("json", "text/", "xml", "javascript", "x-www-form-urlencoded")


def is_text(mime: object) -> bool:
    return any(known in str(mime) for known in _TEXT_TYPES)


class RecordedHttp(requests.Session):
    """A requests session for API steps; `exchanges` holds each request and its answer.

    Its requests to the system itself carry the scenario's trace context, where there is one.
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
        # what a redirect leads to has passed through here by itself, and stands last in what is returned
        answer = response.history[0] if response.history else response
        self.exchanges.append(_entry(request, answer, started, answer.elapsed.total_seconds() * 1000, "",
                                     whole=not options.get("stream")))
        return response

    def _put_context(self, request: requests.PreparedRequest) -> None:
        """A redirected request brings the context of the one before it, wherever it goes to."""
        if self._trace is None:
            return
        given = str(request.headers.get(HEADER, ""))
        if given and not self._trace.made(given):
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
    """`whole` says that the body was read; the step itself reads one that it asked for as a stream."""
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
    except LookupError:  # a charset that nobody knows
        return body.decode("utf-8", "replace")


def _ms_since(began: float) -> float:
    return (time.monotonic() - began) * 1000


def _headers(headers: Mapping[str, str | bytes]) -> list[dict[str, str]]:
    return [{"name": str(name), "value": value if isinstance(value, str) else value.decode("latin-1")}
            for name, value in headers.items()]
