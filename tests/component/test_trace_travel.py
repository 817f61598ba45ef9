"""Traces of a real component of the reference system: calls without instrumentation, errors that became responses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller

from gonogo.model.calls import Call
from gonogo.traffic.spans.receiver import Receiver
from gonogo.traffic.spans.span_store import SpanStore
from gonogo.traffic.spans.tree import calls_of
from tests.masks import masker

pytestmark = pytest.mark.alone

REPOSITORY = Path(__file__).parents[2]
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
EVENT = {"event_id": "e1", "type": "booking-confirmed", "to": "ana@x.example", "booking": {
    "id": "b1", "locator": "ABC234", "price": {"amount": 1200, "currency": "EUR"},
    "flight": {"number": "TA123", "from": "LHR", "to": "JFK", "departure": "2027-03-07T12:00:00+00:00",
               "arrival": "2027-03-07T14:10:00-05:00"},
    "passengers": [{"given_name": "Ana", "family_name": "Silva", "seat": "2B"}]}}


class MailServer:
    """Accepts mail, or answers as configured."""

    answer = "250 Ok"

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return self.answer


@pytest.fixture
def mail_server() -> Iterator[tuple[MailServer, int]]:
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def notifications(folder: Path, smtp_port: int, exporting_to: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "travel.chassis", "notifications"], cwd=REPOSITORY, stderr=subprocess.DEVNULL,
        env={**os.environ, "PORT": str(port), "SMTP_PORT": str(smtp_port), "DATA_DIR": str(folder),
             "OTEL_EXPORTER_OTLP_ENDPOINT": exporting_to})
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{url}/health?self=1"))
        yield url, process
    finally:
        process.terminate()
        process.wait(15)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.ConnectionError:
        return False


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def send(url: str, event: dict[str, Any]) -> int:
    return requests.post(f"{url}/events", json=event, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"}, timeout=10).status_code


def calls_below_the_request(store: SpanStore) -> list[Call]:
    roots = calls_of(store.spans, lambda url: url, lambda _callee, path: path)
    return [root.call for root in roots if (root.trace_id, root.parent_id) == (TRACE, PARENT)]


@pytest.fixture
def store() -> SpanStore:
    return SpanStore(masker())


def test_a_mail_is_a_late_call_of_its_event(tmp_path: Path, store: SpanStore, mail_server: tuple[MailServer, int]) -> None:
    """The SMTP call has the message of a mail server that refused it; the outbox carries the trace."""
    server, smtp_port = mail_server
    with Receiver("http://127.0.0.1:0", store) as receiver, \
            notifications(tmp_path, smtp_port, f"http://127.0.0.1:{receiver.port}") as (url, _):
        assert send(url, EVENT) == 202
        until(lambda: any(span.peer == "mailbox" for span in store.spans))
        server.answer = "554 No such user"
        assert send(url, {**EVENT, "event_id": "e2"}) == 202
        until(lambda: any(span.peer == "mailbox" and span.failed for span in store.spans))
        assert store.drain(since_s=time.monotonic(), quiet_s=0.5, max_s=10)
    first, second = calls_below_the_request(store)[:2]
    assert (first.edge.callee, first.edge.operation, first.status) == ("notifications", "POST /events", 202)
    (sent,), refused = first.calls, second.calls[0]
    assert (sent.edge.caller, sent.edge.callee, sent.edge.operation, sent.status, sent.late) == (
        "notifications", "mailbox", "SMTP send", 200, True)
    assert (refused.status, refused.late) == (500, True)
    assert "No such user" in refused.error_text


def test_an_error_that_became_a_response_is_in_the_span(tmp_path: Path, store: SpanStore) -> None:
    """The span of a refused request has the reason, although no exception left the framework."""
    with Receiver("http://127.0.0.1:0", store) as receiver, \
            notifications(tmp_path, free_port(), f"http://127.0.0.1:{receiver.port}") as (url, _):
        assert send(url, {"type": "nonsense"}) == 422
        until(lambda: bool(store.spans))
    (call,) = calls_below_the_request(store)
    assert (call.status, call.error_text) == (422, "422 invalid-event: No mail can be written from this event.")


def test_a_missing_trace_receiver_delays_nothing(tmp_path: Path) -> None:
    """Requests are answered as fast, and the component ends within its time limit."""
    with notifications(tmp_path, free_port(), f"http://127.0.0.1:{free_port()}") as (url, process):
        began = time.monotonic()
        for number in range(20):
            assert send(url, {**EVENT, "event_id": f"e{number}"}) == 202
        assert time.monotonic() - began < 5
        began = time.monotonic()
        process.terminate()
        process.wait(15)
        assert time.monotonic() - began < 8, "supervisord kills it after that"
