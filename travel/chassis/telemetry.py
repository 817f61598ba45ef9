"""OpenTelemetry for a component: traces over OTLP/HTTP, only where a receiver is configured.

Nothing of OpenTelemetry is imported unless OTEL_EXPORTER_OTLP_ENDPOINT (or its traces twin) is set.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from travel.chassis.trace_context import receiver_configured

if TYPE_CHECKING:
    from flask import Flask

# Regular expressions on URLs: probes, and what pages are made of. Three spans for each script of a page, half a
# millisecond each, would cost more than all else, and say nothing that the browser does not know.
UNTRACED = r"/(health|version|metrics)([?]|$),[.](css|ico|js|map|png|svg|woff2)([?]|$)"
EXPORT_TIMEOUT_S = 2
EXPORT_EVERY_MS = 400  # whoever waits for the spans of a request waits this long; each export costs a millisecond
# What is kept while a receiver is slow; beyond that spans are dropped, never requests held up. Few batches, because
# each of them may take the time-out at a stop where nobody listens any more.
QUEUE_SPANS = 4096
BATCH_SPANS = 2048


def instrument(app: Flask, component: str) -> bool:
    """Trace the requests that `app` serves and those that it sends; True where a receiver is configured."""
    if not receiver_configured():
        return False

    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.instrumentation.requests import RequestsInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": component}))
    # A receiver that is gone must hold nobody up: the exporter's own 10 s would, at every stop.
    exporter = OTLPSpanExporter(timeout=float(os.environ.get("OTEL_EXPORTER_OTLP_TIMEOUT", EXPORT_TIMEOUT_S)))
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=QUEUE_SPANS,
                                                   max_export_batch_size=BATCH_SPANS,
                                                   schedule_delay_millis=EXPORT_EVERY_MS))
    trace.set_tracer_provider(provider)
    FlaskInstrumentor().instrument_app(app, excluded_urls=UNTRACED)  # type: ignore[no-untyped-call]
    RequestsInstrumentor().instrument(excluded_urls=UNTRACED)
    return True
