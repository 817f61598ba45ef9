"""Evidence that is left out leaves no trace in a kept run: each kind, and that the others stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.config import Environment
from gonogo.core.errors import UsageError
from gonogo.gate.earlier_runs import HistoryResult
from gonogo.gate.kept_run import KINDS, KeptRun, kept_run, kinds_of, without
from gonogo.model.baseline import Baseline
from gonogo.model.calls import Unrecorded, UnrecordedCause
from gonogo.model.exchange import Exchange, Message
from gonogo.model.logs import LogRecord
from gonogo.model.span import Span
from gonogo.model.trace_ids import TraceIds
from gonogo.records.evidence_file import EvidenceDocument, named
from gonogo.traffic.contract.documents import Documents
from gonogo.traffic.recordings import Gathered
from gonogo.verdict.rules.traffic import has_contracts

ENVIRONMENT = Environment.model_validate({
    "url": "http://shop.now", "mail": "http://mail.now", "traces": {"otlp": "http://127.0.0.1:4318"}, "logs": ["*.log"], "wire": {"tap": "tap.ndjson"},
    "services": {"shop": {"url": "http://shop.now", "openapi": "shop.yml"}, "new": {"url": "http://new.now"}},
    "third_parties": {"bank": {"url": "http://bank.now", "openapi": "bank.yml"}}})
DOCUMENT = EvidenceDocument(
    schema=1, gonogo="1", run="r1", environment="preprod", started="", ended="", stages=("behaviour",), partial=False,
    url="http://shop.then", mail=None, addresses=named({"shop": "http://shop.then", "bank": "http://bank.then"}))
BETWEEN = Exchange("POST", "http://bank.then/pay", 200, 1.0, 2.0, Message(), Message(), caller="shop", callee="bank",
                   trace_id="a" * 32, span_id="b" * 16)
GATHERED = Gathered(
    TraceIds("ab" * 8), (Span("a" * 32, "b" * 16, "", "shop", "GET", "server", 1.0, 2.0),), (BETWEEN,), (1.0, 2.0),
    ("spans were left out",), ("steps are missing",), ("the tap was silent",), (Unrecorded(UnrecordedCause.TAP, 1, "tap"),),
    (LogRecord("shop", "no money", "error", trace_id="a" * 32, span_id="b" * 16),), 7, ("a log file was emptied",), frozenset({"***card:4f2a"}))


@pytest.fixture
def run(tmp_path: Path) -> KeptRun:
    run = kept_run(tmp_path, DOCUMENT, ENVIRONMENT, {})
    return replace(run, documents=Documents({"shop": {}}), gathered=GATHERED,
                   history=HistoryResult(Baseline("r0", promoted=True, images={})))


@pytest.mark.parametrize("texts", [["smoke"], ["traces,smoke"], [""], ["traces,"]])
def test_unknown_kind_is_refused_with_the_known_ones(texts: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        kinds_of(texts)
    assert raised.value.fix == f"use one or more of: {', '.join(KINDS)}."


def test_kinds_are_named_once() -> None:
    assert kinds_of(["traces, taps", "traces"]) == ("traces", "taps")
    assert kinds_of([]) == ()


def test_run_is_at_the_addresses_of_then(run: KeptRun) -> None:
    """Its exchanges are at these; a component that is new keeps its address."""
    assert (run.environment.url, run.environment.mail) == ("http://shop.then", None)
    assert {name: each.url for name, each in run.environment.services.items()} == {
        "shop": "http://shop.then", "new": "http://new.now"}
    assert run.environment.third_parties["bank"].url == "http://bank.then"


def test_without_baseline(run: KeptRun) -> None:
    assert without(["baseline"], run) == replace(run, history=HistoryResult())


def test_without_traces(run: KeptRun) -> None:
    """Without instrumentation no call between components has a trace either; the tap's evidence stays."""
    left = without(["traces"], run)
    assert left.environment.traces is None
    assert left.gathered == replace(GATHERED, spans=(), span_problems=(), step_problems=(),
                                    between=(replace(BETWEEN, trace_id="", span_id=""),),
                                    logs=(replace(GATHERED.logs[0], trace_id="", span_id=""),))
    assert (left.documents, left.history, left.environment.wire.tap) == (run.documents, run.history, "tap.ndjson")


def test_without_taps(run: KeptRun) -> None:
    left = without(["taps"], run)
    assert left.environment.wire.tap is None
    assert left.gathered == replace(GATHERED, between=(), tap_problems=(), missed_by_tap=())
    assert (left.documents, left.history, left.environment.traces) == (run.documents, run.history, run.environment.traces)


def test_without_documents(run: KeptRun) -> None:
    left = without(["openapi"], run)
    assert has_contracts(run.environment)
    assert not has_contracts(left.environment)
    assert left.documents == Documents()
    assert (left.gathered, left.history) == (run.gathered, run.history)


def test_without_logs(run: KeptRun) -> None:
    """What was known to be secret still is; spans of the same components stay."""
    left = without(["logs"], run)
    assert (run.environment.logs, left.environment.logs, left.environment.traces) == (["*.log"], [], run.environment.traces)
    assert left.gathered == replace(GATHERED, logs=(), log_records=0, log_problems=())
    assert (left.documents, left.history) == (run.documents, run.history)


def test_without_what_people_see(run: KeptRun) -> None:
    left = without(["outside"], run)
    assert run.environment.evidence.outside and not left.environment.evidence.outside
    assert (left.gathered, left.history.traffic_baseline) == (run.gathered, run.history.traffic_baseline)


def test_without_the_rules_for_every_system(run: KeptRun) -> None:
    left = without(["rules"], run)
    assert set(left.environment.rules.model_dump().values()) == {"ignore"}
    assert left.environment.evidence.outside
    assert (left.gathered, left.history.traffic_baseline) == (run.gathered, run.history.traffic_baseline)


@pytest.mark.parametrize("kind", KINDS)
def test_run_that_joined_nothing_can_be_without_each_kind(run: KeptRun, kind: str) -> None:
    """An environment that did not come up has no traffic."""
    assert without([kind], replace(run, gathered=None)).gathered is None
