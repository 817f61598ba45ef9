"""A system with nothing of gonogo in it, under the gate: mitmproxy's HAR and the spans of Node services.

Only its url is configured. tests/fixtures/trace/node/README.md describes how the recordings were made.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from gonogo.config import Environment
from gonogo.model.calls import WireEvidence
from gonogo.model.identity import ScenarioId
from gonogo.model.run import RunEvidence
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status
from gonogo.model.stages import ScenarioResults, StageResult
from gonogo.records.har import read_recording
from gonogo.report.wording import no_suspect_line, suspect_line, suspect_why
from gonogo.traffic.analysis import AnalysisContext, Recorded, TrafficBaseline, join
from gonogo.traffic.contract import Contracts
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.spans.receiver import Receiver
from gonogo.traffic.spans.span_store import SpanStore
from gonogo.verdict.blame.clues import recorded_clues
from gonogo.verdict.blame.suspects import rank_suspects, why_no_suspect
from tests.masks import masker

RECORDED = Path(__file__).parents[1] / "fixtures" / "trace" / "node"
HAR = RECORDED / "requests.har"


@pytest.fixture(scope="module")
def environment() -> Environment:
    first = json.loads(HAR.read_text())["log"]["entries"][0]["request"]["url"]
    return Environment.model_validate({"url": f"http://{urlsplit(first).netloc}"})


@pytest.fixture(scope="module")
def store() -> SpanStore:
    """The spans that the services exported, sent unchanged to the gate's own receiver."""
    store = SpanStore(masker())
    with Receiver("http://127.0.0.1:0", store) as receiver:
        for body in sorted(RECORDED.glob("*.binpb.gz")):
            requests.post(f"http://127.0.0.1:{receiver.port}/v1/traces", data=body.read_bytes(), timeout=10, headers={
                "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}).raise_for_status()
    return store


def which(number: object) -> ScenarioId:
    return ScenarioId("shop.feature", "", f"scenario {number}")


def joined(environment: Environment, store: SpanStore, failed: int | None, baseline: TrafficBaseline | None = None,
           *, traces: bool = True) -> tuple[RunEvidence, TrafficBaseline]:
    """Join a run of six scenarios with one request each, of which the one numbered `failed` failed."""
    parties = Parties.of(environment)
    exchanges = [replace(exchange, scenario=which(exchange.trace_id.lstrip("0")).key)
                 for exchange in read_recording(HAR, parties.name_of).exchanges]
    scenarios = [Scenario(which(number), f"scenario {number}", "Shop", number, attempts=(
        Attempt(Status.FAILED if number == failed else Status.PASSED),)) for number in range(1, 7)]
    context = AnalysisContext(parties, Endpoints(), Contracts.of({}), declared={}, front=parties.name_of(environment.url))
    wire, account = join(Recorded(scenarios, exchanges, spans=store.spans if traces else ()), context, baseline)
    evidence = ScenarioEvidence(tuple(scenarios), finished=True)
    result = StageResult(len(scenarios), len(scenarios), ScenarioResults(evidence))
    return RunEvidence("r", "preprod", ("behaviour",), wire=wire, results={"behaviour": result}), account


@pytest.mark.parametrize(("failed", "pair", "said"), [
    pytest.param(2, ("shop", "stock"), "stock answered 500 to POST /reservations: size is not a number",
                 id="an exception behind a gateway's 502"),
    pytest.param(3, ("shop", "stock"), "stock did not answer GET /slow/[id]: gave up waiting", id="a timeout"),
    pytest.param(5, ("shop", "stock"), "stock answered 400 to POST /stock-events", id="a failed call after the response"),
])
def test_suspect_is_the_failed_call_between_two_services(environment: Environment, store: SpanStore, failed: int,
                                                         pair: tuple[str, str], said: str) -> None:
    """A proxy's HAR and the spans lead to the failed call, in the services' own names."""
    evidence, _ = joined(environment, store, failed)
    [suspect] = rank_suspects(evidence, (recorded_clues,))
    assert (suspect.component, suspect.peer) == pair
    assert said in suspect_why(suspect)


@pytest.mark.parametrize("failed", [1, 4])
def test_no_suspect_without_a_failed_call(environment: Environment, store: SpanStore, failed: int) -> None:
    """A retry that succeeded is not an error; a scenario that fails for another reason has no suspect."""
    evidence, _ = joined(environment, store, failed)
    assert rank_suspects(evidence, (recorded_clues,)) == ()
    assert no_suspect_line(why_no_suspect(evidence)).startswith("no suspect: ")


def test_without_traces_the_exchanges_alone_name_the_endpoint(environment: Environment, store: SpanStore) -> None:
    """There is one url, no OpenAPI document, no trace, and no earlier GO."""
    evidence, _ = joined(environment, store, 2, traces=False)
    [suspect] = rank_suspects(evidence, (recorded_clues,))
    assert suspect_line(suspect).startswith("browser → system: POST /orders: system answered 502 to POST /orders")


def test_the_same_system_has_no_differences(environment: Environment, store: SpanStore) -> None:
    """The baseline of the last GO has all shapes, edges and calls of this run: none is new."""
    _, account = joined(environment, store, None)
    kept = TrafficBaseline.from_document(json.loads(json.dumps(account.as_document())))
    evidence, _ = joined(environment, store, 2, kept)
    wire = evidence.wire or WireEvidence()
    assert wire.compared
    assert (wire.differences, wire.uncrossed, wire.changes, wire.hops) == ((), (), {which(2).key: ()}, {})


def test_an_edge_that_is_no_longer_crossed_is_reported(environment: Environment, store: SpanStore) -> None:
    """The last GO crossed the edge, this run did not."""
    _, account = joined(environment, store, None)
    with_more = replace(account, crossed={**account.crossed, ("shop", "mailer"): 3})
    evidence, _ = joined(environment, store, None, with_more)
    assert (evidence.wire or WireEvidence()).uncrossed == (("shop", "mailer"),)
