"""Exchanges of a run that nothing is known of: not kept, damaged, deleted, or missing in the tap's record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonogo.config import Environment
from gonogo.model.calls import Unrecorded, UnrecordedCause
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.model.trace_ids import TraceIds
from gonogo.traffic.analysis import Recorded
from gonogo.traffic.collection import Traffic
from gonogo.traffic.http.parties import Parties
from tests.masks import masker

ENTRY = {"request": {"method": "GET", "url": "http://shop/a", "headers": []}, "response": {"status": 200, "headers": []}}
CACHED = {**ENTRY, "_fromCache": "memory"}


def har(*entries: object) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def recorded(folder: Path, text: str | None, *, status: Status = Status.PASSED, **environment: object) -> Recorded:
    """A run with one scenario whose recording is `text`; None: it has none."""
    attachments = ("behaviour/a/exchanges.har",) if text is not None else ()
    (folder / "behaviour" / "a").mkdir(parents=True)
    if text:
        (folder / "behaviour/a/exchanges.har").write_text(text)
    scenario = Scenario(ScenarioId("a.feature", "", "Ana pays"), "Ana pays", "Pay", 1, attempts=(Attempt(status, attachments=attachments),))
    known = Environment.model_validate({"url": "http://shop", **environment})
    traffic = Traffic(known, folder, folder, masker(), TraceIds())
    return traffic.recorded((), (scenario,), Parties.of(known), None, 0.0)


FAILURES = {"evidence": {"exchanges": "failures"}}
CASES: dict[str, tuple[str | None, dict[str, object], UnrecordedCause | None]] = {
    "exchanges that passed are not kept": (None, FAILURES, UnrecordedCause.PASSED),
    "a recording that is not JSON": ("{", {}, UnrecordedCause.UNREADABLE),
    "a recording that was deleted": ("", {}, UnrecordedCause.UNREADABLE),
    "a recording of something else": ("[]", {}, UnrecordedCause.UNREADABLE),
    "a damaged entry": (har(ENTRY, {"request": 1}), {}, UnrecordedCause.INCOMPLETE),
    "a tap without a record": (har(ENTRY), {"wire": {"tap": "tap.ndjson"}}, UnrecordedCause.TAP),
    "a whole recording": (har(ENTRY, CACHED), {}, None),
    "a whole recording where exchanges that passed are not kept": (har(ENTRY), FAILURES, None),
    "a scenario without exchanges": (None, {}, None),
}


@pytest.mark.parametrize(("text", "environment", "cause"), CASES.values(), ids=CASES.keys())
def test_missing_exchanges_are_counted(tmp_path: Path, text: str | None, environment: dict[str, object], cause: UnrecordedCause | None) -> None:
    """A contract that blocks cannot be known to hold for them."""
    assert [each.cause for each in recorded(tmp_path, text, **environment).unrecorded] == ([cause] if cause else [])


def test_missing_exchanges_name_the_scenario(tmp_path: Path) -> None:
    """The reader can find the recording."""
    assert recorded(tmp_path, "{").unrecorded == (Unrecorded(UnrecordedCause.UNREADABLE, 1, "Ana pays"),)


def test_exchanges_of_a_scenario_that_failed_are_kept(tmp_path: Path) -> None:
    """One that failed without any exchange has no recording."""
    assert recorded(tmp_path, None, status=Status.FAILED, **FAILURES).unrecorded == ()


def test_damaged_line_of_the_tap_is_counted(tmp_path: Path) -> None:
    """The last line may still be in writing; any other must be whole."""
    record = tmp_path / "tap.ndjson"
    known = Environment.model_validate({"url": "http://shop", "wire": {"tap": "tap.ndjson"}})
    traffic = Traffic(known, tmp_path, tmp_path, masker(), TraceIds())
    with traffic.listening():
        record.write_text("{broken\n" + json.dumps(ENTRY) + "\n" + '{"half')
    assert traffic.recorded((), (), Parties.of(known), None, 0.0).unrecorded == (Unrecorded(UnrecordedCause.TAP, 1, "tap.ndjson"),)
