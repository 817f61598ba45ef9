"""Calls to HTTP APIs from steps, and what their answers must be.

What a system's paths and members mean is its own service clients' business.
"""

from __future__ import annotations

from typing import Any

import requests


class Api:
    """One HTTP API as one client sees it.

    `session` is shared by everybody in a scenario (`context.world.http` records it), so each client
    brings its own `cookies` and keeps those that it is given.
    """

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url.rstrip("/")
        self.cookies: dict[str, str] = {}
        self._session = session

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a successful answer."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        """The JSON of a successful answer; None where it is empty."""
        return self.call("POST", path, json=json, **options)

    def call(self, method: str, path: str, **options: Any) -> Any:
        answer = self.send(method, path, **options)
        assert answer.ok, f"{method} {answer.url} answered {answer.status_code}: {answer.text[:500]}"
        return answer.json() if answer.content else None

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer as it is, whatever its status; AssertionError where nothing answers."""
        self._session.cookies.clear()
        try:
            answer = self._session.request(method, self.url + path, cookies=self.cookies, **options)
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
