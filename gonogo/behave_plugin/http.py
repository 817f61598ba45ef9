"""HTTP from steps: a requests session that keeps its exchanges as HAR entries, and always has a time-out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

HarEntry = dict[str, Any]  # https://w3c.github.io/web-performance/specs/HAR/Overview.html: foreign JSON


class RecordedHttp(requests.Session):
    """A requests session for API steps; `exchanges` holds each request and its answer."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s
        self.exchanges: list[HarEntry] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401  as in requests
        if options.get("timeout") is None:
            options["timeout"] = self._timeout_s
        started = datetime.now(UTC)
        try:
            response = super().send(request, **options)
        except requests.RequestException as error:
            self.exchanges.append(_entry(request, None, started, str(error)))
            raise
        # each redirect passes through here by itself
        self.exchanges.append(_entry(request, response, started, ""))
        return response


def _entry(request: requests.PreparedRequest, response: requests.Response | None, started: datetime,
           failure: str) -> HarEntry:
    took_ms = response.elapsed.total_seconds() * 1000 if response is not None else -1
    body = request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else request.body
    sent: HarEntry = {
        "method": request.method, "url": request.url, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
        "headers": _headers(request.headers), "headersSize": -1, "bodySize": len(body or ""),
    }
    if isinstance(body, str):
        sent["postData"] = {"mimeType": request.headers.get("Content-Type", ""), "text": body}
    return {
        "startedDateTime": started.isoformat(), "time": took_ms, "cache": {}, "request": sent,
        "response": _answer(response, failure), "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "_origin": "step",
    }


def _answer(response: requests.Response | None, failure: str) -> HarEntry:
    answer: HarEntry = {
        "status": 0, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "redirectURL": "",
        "headersSize": -1, "bodySize": -1, "content": {"size": 0, "mimeType": ""},
    }
    if response is None:
        return answer | {"_failureText": failure}
    return answer | {
        "status": response.status_code, "statusText": response.reason, "headers": _headers(response.headers),
        "redirectURL": response.headers.get("Location", ""), "bodySize": len(response.content),
        "content": {"size": len(response.content), "mimeType": response.headers.get("Content-Type", ""),
                    "text": response.text},
    }


def _headers(headers: Mapping[str, str | bytes]) -> list[dict[str, str]]:
    return [{"name": str(name), "value": value if isinstance(value, str) else value.decode("latin-1")}
            for name, value in headers.items()]
