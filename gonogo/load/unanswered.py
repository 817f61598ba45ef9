"""Counts a request that is never answered as a failure.

Locust ends a run by killing its users; a request under way then raises GreenletExit and is not counted.
A server that accepts and never answers would leave no statistics, and exit code 0.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from gevent import GreenletExit
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import StopUser

Request = Callable[..., Any]


class Unanswered(Exception):
    """There was no answer by the end of the run."""


def watch_requests(ending: Callable[[], bool]) -> None:
    """Make both of Locust's HTTP clients report requests that are cut off, and send none while `ending()` is true."""
    for session in (HttpSession, FastHttpSession):
        session.request = _watched(session.request, ending)  # type: ignore[method-assign]


def _watched(request: Request, ending: Callable[[], bool]) -> Request:
    @wraps(request)
    def watched(session: Any, method: str, url: str, name: str | None = None,  # noqa: ANN401  either client
                *args: object, **options: object) -> Any:  # noqa: ANN401
        if ending():
            raise StopUser
        start_time, start = time.time(), time.perf_counter()
        try:
            return request(session, method, url, name, *args, **options)
        except GreenletExit:
            late_ms = getattr(session.user, "late_ms", 0.0)
            session.request_event.fire(
                request_type=method, name=name or session.request_name or url, url=url, start_time=start_time,
                response_time=(time.perf_counter() - start) * 1000, response_length=0, response=None,
                context={"late_ms": late_ms},
                exception=Unanswered("no answer by the end of the run"))
            raise

    return watched
