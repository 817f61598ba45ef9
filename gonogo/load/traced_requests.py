"""Makes both of Locust's HTTP clients send the traces that `load_traces` begins."""

from __future__ import annotations

from functools import wraps
from typing import Any

from locust.clients import HttpSession
from locust.contrib.fasthttp import LocustUserAgent

from gonogo.load.load_traces import LoadTraces


def trace_requests(traces: LoadTraces) -> None:
    """Make both of Locust's HTTP clients send `traces` from now on, also after a redirect."""
    urlopen, send = LocustUserAgent._urlopen, HttpSession.send

    @wraps(urlopen)
    def traced(agent: LocustUserAgent, request: Any) -> Any:  # noqa: ANN401  as in geventhttpclient
        traces.mark(request.method, request.full_url, request.headers)
        return urlopen(agent, request)  # type: ignore[no-untyped-call]

    @wraps(send)
    def sent(session: HttpSession, request: Any, **options: Any) -> Any:  # noqa: ANN401  as in requests
        traces.mark(request.method, request.url, request.headers)
        return send(session, request, **options)

    LocustUserAgent._urlopen = traced  # type: ignore[method-assign]
    HttpSession.send = sent  # type: ignore[assignment,method-assign]
