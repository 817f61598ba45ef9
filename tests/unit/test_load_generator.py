"""The parts of the generator that need no Locust: shapes, what is counted, causes, and the figures that are shown."""

from __future__ import annotations

import pytest

from gonogo.config import LoadProfile
from gonogo.evidence.load import SecondOfEndpoint
from gonogo.evidence.model import EndpointSamples, LoadEvidence
from gonogo.evidence.redaction import Redactor
from gonogo.locust_plugin.causes import cause_of
from gonogo.locust_plugin.outcome import last_line, table
from gonogo.locust_plugin.shapes import ramp, steady
from gonogo.locust_plugin.tally import Tally, highest_ratio
from gonogo.verdict.model import Reason, Severity

SIZE = LoadProfile.model_validate({"users": 10, "duration_s": 20, "objectives": {"/api/flights": {"p95_ms": 300}}})


def test_steady_wants_all_users_at_once() -> None:
    assert {steady(second, SIZE) for second in range(20)} == {10}


def test_ramp_grows_over_the_first_half_and_holds() -> None:
    wanted = [ramp(second, SIZE) for second in range(20)]
    assert wanted == sorted(wanted)
    assert (wanted[0], wanted[4], set(wanted[9:])) == (1, 5, {10})


def test_tally_is_empty_once_drained() -> None:
    tally = Tally()
    tally.add("/a", 1.5)
    tally.add("/a", 2.5, "status 500")
    tally.merge("/b", [3.25], {})
    assert tally.drained(7) == [
        SecondOfEndpoint(second=7, endpoint="/a", latencies_ms=[1.5, 2.5], failures={"status 500": 1}),
        SecondOfEndpoint(second=7, endpoint="/b", latencies_ms=[3.25])]
    assert tally.drained(8) == []


@pytest.mark.parametrize("readings, highest", [
    ([], None),
    ([(0.0, 1.0)], None),
    ([(0.0, 1.0), (2.0, 2.0)], 0.5),
    ([(float(second), float(second)) for second in range(6)], 1.0),
    ([(0.0, 0.0), (1.0, 1.0), *[(float(second), 1.0) for second in range(2, 12)]], 0.2),
])
def test_cpu_is_the_worst_five_seconds(readings: list[tuple[float, float]], highest: float | None) -> None:
    """A single busy second in eleven is 20 % of five."""
    assert highest_ratio(readings) == highest


class _StatusError(Exception):
    code = 503


class _WrappedError(Exception):
    original = TimeoutError("timed out")


@pytest.mark.parametrize("exception, cause", [
    (_WrappedError("URL http://127.0.0.1:1/x: 0, original=timed out"), "timed out"),
    (_StatusError("URL http://127.0.0.1:1/x?y=1: code=503"), "status 503"),
    (TimeoutError("timed out"), "timed out"),
    (ConnectionResetError(), "ConnectionResetError"),
    (ValueError("<Connection object at 0x7f3a> refused\n it"), "refused it"),
    (ValueError("key hush-hush is wrong"), "key *** is wrong"),
])
def test_same_cause_has_the_same_words(exception: Exception, cause: str) -> None:
    """Without addresses, URLs and secrets; an answer is told by its status."""
    assert cause_of(exception, Redactor({"GDS_API_KEY": "hush-hush"})) == cause


def test_last_line_names_what_decided() -> None:
    doubt = Reason("load", "workers-lost", Severity.INCONCLUSIVE, "mix: 1 of its Locust workers died")
    miss = Reason("load", "latency", Severity.BLOCK, "mix: /api/flights p95 412 ms > 300 ms")
    assert last_line("mix", [doubt, miss]) == "load mix: NO-GO  /api/flights p95 412 ms > 300 ms"
    assert last_line("mix", [doubt]) == "load mix: INCONCLUSIVE  1 of its Locust workers died"
    assert last_line("mix", []) == "load mix: GO"


def test_table_shows_exact_figures() -> None:
    evidence = LoadEvidence("mix", (EndpointSamples("/api/flights", (104.26, 10.0)), EndpointSamples("/x", (1.0,))))
    head, flights, other = table(evidence, SIZE).splitlines()
    assert head.split()[:3] == ["endpoint", "requests", "failed"]
    assert flights.split()[:7] == ["/api/flights", "2", "0", "10.0", "104.3", "104.3", "104.3"]
    assert flights.endswith("p95 ≤ 300 ms, failed ≤ 1.0%, requests ≥ 1")
    assert other.endswith("-")
