"""The evidence of trials, kept so that they can be judged again: what the gate read, and what it is compared with.

    DIR/<id>/trial.json          the break's expectation, the outcome, and what stands beside
    DIR/<id>/runs/<run>/         the files of each run that its verdict was made from
    DIR/<id>/project/            environments.yml and exceptions.yml, as they were
    DIR/<id>/history.sqlite      the history, with the baseline
    DIR/baselines/<run>/         the run of the baseline, once for all trials
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from breaks.baseline import Baseline
from breaks.catalogue import Break, CatalogueError
from breaks.trial import Outcome
from breaks.workshop import ROOT
from gonogo.core.errors import EvidenceError
from gonogo.records.evidence_file import EVIDENCE_FILE, EvidenceDocument, read_evidence
from gonogo.records.run_folder import VERDICT_FILE

TRIAL_FILE = "trial.json"
BASELINES, RUNS, PROJECT, HISTORY = "baselines", "runs", "project", "history.sqlite"
_PROJECT_FILES = ("environments.yml", "exceptions.yml")
_FURTHER_FILES = ("calls.txt", "errors.txt")  # attached to findings; judging does not read them


class KeptTrial(BaseModel):
    """trial.json. `runs` are in order, the last one decided; `baseline` is the run that they were compared with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal[1] = Field(1, alias="schema")
    id: str
    component: str
    peer: str | None
    expected: str
    key: str
    started: str
    runs: tuple[str, ...] = Field(min_length=1)
    baseline: str | None
    outcome: dict[str, object]


def run_folders(folder: Path) -> list[Path]:
    """The run folders of a trial with complete evidence, in order."""
    return sorted(path.parent for path in (folder / RUNS).glob(f"*/{EVIDENCE_FILE}") if not path.parent.is_symlink())


def keep_evidence(outcome: Outcome, entry: Break, work: Path, baseline: Baseline, into: Path) -> None:
    """Copy the evidence of a trial in `work` to `into`/<id>/, in place of an earlier one: whole, or not at all.

    A trial without a run, as of red unit tests, leaves none. Raises EvidenceError if the evidence of a run is damaged.
    """
    runs = run_folders(work)
    if not outcome.run or not runs:
        return
    documents = [read_evidence(run) for run in runs]
    compared = next((each.baseline.run for each in documents if each.baseline), None)
    if compared is not None:
        _keep_baseline(baseline.runs / compared, into / BASELINES / compared)
    trial = KeptTrial(
        schema=1, id=entry.id, component=entry.component, peer=entry.peer, expected=entry.expect.verdict,
        key=baseline.key(entry), started=documents[0].started, runs=tuple(run.name for run in runs), baseline=compared,
        outcome=outcome.as_json())
    fresh = _fresh(into / entry.id)
    try:
        for run, document in zip(runs, documents, strict=True):
            _copy_run(run, document, fresh / RUNS / run.name)
        (fresh / PROJECT).mkdir()
        for name in _PROJECT_FILES:
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, fresh / PROJECT)
        shutil.copy(baseline.history, fresh / HISTORY)
        (fresh / TRIAL_FILE).write_text(trial.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8")
        _replace(fresh, into / entry.id)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def kept_ids(folder: Path, ids: Sequence[str]) -> list[str]:
    """The trials in `folder`, or `ids` of them. Raises CatalogueError if there is none."""
    if not folder.is_dir():
        raise CatalogueError(f"There is no folder {folder}.\n  fix: name a folder that `python -m breaks --keep DIR` "
                             "filled.")
    found = sorted(path.name for path in folder.iterdir()
                   if path.is_dir() and path.name != BASELINES and not path.name.startswith("."))
    if not found:
        raise CatalogueError(f"No trial is kept in {folder}.\n  fix: fill it with `python -m breaks --keep {folder}`.")
    for name in ids:
        if name not in found:
            raise CatalogueError(f"The trial of '{name}' is not kept.\n  at {folder}\n"
                                 f"  fix: trials there: {', '.join(found)}.")
    return list(ids) or found


def read_trial(folder: Path) -> KeptTrial:
    """The kept trial in `folder`. Raises EvidenceError if it is incomplete or damaged."""
    try:
        trial = KeptTrial.model_validate_json((folder / TRIAL_FILE).read_bytes())
    except OSError as error:
        raise _damaged(f"{TRIAL_FILE} cannot be read: {error.strerror}", folder) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise _damaged(f"{TRIAL_FILE} is not valid: {place}: {first['msg']}", folder) from error
    missing = [name for name in (HISTORY, *(f"{RUNS}/{run}" for run in trial.runs)) if not (folder / name).exists()]
    if missing or trial.id != folder.name:
        raise _damaged(f"{missing[0]} is missing" if missing else f"it is the trial of {trial.id}", folder)
    return trial


def _damaged(why: str, folder: Path) -> EvidenceError:
    return EvidenceError(f"The kept trial cannot be used: {why}.", where=str(folder),
                         fix=f"keep it again: `python -m breaks {folder.name} --keep {folder.parent}`.")


def _keep_baseline(run: Path, to: Path) -> None:
    if to.is_dir():
        return
    fresh = _fresh(to)
    try:
        _copy_run(run, read_evidence(run), fresh)
        with suppress(OSError):  # another trial has kept it meanwhile
            fresh.rename(to)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _copy_run(run: Path, document: EvidenceDocument, to: Path) -> None:
    """Copy what a verdict is made from; not traces of the browser, screenshots, reports and logs."""
    named: Iterable[Path] = (run / record.path for record in document.files)
    further = (path for name in _FURTHER_FILES for path in run.rglob(name))
    for path in (*named, *further, run / EVIDENCE_FILE, run / VERDICT_FILE):
        target = to / path.relative_to(run)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _fresh(to: Path) -> Path:
    fresh = to.with_name(f".{to.name}-{secrets.token_hex(4)}")
    fresh.mkdir(parents=True)
    return fresh


def _replace(fresh: Path, to: Path) -> None:
    old = _fresh(to)
    try:
        with suppress(FileNotFoundError):
            os.replace(to, old / to.name)  # noqa: PTH105  a folder
        fresh.rename(to)
    finally:
        shutil.rmtree(old, ignore_errors=True)
