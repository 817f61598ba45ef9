"""A few requests of each endpoint carry a trace of the run, of either client of Locust; third parties get none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.config import Environment
from gonogo.load import load_traces
from gonogo.load.load_traces import MAX_ENDPOINTS, LoadTraces
from gonogo.model.trace_ids import LOAD_SPAN_ID, TraceIds

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

pytestmark = pytest.mark.alone

OTLP = {"otlp": "http://127.0.0.1:4318"}
SHOP, IDS = "http://shop:8000", TraceIds()
SETTINGS = {"url": SHOP, "traces": OTLP, "third_parties": {"bank": {"url": f"{SHOP}/bank"}}}
PROFILE = """
from locust import HttpUser, constant, task
from gonogo.load.suite import Persona, profile, steady

class Fast(Persona):
    wait_time = constant(0.02)

    @task
    def visit(self):
        self.client.get("/ok", name="/ok")
        self.client.get("/items/1234", name="/items")
        self.client.get("/items/1235", name="/items")

class Slow(HttpUser):
    wait_time = constant(0.02)

    @task
    def visit(self):
        self.client.get("/slow", name="/slow")

PROFILE = profile("visit", personas={Fast: 1, Slow: 1}, shape=steady)
"""


def test_each_endpoint_begins_one_trace_a_second(trial: Trial) -> None:
    """All ids begin alike, and the parent says that the generator sent the request; most requests have no header."""
    size = {"users": 2, "spawn_rate": 10, "duration_s": 2, "extend": False, "objectives": {"*": {"error_ratio": 0.5}}}
    trial.environments({"visit": size}, traces=OTLP)
    trial.file("visit.py", PROFILE)
    ended = trial.run("--env", "here")
    assert ended.evidence.requests, ended.stderr
    paths, headers = zip(*trial.target.traced, strict=True)
    assert {"/ok", "/slow"} < {*paths}
    assert len(headers) <= 9 < trial.target.seen["/ok"]
    assert len({header[3:19] for header in headers}) == 1
    assert len({header[3:35] for header in headers}) == len(headers)
    assert {header[36:] for header in headers} == {f"{LOAD_SPAN_ID}-01"}


def traces() -> LoadTraces:
    made = LoadTraces.of(Environment.model_validate(SETTINGS), IDS)
    assert made is not None
    return made


@pytest.mark.parametrize("settings", [{"traces": None}, {"evidence": {"trace_context": False}}], ids=["no receiver", "no trace context"])
def test_no_trace_is_begun_where_none_is_wanted(settings: dict[str, object]) -> None:
    """The system's own sampling stays as it is."""
    assert LoadTraces.of(Environment.model_validate({**SETTINGS, **settings}), IDS) is None


@pytest.mark.parametrize("url", [f"{SHOP}/bank/charges", "http://elsewhere/x", "http://shop:8001/x"])
def test_no_third_party_gets_a_header(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even after a redirect from the system, with whose headers the request comes; a persona's own header stays."""
    monkeypatch.setattr(load_traces, "MAX_LOOK_S", 0.0)
    headers: dict[str, str] = {}
    traces().mark("GET", url, headers)
    assert headers == {}
    traces().mark("GET", f"{SHOP}/x", headers)
    assert IDS.issued(headers["traceparent"][3:])
    traces().mark("GET", url, headers)
    assert headers == {}
    own = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    traces().mark("GET", f"{SHOP}/x", own)
    assert own == {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}


def test_traces_have_a_pause_by_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable part of a path is no further endpoint, and there are so many endpoints at most."""
    monkeypatch.setattr(load_traces, "MAX_LOOK_S", 0.0)
    made = traces()

    def is_traced(method: str, path: str) -> bool:
        headers: dict[str, str] = {}
        made.mark(method, SHOP + path, headers)
        return bool(headers)

    assert is_traced("GET", "/items/1234")
    assert not is_traced("GET", "/items/1235")
    assert is_traced("POST", "/items/1234")
    monkeypatch.setattr(load_traces, "PAUSE_S", 0.0)
    for number in range(MAX_ENDPOINTS + 10):
        is_traced("GET", "/" + "a" * (number + 1))
    assert len(made._next_s) == MAX_ENDPOINTS
