"""`gonogo promoted` with real SQLite files; refusals come first."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonogo.core.errors import HistoryError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.promotion import mark_promoted
from gonogo.history import History, RecordedRun
from tests.verdicts import written


def runtime(root: Path, **environ: str) -> Runtime:
    return Runtime(root, environ, io.StringIO(), io.StringIO(), now=lambda: datetime(2026, 1, 1, tzinfo=UTC))


def ran(root: Path, run: str, answer: str = "GO", *, environment: str = "preprod", started: str = "2026-01-01") -> Path:
    """Create a run folder, and record the run in the history as the gate does."""
    folder = root / "runs" / run
    folder.mkdir(parents=True)
    (folder / "verdict.json").write_text(json.dumps(written(run, environment, answer)))
    history = History.open(root, {})
    history.record(RecordedRun(run, environment, answer, f"{started}T00:00:00+00:00"))
    history.close()
    return folder


def last_promoted(root: Path, environment: str = "preprod") -> str | None:
    history = History.open(root, {})
    try:
        found = history.baseline(environment)
        return found.run if found and found.promoted else None
    finally:
        history.close()


@pytest.mark.parametrize("answer", ["NO-GO", "INCONCLUSIVE", "PARTIAL"])
def test_only_a_go_is_promoted(tmp_path: Path, answer: str) -> None:
    ran(tmp_path, "r1", answer)
    with pytest.raises(UsageError, match=f"The verdict of run r1 is {answer}; only a GO can be promoted") as raised:
        mark_promoted("r1", runtime(tmp_path))
    assert raised.value.exit_code == 2
    assert last_promoted(tmp_path) is None


def test_run_without_a_verdict_is_refused(tmp_path: Path) -> None:
    """Covers a run that does not exist, one that was killed, and a file that is not a verdict."""
    with pytest.raises(UsageError, match=r"verdict\.json cannot be read"):
        mark_promoted(None, runtime(tmp_path))
    (tmp_path / "runs" / "r1").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"verdict\.json cannot be read"):
        mark_promoted("r1", runtime(tmp_path))
    for text in ("{", "[]"):
        (tmp_path / "runs" / "r1" / "verdict.json").write_text(text)
        with pytest.raises(UsageError, match=r"verdict\.json is not a valid verdict"):
            mark_promoted("r1", runtime(tmp_path))


def test_run_without_a_go_in_the_history_is_refused(tmp_path: Path) -> None:
    """A verdict.json that was copied or edited has no data in the history to compare with."""
    folder = ran(tmp_path, "r1", "NO-GO")
    (folder / "verdict.json").write_text(json.dumps(written("r1")))
    with pytest.raises(UsageError, match="The history has no GO with the run id r1"):
        mark_promoted("r1", runtime(tmp_path))


def test_unusable_history_is_an_error(tmp_path: Path) -> None:
    ran(tmp_path, "r1")
    with pytest.raises(HistoryError, match="The history cannot be used"):
        mark_promoted("r1", runtime(tmp_path, GONOGO_HISTORY=f"sqlite:///{tmp_path}/no/such/folder.sqlite"))


def test_promoted_run_becomes_the_baseline(tmp_path: Path) -> None:
    """The run is given by id, by folder, or is the newest; other environments and a later GO alone do not change it."""
    for number in (1, 2, 3):
        ran(tmp_path, f"r{number}", started=f"2026-01-0{number}")
    ran(tmp_path, "other", environment="test")
    (tmp_path / "runs" / "latest").symlink_to("r3")
    there = runtime(tmp_path)
    mark_promoted("r1", there)
    assert there.stdout.getvalue() == "promoted: run r1 is now the baseline of preprod\n"
    assert last_promoted(tmp_path) == "r1"
    assert last_promoted(tmp_path, "test") is None
    later = Runtime(tmp_path, {}, io.StringIO(), io.StringIO(), now=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    mark_promoted(None, later)
    assert last_promoted(tmp_path) == "r3"
    rolled_back = Runtime(tmp_path, {}, io.StringIO(), io.StringIO(), now=lambda: datetime(2026, 1, 3, tzinfo=UTC))
    mark_promoted(str(tmp_path / "runs" / "r1"), rolled_back)
    assert last_promoted(tmp_path) == "r1"


def test_newest_run_without_symbolic_links(tmp_path: Path) -> None:
    ran(tmp_path, "r1")
    (tmp_path / "runs" / "latest").write_text("r1")
    mark_promoted(None, runtime(tmp_path))
    assert last_promoted(tmp_path) == "r1"
