"""`gonogo approve` with real files: what cannot be approved, and which approvals the baseline has made needless."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from gonogo.config.exceptions import load_exceptions
from gonogo.core.errors import ConfigError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.approvals import approve, prune
from gonogo.history import History, RecordedRun
from gonogo.model.outside import Place, PlaceKind
from gonogo.outside.baseline import KIND, KnownPlace, OutsideBaseline
from gonogo.outside.observations import Item
from gonogo.report.verdict_document import verdict_document
from tests.unit.test_outside_verdict import MANY, change, judged, run_that_saw

EXPIRES, AFTERWARDS = date(2026, 12, 24), datetime(2026, 12, 25, tzinfo=UTC)
PAGE = Place(PlaceKind.PAGE, "/bookings/[id]", "Ana", "she pays")
MAILS = [Place(PlaceKind.MAIL, "‹Ana: Email›", ordinal=each, component="catcher") for each in (1, 2)]
ITEMS = (Item("time", "⟦09:15⟧", "Departs"), Item("row", "⟦A2⟧"), Item("row", "⟦B1⟧"), Item("text", "You paid ⟦£12⟧"))
SHOWN = OutsideBaseline(places={"s": {PAGE: KnownPlace(ITEMS), **dict.fromkeys(MAILS, KnownPlace((Item("subject", "Order"),)))}})


def runtime(root: Path, now: datetime = datetime(2026, 12, 1, tzinfo=UTC)) -> Runtime:
    return Runtime(root, {}, io.StringIO(), io.StringIO(), now=lambda: now)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose environment preprod has a baseline that shows SHOWN; test has none."""
    (tmp_path / "environments.yml").write_text("environments: {test: {url: 'http://t'}, preprod: {url: 'http://p'}}")
    (tmp_path / "runs").mkdir()
    history = History.open(tmp_path, {})
    history.record(RecordedRun("r1", "preprod", "GO", "2026-11-30T00:00:00+00:00", documents={KIND: SHOWN.as_document()}))
    history.close()
    return tmp_path


@pytest.fixture
def leave(root: Path) -> Callable[..., str]:
    """Leave the verdict on a run that saw these changes; its id."""
    def leave(*changes: object) -> str:
        run = run_that_saw(changes)
        document = verdict_document(run, judged(run, data="block"), started="2026-12-01T00:00:00Z", ended="2026-12-01T00:01:00Z")
        (root / "runs" / run.run).mkdir()
        (root / "runs" / run.run / "verdict.json").write_text(json.dumps(document.as_json()))
        return run.run
    return leave


@pytest.mark.parametrize("numbers", [(), (1, 2)], ids=["all", "both"])
def test_finding_with_more_differences_than_an_approval_names_is_refused(
        root: Path, leave: Callable[..., str], numbers: Sequence[int]) -> None:
    run = leave(*MANY, change(key="price|Total|□"))
    with pytest.raises(UsageError, match="Finding 1 has more differences than an approval can name") as raised:
        approve(run, numbers, runtime(root), why="SHOP-12")
    assert "outside: {data: warn}" in raised.value.fix
    assert not (root / "exceptions.yml").exists()


def test_other_findings_of_the_run_are_approved(root: Path, leave: Callable[..., str]) -> None:
    approve(leave(*MANY, change(key="price|Total|□")), [2], runtime(root), why="SHOP-12", owner="shop")
    [entry] = load_exceptions(root, ["preprod"], date(2026, 12, 1))
    assert (entry.subject.key, entry.changes) == ("price|Total|□", (("10:15", "09:15"),))


TIME, ROW, PAID = ({"seen": "page", "name": PAGE.name, "key": key} for key in ("time|Departs|□", "row||□", "text||Paid □"))
ORDER = {**ROW, "key": "row"}
NUMBER = {"seen": "mail", "name": MAILS[0].name, "key": "number"}
KEPT: Mapping[str, tuple[dict[str, str], list[tuple[str, str]], str]] = {
    "an order": (ORDER, [("A2", "A2")], "preprod"),
    "a number that grew": (NUMBER, [("1", "2")], "preprod"),
    "a number that fell": (NUMBER, [("3", "2")], "preprod"),
    "the first mail": (NUMBER, [("0", "1")], "preprod"),
    "a text that is not shown yet": (TIME, [("10:15", "09:45")], "preprod"),
    "a text that is still shown": (ROW, [("B1", "A2")], "preprod"),
    "one of two that is not shown yet": (TIME, [("10:15", "09:15"), ("11:15", "10:30")], "preprod"),
    "one of two in another order": (ORDER, [("C3", "C3"), ("A2", "A2")], "preprod"),
    "an element that is still shown": (ROW, [("A2", "")], "preprod"),
    "an environment without a baseline": (TIME, [("10:15", "09:15")], "test"),
}
PRUNED: Mapping[str, tuple[dict[str, str], list[tuple[str, str]], str]] = {
    "a text that is shown": (TIME, [("10:15", "09:15")], "preprod"),
    "two texts that are shown": (ROW, [("C3", "B1"), ("D4", "A2")], "preprod"),
    "other wording": (PAID, [("Paid £12", "You paid £12")], "preprod"),
    "an element that is gone": (ROW, [("C3", "")], "preprod"),
    "a new element": (ROW, [("", "B1")], "preprod"),
}


def approved(root: Path, subject: dict[str, str], changes: list[tuple[str, str]], environment: str) -> None:
    (root / "exceptions.yml").write_text(yaml.safe_dump({"exceptions": [
        {"kind": "approval", "rule": "outside-changed", "subject": subject, "reason": "SHOP-12", "owner": "shop",
         "expires": EXPIRES, "environments": [environment], "changes": [{"was": was, "is": now} for was, now in changes]}]}))


def pruned(root: Path, subject: dict[str, str], changes: list[tuple[str, str]], environment: str) -> str:
    """What --prune says on time about such an approval."""
    approved(root, subject, changes, environment)
    prune(on_time := runtime(root))
    return on_time.stdout.getvalue()


@pytest.mark.parametrize(("subject", "changes", "environment"), KEPT.values(), ids=KEPT)
def test_approval_stays_until_the_baseline_has_the_change_or_it_expires(
        root: Path, subject: dict[str, str], changes: list[tuple[str, str]], environment: str) -> None:
    assert pruned(root, subject, changes, environment) == "pruned: 0 of 1 exceptions\n"
    assert (root / "exceptions.yml").exists()
    with pytest.raises(ConfigError, match="expired on 2026-12-24"):
        prune(runtime(root, AFTERWARDS))


@pytest.mark.parametrize(("subject", "changes", "environment"), PRUNED.values(), ids=PRUNED)
def test_approval_of_what_the_baseline_has_is_removed(
        root: Path, subject: dict[str, str], changes: list[tuple[str, str]], environment: str) -> None:
    assert pruned(root, subject, changes, environment) == "pruned: 1 of 1 exceptions\n"
    assert not (root / "exceptions.yml").exists()
