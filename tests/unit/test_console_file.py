"""console.json is read within its bound, and what of it cannot be read was not searched for secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonogo.config import Environment
from gonogo.core.errors import EvidenceError
from gonogo.model.identity import ScenarioId
from gonogo.model.invariants import ConsoleMessage
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.model.trace_ids import TraceIds
from gonogo.records import console
from gonogo.records.console import CONSOLE_FILE, read_console
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.recordings import Gathered, ScenarioRecordings, recorded_traffic

MESSAGES = [{"person": "Ana", "type": "log", "text": "with ***card:4f2a", "at": "http://shop/x.js:1", "at_s": 1.5}]


@pytest.mark.parametrize("text", [None, "", "[{", "{}", '[{"person": 1}]', "[" * 5_000])
def test_damaged_console_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / CONSOLE_FILE).write_text(text)
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_console(tmp_path / CONSOLE_FILE)


def test_too_large_console_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / CONSOLE_FILE).write_text(json.dumps(MESSAGES))
    assert read_console(tmp_path / CONSOLE_FILE) == (ConsoleMessage("Ana", "log", "with ***card:4f2a", "http://shop/x.js:1"),)
    monkeypatch.setattr(console, "MAX_CONSOLE_BYTES", 20)
    with pytest.raises(EvidenceError):
        read_console(tmp_path / CONSOLE_FILE)


@pytest.mark.parametrize(("text", "outside", "unsearched"), [
    (json.dumps(MESSAGES), True, ()), ("[{", True, ("1 console.json cannot be read",)),
    (json.dumps(MESSAGES), False, ("what pages and mails showed was not recorded: evidence.outside is false",))],
    ids=["whole", "a damaged console", "no pages"])
def test_what_was_not_searched_is_told(tmp_path: Path, text: str, unsearched: tuple[str, ...], *, outside: bool) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / CONSOLE_FILE).write_text(text)
    environment = Environment.model_validate({"url": "http://shop", "evidence": {"outside": outside}})
    parties = Parties.of(environment)
    scenario = Scenario(ScenarioId("a.feature", "", "one"), "one", "A", 1, attempts=(Attempt(Status.PASSED, attachments=(f"one/{CONSOLE_FILE}",)),))
    recorded = recorded_traffic(ScenarioRecordings.read(tmp_path, [scenario], parties), Gathered(TraceIds("ab" * 8)), parties, environment)
    assert recorded.unsearched == unsearched
    assert set(unsearched) <= set(recorded.problems)
