"""Carry a W3C trace context over what is done later, so that a webhook belongs to the request that caused it.

Starting and exporting traces is `telemetry`'s business.
"""

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
    from opentelemetry.propagate import inject  # noqa: PLC0415

    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def resumed(traceparent: str | None) -> Iterator[None]:
    """Within the block, calls to neighbours belong to that trace."""
    if not traceparent or not receiver_configured():
        yield
        return
    from opentelemetry.context import attach, detach  # noqa: PLC0415
    from opentelemetry.propagate import extract  # noqa: PLC0415

    token = attach(extract({"traceparent": traceparent}))
    try:
        yield
    finally:
        detach(token)
