"""`gonogo baseline export|import`: one file transfers the baseline to a machine without earlier runs."""

from __future__ import annotations

import io
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gonogo.cli.main import main
from gonogo.core.errors import HistoryError, UsageError
from gonogo.gate import baselines
from gonogo.gate.baselines import export_baseline, import_baseline
from gonogo.history import History
from gonogo.history.baseline_file import _digest_of
from tests.component.history.conftest import SEARCH, TRAFFIC, database, kept, make_old, moment, runtime


def run_there(root: Path, run: str = "r1", *, promoted: int | None = 1, environment: str = "preprod", day: int = 1,
              answer: str = "GO") -> None:
    """Record a run in the history at `root`, and promote it on the day `promoted`."""
    root.mkdir(exist_ok=True)
    history = History.open(root, {})
    history.record(kept(run, environment, answer, day))
    if promoted:
        history.mark_promoted(run, moment(promoted))
    history.close()


def exported(root: Path, environment: str | None = None) -> str:
    there = runtime(root)
    export_baseline(environment, "-", there)
    assert isinstance(there.stdout, io.StringIO)
    return there.stdout.getvalue()


def imported(root: Path, text: str | bytes) -> str:
    root.mkdir(exist_ok=True)
    (root / "baseline.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    there = runtime(root)
    import_baseline(Path("baseline.json"), there)
    assert isinstance(there.stdout, io.StringIO)
    return there.stdout.getvalue()


def baseline_of(root: Path, environment: str = "preprod") -> tuple[str, bool] | None:
    history = History.open(root, {})
    found = history.baseline(environment)
    history.close()
    return (found.run, found.promoted) if found else None


def altered(text: str, **changes: Any) -> str:
    """Return the file with other members and a digest that matches them."""
    document = json.loads(text)
    document["baseline"].update(changes)
    return json.dumps({**document, "digest": _digest_of(document["baseline"])})


@pytest.fixture
def text(tmp_path: Path) -> str:
    run_there(tmp_path / "there")
    return exported(tmp_path / "there")


FOREIGN = {"empty": b"", "not JSON": b"{", "binary": b"\x1f\x8b\x00\xff", "deep": b"[" * 100_000, "a list": b"[]",
           "verdict.json": b'{"schema": 2, "verdict": "GO"}', "NaN": b'{"kind": NaN}', "utf-16": "{}".encode("utf-16")}


@pytest.mark.parametrize("raw", FOREIGN.values(), ids=FOREIGN)
def test_foreign_file_is_refused_and_changes_nothing(tmp_path: Path, raw: bytes) -> None:
    run_there(tmp_path / "here")
    before = (tmp_path / "here/runs/history.sqlite").read_bytes()
    with pytest.raises(UsageError, match=r"not valid JSON|not a gonogo baseline") as raised:
        imported(tmp_path / "here", raw)
    assert (raised.value.exit_code, raised.value.where) == (2, "baseline.json")
    assert (tmp_path / "here/runs/history.sqlite").read_bytes() == before


def test_missing_file_or_folder_is_refused(tmp_path: Path) -> None:
    for name in ("none.json", "."):
        with pytest.raises(UsageError, match="cannot be read"):
            import_baseline(Path(name), runtime(tmp_path))
    assert not (tmp_path / "runs").exists()


def test_file_that_is_too_large_is_refused(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "MAX_FILE_BYTES", len(text) - 1)
    with pytest.raises(UsageError, match="The file is larger than"):
        imported(tmp_path / "here", text)


def test_truncated_file_is_refused(tmp_path: Path, text: str) -> None:
    """The place where the file ends does not matter."""
    for length in range(0, len(text.rstrip()) - 1, 97):
        with pytest.raises(UsageError):
            imported(tmp_path / "here", text[:length])
    assert not (tmp_path / "here" / "runs").exists()


@pytest.mark.parametrize(("was", "now"), [('"r1"', '"r9"'), ("sha256:r1", "sha256:r2"), ("20", "21"), ("1.5", "2.5"),
                                          ('"promoted": "2026-02-01T', '"promoted": "2027-02-01T')])
def test_file_that_was_changed_is_refused(tmp_path: Path, text: str, was: str, now: str) -> None:
    assert was in text
    with pytest.raises(UsageError, match="changed after the export: its digest does not match"):
        imported(tmp_path / "here", text.replace(was, now))
    assert not (tmp_path / "here" / "runs").exists()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown member": ({"extra": 1}, "baseline → extra"),
    "image without digest": ({"images": {"flights": 7}}, "baseline → images → flights"),
    "run id with a control character": ({"run": "r 1\x1b[2J"}, "baseline → run"),
    "empty environment": ({"environment": ""}, "baseline → environment"),
    "promotion without time": ({"promoted": "yesterday"}, "baseline → promoted"),
    "time with an offset": ({"started": "2026-01-01T00:00:00+02:00"}, "baseline → started"),
    "negative duration": ({"durations": {SEARCH: -1}}, f"baseline → durations → {SEARCH}"),
    "call with four parts": ({"calls": {SEARCH: [["a", "b", "c", "d"]]}}, f"baseline → calls → {SEARCH} → 0"),
    "load of another version": ({"load": {"mix": {"version": 2}}}, "baseline → load → mix"),
    "traffic of another version": ({"traffic": {**TRAFFIC, "version": 2}}, "baseline → traffic"),
    "secrets of another version": ({"documents": {"secrets": {"version": 2}}}, "baseline → documents → secrets"),
    "logs of another version": ({"documents": {"logs": {"version": 2}}}, "baseline → documents → logs"),
}


@pytest.mark.parametrize(("changes", "where"), WRONG.values(), ids=WRONG)
def test_file_with_an_invalid_member_is_refused_with_the_place(tmp_path: Path, text: str, changes: dict[str, Any],
                                                               where: str) -> None:
    """The file is refused although its digest matches."""
    with pytest.raises(UsageError) as raised:
        imported(tmp_path / "here", altered(text, **changes))
    assert where in raised.value.where and raised.value.fix
    assert not (tmp_path / "here" / "runs").exists()


def test_file_of_a_newer_schema_is_refused(tmp_path: Path, text: str) -> None:
    newer = json.dumps({**json.loads(text), "schema": 2})
    with pytest.raises(UsageError, match="The baseline has schema 2; this gonogo reads schema 1"):
        imported(tmp_path / "here", newer)


@pytest.mark.parametrize("answer", ["NO-GO", "PARTIAL"])
def test_run_that_is_not_go_in_this_history_is_refused(tmp_path: Path, text: str, answer: str) -> None:
    run_there(tmp_path / "here", answer=answer, promoted=None)
    with pytest.raises(UsageError, match=f"The history has another run r1: {answer} in preprod"):
        imported(tmp_path / "here", text)
    assert baseline_of(tmp_path / "here") is None


def test_history_without_a_baseline_exports_nothing(tmp_path: Path) -> None:
    run_there(tmp_path, answer="NO-GO", promoted=None)
    with pytest.raises(UsageError, match="No environment has a baseline"):
        export_baseline(None, "baseline.json", runtime(tmp_path))
    with pytest.raises(UsageError, match="The environment 'preprod' has no baseline"):
        export_baseline("preprod", "baseline.json", runtime(tmp_path))
    assert not (tmp_path / "baseline.json").exists()


def test_export_needs_an_environment_if_several_have_a_baseline(tmp_path: Path) -> None:
    run_there(tmp_path)
    run_there(tmp_path, "r2", environment="test")
    with pytest.raises(UsageError, match="Several environments") as raised:
        exported(tmp_path)
    assert "preprod, test" in raised.value.fix
    assert json.loads(exported(tmp_path, "test"))["baseline"]["run"] == "r2"


def test_damaged_baseline_is_not_exported(tmp_path: Path) -> None:
    """Another machine would take an incomplete baseline for a complete one; an existing file stays unchanged."""
    run_there(tmp_path)
    (tmp_path / "baseline.json").write_text("before")
    with closing(database(tmp_path)) as file:
        file.execute("UPDATE load_figures SET document = '{'")
    with pytest.raises(HistoryError, match=r"The baseline \(run r1\) is damaged: load figures"):
        export_baseline(None, "baseline.json", runtime(tmp_path))
    assert (tmp_path / "baseline.json").read_text() == "before"


def test_export_to_a_folder_is_refused(tmp_path: Path) -> None:
    run_there(tmp_path)
    with pytest.raises(UsageError, match="runs is a folder"):
        export_baseline(None, "runs", runtime(tmp_path))


def test_import_restores_the_complete_baseline(tmp_path: Path, text: str) -> None:
    """Covers images, exchanges, load figures, the data that orders scenarios, and the promotion."""
    assert imported(tmp_path / "here", text) == "imported: run r1 of preprod, promoted\n"
    there, here = History.open(tmp_path / "there", {}), History.open(tmp_path / "here", {})
    assert here.baseline("preprod") == there.baseline("preprod")
    assert here.known_scenarios("preprod") == there.known_scenarios("preprod")
    there.close()
    here.close()


def test_exports_of_the_same_baseline_are_identical(tmp_path: Path, text: str) -> None:
    """Covers a second export, and an export after two imports, whatever else is in the history."""
    run_there(tmp_path / "there", "r2", promoted=None, answer="NO-GO", day=2)
    assert exported(tmp_path / "there") == text
    for _ in range(2):
        imported(tmp_path / "here", text)
    assert exported(tmp_path / "here") == text


def test_mask_key_is_not_exported(tmp_path: Path) -> None:
    run_there(tmp_path / "there")
    history = History.open(tmp_path / "there", {})
    key = history.mask_key()
    history.close()
    text = exported(tmp_path / "there")
    assert key.hex() not in text
    imported(tmp_path / "here", text)
    other = History.open(tmp_path / "here", {})
    assert other.mask_key() != key
    other.close()


def test_baseline_of_the_old_layout_can_be_exported_and_imported(tmp_path: Path) -> None:
    """The exchanges in it have the current format."""
    make_old(tmp_path)
    with closing(database(tmp_path)) as old:
        old.execute("UPDATE wire SET document = ?", (json.dumps(TRAFFIC),))
    imported(tmp_path / "here", exported(tmp_path))
    assert baseline_of(tmp_path / "here") == ("r1", True)


@pytest.mark.parametrize(("promoted_here", "stays"), [
    (3, "; the baseline is still run r2 (promoted later)"), (None, ""), (1, "")], ids=["later", "never", "before"])
def test_run_that_was_promoted_last_is_the_baseline(tmp_path: Path, promoted_here: int | None, stays: str) -> None:
    """The machine does not matter, and an imported run that was promoted takes precedence over a local GO."""
    run_there(tmp_path / "there", promoted=2)
    run_there(tmp_path / "here", "r2", promoted=promoted_here, day=5)
    assert imported(tmp_path / "here", exported(tmp_path / "there")) == f"imported: run r1 of preprod, promoted{stays}\n"
    assert baseline_of(tmp_path / "here") == (("r2", True) if stays else ("r1", True))


def test_imported_go_without_promotion_does_not_replace_a_promoted_run(tmp_path: Path) -> None:
    run_there(tmp_path / "there", promoted=None, day=9)
    run_there(tmp_path / "here", "r2")
    said = imported(tmp_path / "here", exported(tmp_path / "there"))
    assert said == ("imported: run r1 of preprod, a GO that is not promoted yet; "
                    "the baseline is still run r2 (promoted)\n")
    assert baseline_of(tmp_path / "here") == ("r2", True)


def test_own_durations_take_precedence_over_imported_ones(tmp_path: Path, text: str) -> None:
    """The durations of this machine order its scenarios better."""
    (tmp_path / "here").mkdir()
    here = History.open(tmp_path / "here", {})
    here.record(replace(kept("r2"), seconds={SEARCH: 9.0}))
    imported(tmp_path / "here", altered(text, durations={SEARCH: 1.0, "other": 2.0}))
    assert here.known_scenarios("preprod").seconds == {SEARCH: 9.0, "other": 2.0}
    here.close()


def test_commands_have_help_with_examples_and_exit_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    run_there(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONOGO_HISTORY", raising=False)
    for action in ("export", "import"):
        with pytest.raises(SystemExit):
            main(["baseline", action, "--help"])
        assert f"gonogo baseline {action} baseline.json" in capsys.readouterr().out
    assert main(["baseline", "export", "--env", "preprod", "baseline.json"]) == 0
    assert capsys.readouterr().out == "exported: run r1 of preprod, promoted, to baseline.json\n"
    assert main(["baseline", "import", "baseline.json"]) == 0
    (tmp_path / "baseline.json").write_text("{")
    capsys.readouterr()
    assert main(["baseline", "import", "baseline.json"]) == 2
    error = capsys.readouterr().err
    assert "The file is not valid JSON" in error and "at baseline.json" in error and "Traceback" not in error
    monkeypatch.setenv("GONOGO_HISTORY", "sqlite:////no/such/folder/x.sqlite")
    assert main(["baseline", "export", "baseline.json"]) == 3
