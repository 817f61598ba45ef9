"""Refuses requests of personas that the environment does not permit, before they are sent, also after a redirect.

`environment.request_guard` sees connections of every client, and requests of Locust's HttpUser; its fast client does
not use http.client, so its requests are checked here.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from locust.contrib.fasthttp import LocustUserAgent

from gonogo.environment.request_guard import RequestGuard, install
from gonogo.model.reach import Reach


def guard_requests(reach: Reach) -> RequestGuard:
    """Let `reach` hold in this process from now on; the result has the refused requests."""
    guard = install(reach)
    send = LocustUserAgent._urlopen  # called once for each redirect too

    @wraps(send)
    def checked(agent: LocustUserAgent, request: Any) -> Any:  # noqa: ANN401  as in geventhttpclient
        guard.on_request(request.method, request.full_url)
        return send(agent, request)  # type: ignore[no-untyped-call]

    LocustUserAgent._urlopen = checked  # type: ignore[method-assign]
    return guard
