"""Calls to HTTP APIs from steps, and what their answers must be.

What a system's paths and members mean is its own service clients' business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

Json = Any  # foreign documents: whoever asks knows their shape


class Api:
    """One HTTP API as one client sees it.

    `session` is shared by everybody in a scenario (`context.world.http` records it), so each client
    brings its own `cookies` and keeps those that it is given.
    """

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url.rstrip("/")
        self.cookies: dict[str, str] = {}
        self._session = session

    def get(self, path: str, *, params: Mapping[str, str] | None = None) -> Json:
        """The JSON of a successful answer."""
        return self.call("GET", path, params=params)

    def post(self, path: str, json: Json = None, *, headers: Mapping[str, str] | None = None) -> Json:
        """The JSON of a successful answer; None where it is empty."""
        return self.call("POST", path, json=json, headers=headers)

    def call(self, method: str, path: str, *, json: Json = None, params: Mapping[str, str] | None = None,
             headers: Mapping[str, str] | None = None) -> Json:
        answer = self.send(method, path, json=json, params=params, headers=headers)
        assert answer.ok, f"{method} {answer.url} answered {answer.status_code}: {answer.text[:500]}"
        return answer.json() if answer.content else None

    def send(self, method: str, path: str, *, json: Json = None, params: Mapping[str, str] | None = None,
             headers: Mapping[str, str] | None = None) -> requests.Response:
        """The answer as it is, whatever its status; AssertionError where nothing answers."""
        self._session.cookies.clear()
        try:
            answer = self._session.request(method, self.url + path, json=json, params=params, headers=headers,
                                           cookies=self.cookies)
        except requests.RequestException as error:
            raise AssertionError(f"{method} {self.url}{path}: {error}") from error
        self.cookies.update(answer.cookies.get_dict())
        return answer


def assert_refused(answer: requests.Response, status: int, code: str) -> None:
    """The answer is a problem document (RFC 9457) with this status and this `code`."""
    seen = f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:500]}"
    assert answer.status_code == status, f"expected {status} {code}, but {seen}"
    kind = answer.headers.get("Content-Type", "")
    assert kind.startswith("application/problem+json"), f"expected a problem document, but {kind}: {seen}"
    assert answer.json().get("code") == code, f"expected {code}, but {seen}"
