"""Log lines as the component writes them, in a process of their own: logging is configured once."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

CODE = """
import logging
from opentelemetry.sdk.trace import TracerProvider
from travel.chassis.logs import configure_logs
configure_logs()
logging.getLogger("shop").info("before")
with TracerProvider().get_tracer("test").start_as_current_span("GET"):
    try:
        {}["fare"]
    except KeyError:
        logging.getLogger("shop").exception("no fare")
"""


def logged(**environ: str) -> str:
    without = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run([sys.executable, "-c", CODE], env={**without, **environ, "TZ": "Asia/Tokyo"}, check=True, text=True, capture_output=True)
    return done.stderr


def test_line_has_time_level_and_trace() -> None:
    first, second, *trace = logged(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}Z INFO shop before", first)
    assert re.fullmatch(r"\S+ \S+Z ERROR shop no fare trace_id=[0-9a-f]{32} span_id=[0-9a-f]{16}", second)
    assert trace[-1] == "KeyError: 'fare'"


@pytest.mark.parametrize("environ", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}])
def test_without_a_receiver_there_is_no_trace(environ: dict[str, str]) -> None:
    assert "trace_id" not in logged(**environ)
