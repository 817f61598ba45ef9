"""The record of a behave run is written and read back. A truncated record never counts as complete."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gonogo.core.errors import EvidenceError
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.records.messages import FAULT_MEDIA_TYPE, MessagesFile, read_messages
from gonogo.records.ndjson_tail import MAX_LINE_BYTES
from tests.masks import masker

FEATURE = {"uri": "features/a.feature", "feature": {"name": "A", "tags": [], "children": [
    {"scenario": {"id": "1", "name": "pays", "location": {"line": 2}, "tags": [{"name": "@must"}], "examples": [
        {"id": "2", "location": {"line": 5}, "tags": [], "tableHeader": {"cells": [{"value": "how"}]}, "tableBody": [
            {"id": "3", "location": {"line": 7}, "cells": [{"value": "by card"}]}]}]}}]}}
WHICH = ScenarioId("features/a.feature", "", "pays", 1, (("how", "by card"),), 1)
PICKLE = {"id": "p", "uri": "features/a.feature", "name": "pays", "astNodeIds": ["1", "3"], "tags": [{"name": "@must"}],
          "steps": [{"id": "ps0", "text": "Ada is here"}, {"id": "ps1", "text": "she pays"}]}
CASE = {"id": "c", "pickleId": "p", "testSteps": [
    {"id": "s0", "pickleStepId": "ps0"}, {"id": "s1", "pickleStepId": "ps1"}, {"id": "h", "hookId": "hooks"}]}


def _record(path: Path, *results: dict[str, Any] | None, finished: bool = True,
            pickle: dict[str, Any] = PICKLE, key: str = "") -> Path:
    """A record of one attempt whose steps and hook have `results`; None records no result for that one."""
    file = MessagesFile(path / "behaviour" / "messages.ndjson", masker(), key)
    for kind, message in (("gherkinDocument", FEATURE), ("pickle", pickle), ("testCase", CASE)):
        file.write(kind, message)
    file.write("testCaseStarted", {"id": "t", "testCaseId": "c", "attempt": 0,
                                   "timestamp": {"seconds": 10, "nanos": 0}})
    for step, result in zip(("s0", "s1", "h"), results, strict=False):
        if result is not None:
            file.write("testStepFinished", {"testCaseStartedId": "t", "testStepId": step, "testStepResult": result})
    if finished:
        file.write("testCaseFinished", {"testCaseStartedId": "t", "timestamp": {"seconds": 12, "nanos": 500_000_000}})
        file.seal()
        file.write("testRunFinished", {"success": True})
    file.close()
    return file.path


def _result(status: str, kind: str = "", said: str = "") -> dict[str, Any]:
    return {"status": status, **({"exception": {"type": kind, "message": said}} if kind else {}), "message": said}


PASSED = _result("PASSED")


def _attempt(path: Path, *results: dict[str, Any] | None, **options: Any) -> Attempt:
    (scenario,) = read_messages(_record(path, *results, **options)).scenarios
    (attempt,) = scenario.attempts
    return attempt


def test_complete_record_is_read_back(tmp_path: Path) -> None:
    evidence = read_messages(_record(tmp_path, PASSED, PASSED, PASSED))
    assert evidence.finished
    assert evidence.scenarios == (Scenario(WHICH, name="pays", feature="A", line=7, tags=("must",),
                                           attempts=(Attempt(Status.PASSED, 2.5, started=10.0),)),)


@pytest.mark.parametrize(("results", "status", "step", "message"), [
    ((PASSED, _result("FAILED", "AssertionError", "1 != 2")), Status.FAILED, "she pays", "1 != 2"),
    ((PASSED, _result("FAILED", "LookupError", "'x'")), Status.FAILED, "she pays", "LookupError: 'x'"),
    ((PASSED, _result("FAILED", "AssertionError", "")), Status.FAILED, "she pays", "an assertion failed"),
    ((PASSED, _result("FAILED", "AssertionError", "expected visible\nActual: none\nCall log:\n  - waiting"), PASSED),
     Status.FAILED, "she pays", "expected visible; Actual: none"),
    ((PASSED, _result("FAILED", "BrowserLost", "closed"), PASSED), Status.BROWSER_LOST, "she pays", "closed"),
    ((PASSED, _result("FAILED", "SuiteError", "hook"), PASSED), Status.SUITE_ERROR, "she pays", "hook"),
    ((PASSED, PASSED, _result("FAILED", "KeyError", "'k'")), Status.SUITE_ERROR, "", "KeyError: 'k'"),
    ((PASSED, _result("FAILED", "AssertionError", "no"), _result("FAILED", "KeyError", "'k'")), Status.FAILED,
     "she pays", "no"),
    ((PASSED, _result("UNKNOWN", "Unfinished", "worker 1 died")), Status.UNFINISHED, "she pays", "worker 1 died"),
    ((_result("UNDEFINED"), _result("SKIPPED"), PASSED), Status.UNDEFINED, "Ada is here", ""),
    ((_result("PENDING"), _result("SKIPPED"), PASSED), Status.UNDEFINED, "Ada is here", ""),
    ((PASSED, {"status": "SKIPPED", "message": "not today"}, PASSED), Status.SKIPPED, "she pays", "not today"),
    ((PASSED, None, PASSED), Status.UNFINISHED, "she pays", "no result of the step"),
    ((PASSED, PASSED, None), Status.UNFINISHED, "", "no result of a hook"),
])
def test_worst_step_determines_the_attempt(tmp_path: Path, results: tuple[dict[str, Any] | None, ...],
                                           status: Status, step: str, message: str) -> None:
    attempt = _attempt(tmp_path, *results)
    assert (attempt.status, attempt.step, attempt.message) == (status, step, message)


def test_an_attempt_without_an_end_is_unfinished(tmp_path: Path) -> None:
    assert _attempt(tmp_path, PASSED, PASSED, PASSED, finished=False).status is Status.UNFINISHED


def test_a_scenario_without_steps_never_passes(tmp_path: Path) -> None:
    assert _attempt(tmp_path, PASSED, PASSED, PASSED, pickle={**PICKLE, "steps": []}).status is Status.UNDEFINED


def test_record_that_was_not_closed_is_not_finished(tmp_path: Path) -> None:
    evidence = read_messages(_record(tmp_path, PASSED, PASSED, PASSED, finished=False))
    assert not evidence.finished
    assert not evidence.scenarios[0].passed


@pytest.mark.parametrize("cut", [2, 20, 200, 700])
def test_truncated_record_is_never_finished(tmp_path: Path, cut: int) -> None:
    """A killed runner leaves an incomplete last line. It is ignored, and the run is not finished."""
    path = _record(tmp_path, PASSED, PASSED, PASSED)
    path.write_bytes(path.read_bytes()[:-cut])
    assert not read_messages(path).finished


def test_invalid_json_before_the_last_line_is_an_error(tmp_path: Path) -> None:
    path = _record(tmp_path, PASSED, PASSED, PASSED)
    path.write_text("{broken\n" + path.read_text())
    with pytest.raises(EvidenceError, match="not valid JSON"):
        read_messages(path)


@pytest.mark.parametrize("gone", ["pickle", "gherkinDocument", "testCase", "testCaseStarted"])
def test_missing_line_is_an_error(tmp_path: Path, gone: str) -> None:
    """A record whose lines refer to missing lines is inconsistent, even if its runner closed it."""
    path = _record(tmp_path, PASSED, PASSED, PASSED)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(f'{{"{gone}":')))
    with pytest.raises(EvidenceError, match="inconsistent"):
        read_messages(path)


@pytest.mark.parametrize("line", ["[]", "1", '{"testCase": 1}', '{"testStepFinished": {}}'])
def test_line_that_is_not_a_message_is_an_error(tmp_path: Path, line: str) -> None:
    path = _record(tmp_path, PASSED, PASSED, PASSED)
    path.write_text(f"{line}\n{path.read_text()}")
    with pytest.raises(EvidenceError, match="inconsistent"):
        read_messages(path)


def test_duplicate_lines_change_nothing(tmp_path: Path) -> None:
    path = _record(tmp_path, PASSED, _result("FAILED", "AssertionError", "no"), PASSED)
    once = read_messages(path)
    path.write_text("".join(line * 2 for line in path.read_text().splitlines(keepends=True)))
    assert read_messages(path) == once


def test_record_is_never_overwritten(tmp_path: Path) -> None:
    """A behave process that a step starts inherits the folder. It must not overwrite the outer record."""
    path = _record(tmp_path, PASSED)
    with pytest.raises(EvidenceError, match="cannot be written"):
        MessagesFile(path, masker())


def test_faults_and_attachments_are_read(tmp_path: Path) -> None:
    path = _record(tmp_path, PASSED, PASSED, PASSED)
    with path.open("a") as file:
        file.write(json.dumps({"attachment": {"mediaType": FAULT_MEDIA_TYPE, "body": "worker 2 died"}}) + "\n")
        file.write('{"externalAttachment": {"testCaseStartedId": "t", "url": "a-pays-7/trace.zip"}}\n')
    evidence = read_messages(path)
    assert evidence.faults == ("worker 2 died",)
    assert evidence.scenarios[0].attempts[0].attachments == ("behaviour/a-pays-7/trace.zip",)


KEY = "0123"


def _sealed(path: Path, status: str) -> Path:
    record = _record(path, PASSED, _result(status, "AssertionError", "no"), PASSED, key=KEY)
    assert not read_messages(record, KEY).altered
    return record


@pytest.mark.parametrize("alter", [
    lambda text: text.replace('"FAILED"', '"PASSED"'),
    lambda text: text + text.splitlines(keepends=True)[-1],
    lambda text: "".join(line for line in text.splitlines(keepends=True) if "seal" not in line),
    lambda text: text.splitlines(keepends=True)[0] + text,
    lambda text: text.replace('"mediaType": "text/x.gonogo.seal+plain"', '"mediaType": "text/plain"').replace("A", "B"),
], ids=["a result", "a line after the end", "without the seal", "a line before", "a text"])
def test_finished_record_with_other_lines_than_written_is_altered(tmp_path: Path, alter: Callable[[str], str]) -> None:
    record = _sealed(tmp_path, "FAILED")
    record.write_text(alter(record.read_text()))
    assert read_messages(record, KEY).altered


def test_record_sealed_with_another_key_is_altered(tmp_path: Path) -> None:
    """A step can write a whole record; it does not know the key of the runner."""
    assert read_messages(_sealed(tmp_path, "PASSED"), "another").altered


def test_line_past_its_bound_is_damage(tmp_path: Path) -> None:
    record = _sealed(tmp_path, "PASSED")
    with record.open("a") as file:
        file.write("[" * (MAX_LINE_BYTES + 1) + "\n")
    with pytest.raises(EvidenceError, match="longer than 16,777,216 bytes"):
        read_messages(record, KEY)


def test_missing_record_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_messages(tmp_path / "messages.ndjson")
