"""The trace that the running work belongs to: carried over what is done later, told of calls and errors.

Nothing here has an effect unless a receiver is configured; starting and exporting traces is `telemetry`'s business.
"""
# ruff: noqa: PLC0415 - nothing of OpenTelemetry is imported unless a receiver is configured

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def receiver_configured() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))


def current_traceparent() -> str | None:
    """The `traceparent` of the request being served; None outside of one or where nothing is traced."""
    if not receiver_configured():
        return None
    from opentelemetry.propagate import inject

    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def resumed(traceparent: str | None) -> Iterator[None]:
    """Within the block, calls to neighbours belong to that trace: a webhook to the request that caused it."""
    if not traceparent or not receiver_configured():
        yield
        return
    from opentelemetry.context import attach, detach
    from opentelemetry.propagate import extract

    token = attach(extract({"traceparent": traceparent}))
    try:
        yield
    finally:
        detach(token)


@contextmanager
def asking(neighbour: str, *, system: str, operation: str, port: int) -> Iterator[None]:
    """The block is a call that no instrumentation sees, such as one over SMTP; what it raises is the call's error."""
    if not receiver_configured():
        yield
        return
    from opentelemetry.trace import SpanKind, get_tracer

    attributes: dict[str, str | int] = {"peer.service": neighbour, "rpc.system": system, "rpc.method": operation,
                                        "server.port": port}
    with get_tracer("travel").start_as_current_span(f"{system.upper()} {operation}", kind=SpanKind.CLIENT,
                                                    attributes=attributes):
        yield


def tell_error(error: Exception) -> None:
    """Put an error that was turned into an answer on the span of the request: the instrumentation never meets it."""
    if not receiver_configured():
        return
    from opentelemetry.trace import get_current_span

    # without its stack: most are answers that a caller asked for, such as a seat that is taken
    get_current_span().add_event("exception", {"exception.type": type(error).__name__, "exception.message": str(error)})
