"""The parts of the generator that need no Locust: shapes, counts, failure causes, and the figures that it prints."""

from __future__ import annotations

import pytest

from gonogo.config import LoadProfile
from gonogo.load.failure_causes import cause_of
from gonogo.load.generator_health import highest_ratio
from gonogo.load.shapes import ramp, steady
from gonogo.load.side_probes import resident_bytes
from gonogo.load.summary import last_line, table
from gonogo.load.tally import LoadTally, lines_of
from gonogo.model.findings import EndpointSubject, Finding, Severity, StageSubject
from gonogo.model.histogram import Histogram
from gonogo.model.load import EndpointSamples, LoadEvidence
from gonogo.model.rules.load import Count, LatencyTooHigh
from gonogo.records.load_record import SecondOfEndpoint
from tests.masks import mask, masker

SIZE = LoadProfile.model_validate({"users": 10, "duration_s": 20, "objectives": {"/api/flights": {"p95_ms": 300}}})


def test_steady_plans_all_users_at_once() -> None:
    assert {steady(second, SIZE) for second in range(20)} == {10}


def test_ramp_grows_over_the_first_half_and_holds() -> None:
    wanted = [ramp(second, SIZE) for second in range(20)]
    assert wanted == sorted(wanted)
    assert (wanted[0], wanted[4], set(wanted[9:])) == (1, 5, {10})


def test_tally_is_empty_once_drained() -> None:
    tally = LoadTally()
    tally.add("/a", 1.5, 7.1)
    tally.add("/a", 2.5, 7.9, "status 500")
    tally.add("/a", float("nan"), 7.9)
    tally.merge([SecondOfEndpoint(second=7, endpoint="/b", requests=1, histogram=Histogram([3.25]).encoded())])
    assert lines_of(tally.drained()) == [
        SecondOfEndpoint(second=7, endpoint="/a", requests=3, untimed=1, failures={"status 500": 1},
                         histogram=Histogram([1.5, 2.5]).encoded()),
        SecondOfEndpoint(second=7, endpoint="/b", requests=1, histogram=Histogram([3.25]).encoded())]
    assert lines_of(tally.drained()) == []


def test_a_request_belongs_to_the_second_in_which_it_was_due() -> None:
    """A late response does not change the second. A request due before the start belongs to the first second."""
    tally = LoadTally()
    tally.add("/a", 2000.0, 3.99)
    tally.add("/a", 1.0, -0.2)
    assert [line.second for line in lines_of(tally.drained())] == [3, 0]


@pytest.mark.parametrize("readings, highest", [
    ([], None),
    ([(0.0, 1.0)], None),
    ([(0.0, 1.0), (2.0, 2.0)], 0.5),
    ([(float(second), float(second)) for second in range(6)], 1.0),
    ([(0.0, 0.0), (1.0, 1.0), *[(float(second), 1.0) for second in range(2, 12)]], 0.2),
    # read ten times a second, as the stop policy reads too: a busy second is no busy five seconds
    ([(tenth / 10, min(tenth / 10, 1.0)) for tenth in range(100)], 0.2),
    # read late, after a stall
    ([(0.0, 0.0), (1.0, 0.5), (9.0, 8.5), (10.0, 9.0)], 1.0),
    ([(1.0, 1.0), (1.0, 1.0)], None),
])
def test_cpu_is_the_worst_five_seconds(readings: list[tuple[float, float]], highest: float | None) -> None:
    """A single busy second within eleven counts as 20 %, its share of the worst five seconds."""
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
    (ValueError("key hush-hush is wrong"), f"key {mask('hush-hush', 'key')} is wrong"),
])
def test_equal_causes_have_equal_texts(exception: Exception, cause: str) -> None:
    """The text has no addresses, URLs or secrets; an error response is named by its status."""
    assert cause_of(exception, masker({"GDS_API_KEY": "hush-hush"})) == cause


def test_last_line_names_the_deciding_finding() -> None:
    doubt = Finding("load", "workers-lost", Severity.INCONCLUSIVE, StageSubject("load", "mix"), Count(1))
    miss = Finding("load", "latency", Severity.BLOCK, EndpointSubject("/api/flights", part="mix"),
                   LatencyTooHigh(95, 412, 300, 400, 800))
    assert last_line("mix", [doubt, miss]) == "load mix: NO-GO  /api/flights p95 412 ms > 300 ms (at least 400 ms with 95% confidence, 800 requests)"
    assert last_line("mix", [doubt]) == "load mix: INCONCLUSIVE  1 Locust worker died, never connected or sent unreadable data"
    assert last_line("mix", []) == "load mix: GO"


def test_table_shows_rounded_figures() -> None:
    evidence = LoadEvidence("mix", (EndpointSamples("/api/flights", Histogram([104.26, 10.0])), EndpointSamples("/x", Histogram([1.0]))))
    head, flights, other = table(evidence, SIZE).splitlines()
    assert head.split()[:3] == ["endpoint", "requests", "failed"]
    assert flights.split()[:7] == ["/api/flights", "2", "0", "10.0", "104.3", "104.3", "104.3"]
    assert flights.endswith("p95 ≤ 300 ms, failed ≤ 1.0%, requests ≥ 1")
    assert other.endswith("-")


@pytest.mark.parametrize("text, found", [
    ("# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 5.3e+07\n", 53_000_000),
    ("other_bytes 1\n", None),
    ("", None),
])
def test_resident_memory_is_read_from_prometheus_text(text: str, found: int | None) -> None:
    assert resident_bytes(text) == found


def test_invalid_prometheus_text_is_refused() -> None:
    with pytest.raises(ValueError):
        resident_bytes("<html>no</html>")
