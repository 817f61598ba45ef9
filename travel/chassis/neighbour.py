"""Calls to another component or a third party, over HTTP with requests."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


class NeighbourUnreachable(Exception):
    """No answer: refused, reset, timed out."""

    def __init__(self, neighbour: str, cause: str) -> None:
        super().__init__(f"{neighbour} did not answer: {cause}")
        self.neighbour = neighbour


class NeighbourRefused(Exception):
    """An answer of 400 or above; `body` is its JSON, or None where it was not JSON."""

    def __init__(self, neighbour: str, status: int, body: Any) -> None:
        super().__init__(f"{neighbour} answered {status}: {body}")
        self.neighbour = neighbour
        self.status = status
        self.body = body


class Neighbour:
    """One other party: `timeout_s` bounds each attempt.

    Only what may be repeated is: a GET, or a call that carries an idempotency key
    (`idempotency_key=`), is tried up to `attempts` times on a connection error, 503 or 504. A 502
    is a refusal that was passed on: it would come again.
    """

    def __init__(self, name: str, base_url: str, *, timeout_s: float = 5.0, attempts: int = 3,
                 headers: dict[str, str] | None = None) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._once = _session(attempts=1, headers=headers)
        self._repeating = _session(attempts=attempts, headers=headers)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.call("POST", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.call("DELETE", path, **options)

    def call(self, method: str, path: str, *, json: Any = None, idempotency_key: str | None = None,
             params: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Any:
        """Return the JSON of a 2xx answer (None where it is empty), or raise as the classes above say."""
        headers = dict(headers or {})
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        response = self.send(method, path, json=json, params=params, headers=headers)
        body = _json_of(response)
        if response.status_code >= 400:
            raise NeighbourRefused(self.name, response.status_code, body)
        return body

    def send(self, method: str, path: str, *, headers: dict[str, str], **options: Any) -> requests.Response:
        """The answer as it came, whatever its status (`options` are those of requests); redirects are not followed."""
        session = self._repeating if method == "GET" or "Idempotency-Key" in headers else self._once
        try:
            return session.request(method, self.base_url + path, headers=headers, timeout=self._timeout_s,
                                   allow_redirects=False, **options)
        except requests.RequestException as error:
            raise NeighbourUnreachable(self.name, str(error)) from error


def _session(*, attempts: int, headers: dict[str, str] | None) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # neighbours are called directly: no proxy of the environment, no .netrc
    session.headers.update(headers or {})
    retry = Retry(total=attempts - 1, backoff_factor=0.1, status_forcelist=(503, 504),
                  allowed_methods=None, raise_on_status=False)
    session.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=16, max_retries=retry))
    session.mount("https://", HTTPAdapter(pool_connections=4, pool_maxsize=16, max_retries=retry))
    return session


def _json_of(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.JSONDecodeError:
        return None
