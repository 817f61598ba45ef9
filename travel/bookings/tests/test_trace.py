"""What is done for a booking later belongs to the trace in which it was placed."""

from __future__ import annotations

import pytest

from travel.bookings.tests.conftest import Traveller
from travel.chassis.trace_context import resumed

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("traced", [True, False])
def test_expiring(hurried: Traveller, monkeypatch: pytest.MonkeyPatch, traced: bool) -> None:
    """Who looks at the traveller's request sees what it led to, however much later; untraced, nothing is made up."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    with resumed(f"00-{TRACE}-b7ad6b7169203331-01" if traced else None):
        hurried.booked()
    hurried.expire()
    outbox = hurried.client.application.extensions["travel"]["outbox"]
    messages = outbox._database.all("SELECT traceparent FROM outbox")
    assert {TRACE in (message["traceparent"] or "") for message in messages} == {traced}
