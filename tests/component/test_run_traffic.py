"""The traffic of a run with the real receiver: which of the received spans are evidence."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from gonogo.config.model import Environment
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.model.trace_ids import TraceIds
from gonogo.records.har import write_har
from gonogo.records.har_entry import entry_of, exchange_of
from gonogo.records.spans import SPANS_FILE, read_spans
from gonogo.traffic import collection
from gonogo.traffic.collection import Traffic
from gonogo.traffic.http.parties import Parties
from tests.masks import masker

IDS = TraceIds()
OWN, FOREIGN, LINKED, OF_PAGE = IDS.new(), "f" * 32, "c" * 32, "d" * 32


def span(trace_id: str, *links: str) -> dict[str, object]:
    return {"traceId": trace_id, "spanId": "a" * 16, "kind": 3, "links": [{"traceId": link} for link in links]}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Traffic:
    monkeypatch.setattr(collection, "_QUIET_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = Environment.model_validate({"url": "http://127.0.0.1:1", "traces": {"otlp": f"http://127.0.0.1:{port}"}})
    return Traffic(environment, tmp_path, tmp_path, masker(), IDS)


def scenario(run: Traffic) -> Scenario:
    """A scenario whose page began a trace of its own."""
    request = {"method": "GET", "url": "http://127.0.0.1:1/x", "headers": [{"name": "traceparent", "value": f"00-{OF_PAGE}-{'b' * 16}-01"}]}
    exchange = exchange_of({"request": request, "response": {"status": 200}}, lambda _: "web")
    write_har(run.run_folder / "exchanges.har", [entry_of(replace(exchange, started_s=1.0))], masker())
    return Scenario(ScenarioId("a.feature", "", "Ana pays"), "Ana pays", "Paying", 3, attempts=(Attempt(Status.PASSED, attachments=("exchanges.har",)),))


def test_only_spans_of_traces_that_the_run_began_are_evidence(run: Traffic) -> None:
    """Those of another process are kept, on disk too; a link, a page's own trace and half an id count as the run's."""
    variables = run.variables
    sent = [span(OWN), span(FOREIGN), span(LINKED, OWN), span(OF_PAGE), span("0" * 16 + OF_PAGE[16:])]
    with run.listening():
        requests.post(f"{variables['OTEL_EXPORTER_OTLP_ENDPOINT']}/v1/traces", headers={"Content-Type": "application/json"}, timeout=10,
                      data=json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": sent}]}]})).raise_for_status()
        recorded = run.recorded((), (scenario(run),), Parties(), None, time.monotonic())
    assert [each.trace_id for each in recorded.spans] == [OWN, LINKED, OF_PAGE, "0" * 16 + OF_PAGE[16:]]
    assert [each.trace_id for each in recorded.foreign_spans] == [FOREIGN]
    assert {each.trace_id for each in read_spans(run.run_folder / SPANS_FILE)[0]} == {each["traceId"] for each in sent}


def test_components_are_told_where_and_how_to_send_spans(run: Traffic) -> None:
    """Exporters of some languages use gRPC unless they are told otherwise."""
    traces = run.environment.traces
    assert traces is not None
    assert run.variables == {"OTEL_EXPORTER_OTLP_ENDPOINT": traces.otlp, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}


def test_damaged_record_of_spans_is_reported(run: Traffic) -> None:
    """A child that was killed leaves half a line: its steps are missing in the trace, and the verdict says so."""
    (run.run_folder / "behaviour").mkdir()
    (run.run_folder / "behaviour" / SPANS_FILE).write_text('{"trace_id": "aa')
    assert run.recorded(("behaviour",), (), Parties(), None, 0.0).problems == (
        "1 lines of behaviour/spans.ndjson cannot be read: steps are missing in the traces",)
