"""Kept trials: damaged ones are neither caught nor missed, and a trial is kept whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from breaks import evidence
from breaks.__main__ import main
from breaks.baseline import Baseline
from breaks.catalogue import Break, Expectation
from breaks.evidence import HISTORY, RUNS, TRIAL_FILE, keep_evidence, kept_ids, read_trial
from breaks.rejudging import Task, rejudged_trial
from breaks.totals import table, totals
from breaks.trial import NOT_JUDGED, Outcome
from gonogo.core.errors import EvidenceError
from gonogo.records.evidence_file import BaselineRecord, EvidenceDocument, write_evidence
from tests.masks import masker

ID = "leading-space"
ENTRY = Break(id=ID, component="web", peer="gds", summary="a space", expect=Expectation(verdict="NO-GO"), source="here",
              folder=Path(__file__).parent)


def a_run(folder: Path, compared: str | None) -> None:
    folder.mkdir(parents=True)
    (folder / "behaviour").mkdir()
    (folder / "behaviour" / "messages.ndjson").write_text("{}\n")
    for other in ("trace.zip", "behave.log", "calls.txt"):
        (folder / "behaviour" / other).write_text("x")
    write_evidence(folder, EvidenceDocument(
        schema=1, gonogo="1", run=folder.name, environment="preprod", started="2026-01-01T00:00:00+00:00", ended="",
        stages=("behaviour",), partial=True, url="http://127.0.0.1:1",
        baseline=BaselineRecord(run=compared, promoted=True) if compared else None), masker())
    (folder / "verdict.json").write_text("{}")


@pytest.fixture
def keep(tmp_path: Path) -> Callable[[], Path]:
    """Keeps the trial of a break with two runs; returns the folder of kept trials."""
    work = tmp_path / "work"
    (work / "baseline.sqlite").parent.mkdir()
    (work / "baseline.sqlite").write_text("history")
    a_run(work / "baseline" / RUNS / "r0", None)
    for run in ("r1", "r2"):
        a_run(work / ID / RUNS / run, "r0")
    (work / ID / RUNS / "latest").symlink_to("r2")
    baseline = Baseline(work / "baseline.sqlite", work / "release.yml", "digest", work / "baseline" / RUNS)

    def keep() -> Path:
        outcome = outcome_of("NO-GO", run=str(work / ID / RUNS / "r2"))
        keep_evidence(outcome, ENTRY, work / ID, baseline, tmp_path / "kept")
        return tmp_path / "kept"
    return keep


def outcome_of(verdict: str, expected: str = "NO-GO", *, named: bool = False, run: str = "") -> Outcome:
    return Outcome(ID, "web", "gds", expected, verdict, caught=verdict == expected, named=named, run=run)


def test_trial_without_a_run_is_not_kept(tmp_path: Path) -> None:
    baseline = Baseline(tmp_path / "none", tmp_path / "none", "", tmp_path)
    keep_evidence(outcome_of("UNIT TESTS RED"), ENTRY, tmp_path, baseline, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_trial_is_kept_whole_or_not_at_all(keep: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """If the copy fails half-way, the earlier trial stays, and nothing else is left."""
    monkeypatch.setattr(evidence, "HISTORY", "no/such/folder/history.sqlite")
    with pytest.raises(OSError, match="no/such/folder"):
        keep()
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["baselines"]


def test_kept_trial_has_what_its_runs_were_judged_from(keep: Callable[[], Path]) -> None:
    """Neither traces of the browser nor logs; it is kept again in place of the earlier one, the baseline once for all."""
    keep()
    trial = keep() / ID
    files = {path.relative_to(trial).as_posix() for path in trial.rglob("*") if path.is_file()}
    of_a_run = {"behaviour/messages.ndjson", "behaviour/calls.txt", "evidence.json", "verdict.json"}
    assert files == {TRIAL_FILE, HISTORY, "project/environments.yml", *(f"runs/{run}/{path}" for run in ("r1", "r2")
                                                                       for path in of_a_run)}
    assert sorted(path.name for path in trial.parent.iterdir()) == ["baselines", ID]
    assert (trial.parent / "baselines" / "r0" / "evidence.json").is_file()
    kept = read_trial(trial)
    assert (kept.runs, kept.baseline, kept.expected, kept.outcome["verdict"]) == (("r1", "r2"), "r0", "NO-GO", "NO-GO")
    assert kept_ids(trial.parent, []) == [ID]


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "an empty folder": (lambda trial: [path.unlink() for path in trial.glob("*.*")], "trial.json cannot be read"),
    "half a trial.json": (lambda trial: (trial / TRIAL_FILE).write_text('{"schema"'), "trial.json is not valid"),
    "no history": (lambda trial: (trial / HISTORY).unlink(), "history.sqlite is missing"),
    "a run is gone": (lambda trial: (trial / RUNS / "r1").rename(trial / "r1"), "runs/r1 is missing"),
    "another trial": (lambda trial: (trial / TRIAL_FILE).write_text(
        (trial / TRIAL_FILE).read_text().replace(ID, "other")), "it is the trial of other"),
    "a changed file": (lambda trial: (trial / RUNS / "r1" / "behaviour" / "messages.ndjson").write_text(""), "has changed since"),
    "a file is gone": (lambda trial: (trial / RUNS / "r1" / "behaviour" / "messages.ndjson").unlink(), "cannot be read"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damaged_trial_is_not_judged(keep: Callable[[], Path], case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    damage, message = DAMAGES[case]
    trial = keep() / ID
    damage(trial)
    outcome = rejudged_trial(Task(trial, ()))
    assert (outcome.verdict, outcome.caught, outcome.named) == (NOT_JUDGED, False, False)
    assert message in outcome.problem
    assert main(["--rejudge", str(trial.parent), "--json", str(tmp_path / "out.json")]) == 2
    assert capsys.readouterr().out.splitlines()[-1] == "0 of 0 breaks caught, 0 named right, 1 not judged"
    assert [each["verdict"] for each in json.loads((tmp_path / "out.json").read_text())] == [NOT_JUDGED]


def test_damaged_trial_says_how_to_keep_it_again(keep: Callable[[], Path]) -> None:
    kept = keep()
    with pytest.raises(EvidenceError) as raised:
        read_trial(kept / "gone")
    assert raised.value.fix == f"keep it again: `python -m breaks gone --keep {kept}`."


@pytest.mark.parametrize(("arguments", "message"), [
    pytest.param(["--rejudge", "gone"], "There is no folder", id="no folder"),
    pytest.param(["--rejudge", "."], "No trial is kept in", id="an empty folder"),
    pytest.param(["--rejudge", "kept", "other"], "The trial of 'other' is not kept", id="no such trial"),
    pytest.param(["--rejudge", "kept", "--without", "smoke"],
                 "use one or more of: baseline, traces, taps, openapi, logs, outside, rules, probe.", id="no such kind"),
    pytest.param(["--rejudge", "kept", "--without", ""], "Unknown kind of evidence ''", id="an empty kind"),
    pytest.param(["--without", "traces"], "--without needs --rejudge DIR", id="nothing to judge again"),
])
def test_wrong_arguments_judge_nothing(keep: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                       capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    if "kept" in arguments:
        keep()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path if "kept" in arguments else tmp_path / "empty")
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_table_counts_only_what_was_judged() -> None:
    """A damaged trial is in no column."""
    damaged = Outcome("gone", "", None, "", NOT_JUDGED, caught=False, named=False)
    judged = [outcome_of("NO-GO", named=True), outcome_of("NO-GO"), outcome_of("GO", "GO"), outcome_of("NO-GO", "GO"), damaged]
    assert totals(judged) == "2 of 2 breaks caught, 1 named right, 1 of 2 healthy changes let through, 1 not judged"
    assert table({(): judged, ("traces", "taps"): [outcome_of("PARTIAL"), damaged]}).splitlines() == [
        "| left out | caught | named | healthy let through |", "|---|---|---|---|", "| nothing | 2 of 2 | 1 of 2 | 1 of 2 |",
        "| traces, taps | 0 of 1 | 0 of 1 | 0 of 0 |"]
