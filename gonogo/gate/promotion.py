"""`gonogo promoted`: a GO whose release was deployed becomes the baseline of later runs.

`gonogo.verdict` compares runs with the baseline.
"""

from __future__ import annotations

from pathlib import Path

from gonogo.core.errors import EvidenceError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.history import with_history
from gonogo.records.run_folder import RUNS_FOLDER, VERDICT_FILE
from gonogo.records.verdict_file import VerdictDocument, read_verdict

_TRY_AGAIN = "run the gate, and name a run that has the verdict which the command needs."


def mark_promoted(requested: str | None, runtime: Runtime) -> None:
    """Mark the run `requested` (an id or a run folder; None: the newest) as promoted, and print one line.

    Raises UsageError for a run that is not a recorded GO, HistoryError if the history cannot be used.
    """
    folder = run_folder_of(requested, runtime.root)
    document = verdict_of(folder)
    run, environment, answer = document.run, document.environment, document.verdict
    if answer != "GO":
        raise UsageError(f"The verdict of run {run} is {answer}; only a GO can be promoted.",
                         where=str(folder / VERDICT_FILE),
                         fix=_TRY_AGAIN)
    is_marked = with_history(runtime.root, runtime.environ, lambda history: history.mark_promoted(run, runtime.now()))
    if not is_marked:
        raise UsageError(f"The history has no GO with the run id {run}.", where=str(folder),
                         fix="set GONOGO_HISTORY to the database that was used for this run.")
    runtime.stdout.write(f"promoted: run {run} is now the baseline of {environment}\n")


def verdict_of(folder: Path) -> VerdictDocument:
    """The verdict in a run folder that the user has named. Raises UsageError if there is none."""
    try:
        return read_verdict(folder)
    except EvidenceError as error:
        raise UsageError(error.what, where=error.where, fix=_TRY_AGAIN) from error


def run_folder_of(requested: str | None, root: Path) -> Path:
    """The folder of a run by its id or folder; of None, the newest."""
    runs = root / RUNS_FOLDER
    if requested is None:
        latest = runs / "latest"
        # where symbolic links are not possible, a file with the run's id
        return runs / latest.read_text(encoding="utf-8").strip() if latest.is_file() else latest
    return root / requested if (root / requested).is_dir() else runs / requested
