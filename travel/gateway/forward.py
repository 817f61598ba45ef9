"""Hand a request on to a neighbour and its answer back, with only the headers that are meant to pass."""

from __future__ import annotations

import requests
from flask import Request, Response

from travel.chassis import Neighbour

# What a client may tell a neighbour. X-Customer-Id is not among them: only a session says who somebody is.
REQUEST_HEADERS = ("Accept", "Accept-Language", "Content-Type", "Idempotency-Key", "If-Modified-Since",
                   "If-None-Match", "traceparent", "tracestate")
RESPONSE_HEADERS = ("Allow", "Cache-Control", "Content-Language", "Content-Type", "ETag", "Last-Modified",
                    "Location", "Retry-After")


def forward(request: Request, neighbour: Neighbour, path: str, *, customer_id: str | None = None) -> Response:
    """Ask `neighbour` for `path` with the request's method, query and body."""
    return response_from(exchange(request, neighbour, path, customer_id=customer_id))


def exchange(request: Request, neighbour: Neighbour, path: str, *, customer_id: str | None = None) -> requests.Response:
    """The neighbour's answer, for those who look into it before they pass it back."""
    headers = {name: request.headers[name] for name in REQUEST_HEADERS if name in request.headers}
    # requests would undo a compression that the browser could have had as it came.
    headers["Accept-Encoding"] = "identity"
    if customer_id is not None:
        headers["X-Customer-Id"] = customer_id
    query = request.query_string.decode("latin-1")
    body = request.get_data() or None
    return neighbour.send(request.method, f"{path}?{query}" if query else path, headers=headers, data=body)


def response_from(answer: requests.Response) -> Response:
    response = Response(answer.content, status=answer.status_code)
    del response.headers["Content-Type"]
    for name in RESPONSE_HEADERS:
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    return response
