"""What a component logs: a line on standard error with its time (UTC), its level and, where it has one, its trace.

A file costs a component less than an exporter, and is there when the component has died.
"""
# ruff: noqa: PLC0415 - nothing of OpenTelemetry is imported unless a receiver is configured

from __future__ import annotations

import logging
import time

from travel.chassis.trace_context import receiver_configured

_FORMAT = "%(asctime)sZ %(levelname)s %(name)s %(message)s%(trace)s"


def configure_logs() -> None:
    handler = logging.StreamHandler()
    formatter = logging.Formatter(_FORMAT)
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(_with_trace)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # one line for each queued request


def _with_trace(record: logging.LogRecord) -> bool:
    """Give the record the ids of the request that is being served."""
    record.trace = ""
    if receiver_configured():
        from opentelemetry.trace import get_current_span

        context = get_current_span().get_span_context()
        if context.is_valid:
            record.trace = f" trace_id={context.trace_id:032x} span_id={context.span_id:016x}"
    return True
