"""Calls to HTTP APIs from steps, and assertions on their answers.

The paths and members of one system belong to the service clients of its suite.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

Json = Any  # foreign documents: the caller knows their shape


class Api:
    """One HTTP API, as used by one client.

    All clients of a scenario share `session` (`context.world.http` records it), so each client
    sends its own `cookies` and stores those of the answers.
    """

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url.rstrip("/")
        self.cookies: dict[str, str] = {}
        self._session = session

    def get(self, path: str, *, params: Mapping[str, str] | None = None) -> Json:
        """The JSON of the answer. Raises AssertionError if it is not successful."""
        return self.call("GET", path, params=params)

    def post(self, path: str, json: Json = None, *, headers: Mapping[str, str] | None = None) -> Json:
        """The JSON of the answer; None if it is empty. Raises AssertionError if it is not successful."""
        return self.call("POST", path, json=json, headers=headers)

    def call(self, method: str, path: str, *, json: Json = None, params: Mapping[str, str] | None = None,
             headers: Mapping[str, str] | None = None) -> Json:
        answer = self.send(method, path, json=json, params=params, headers=headers)
        assert answer.ok, f"{method} {answer.url} answered {answer.status_code}: {answer.text[:500]}"
        return answer.json() if answer.content else None

    def send(self, method: str, path: str, *, json: Json = None, params: Mapping[str, str] | None = None,
             headers: Mapping[str, str] | None = None) -> requests.Response:
        """The answer, whatever its status. Raises AssertionError if there is no answer."""
        self._session.cookies.clear()
        try:
            answer = self._session.request(method, self.url + path, json=json, params=params, headers=headers,
                                           cookies=self.cookies)
        except requests.RequestException as error:
            raise AssertionError(f"{method} {self.url}{path}: {error}") from error
        self.cookies.update(answer.cookies.get_dict())
        return answer


def assert_refused(answer: requests.Response, status: int, code: str) -> None:
    """Assert that the answer is a problem document (RFC 9457) with this status and this `code`."""
    actual = f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:500]}"
    assert answer.status_code == status, f"expected {status} {code}, but {actual}"
    mime = answer.headers.get("Content-Type", "")
    assert mime.startswith("application/problem+json"), f"expected a problem document, got {mime!r}: {actual}"
    assert answer.json().get("code") == code, f"expected code {code}, but {actual}"
