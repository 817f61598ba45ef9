"""`gonogo promoted`: a run that was GO, and whose release was deployed, becomes what later runs are compared with.

What of it is compared, and how, is the verdict's business.
"""

from __future__ import annotations

from pathlib import Path

from gonogo.core.errors import EvidenceError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.history import with_history
from gonogo.records.run_folder import RUNS_FOLDER, VERDICT_FILE
from gonogo.records.verdict_file import read_verdict

_TRY_AGAIN = "run the gate, and name a run whose last line was GO."


def mark_promoted(asked: str | None, runtime: Runtime) -> None:
    """Mark the run `asked` (an id or a run folder; None: the newest) as promoted, and tell it in one line.

    Raises UsageError where it is none that may be promoted, HistoryError where the history cannot be used.
    """
    folder = _folder_of(asked, runtime.root)
    try:
        document = read_verdict(folder)
    except EvidenceError as error:
        raise UsageError(error.what, where=error.where, fix=_TRY_AGAIN) from error
    run, environment, answer = document.run, document.environment, document.verdict
    if answer != "GO":
        raise UsageError(f"Run {run} is {answer}: only a GO is promoted.", where=str(folder / VERDICT_FILE),
                         fix=_TRY_AGAIN)
    known = with_history(runtime.root, runtime.environ, lambda history: history.mark_promoted(run, runtime.now()))
    if not known:
        raise UsageError(f"The history does not know run {run} as a GO.", where=str(folder),
                         fix="set GONOGO_HISTORY to the database that the gate of this run wrote to.")
    runtime.stdout.write(f"promoted: run {run}; later runs in {environment} are compared with it\n")


def _folder_of(asked: str | None, root: Path) -> Path:
    runs = root / RUNS_FOLDER
    if asked is None:
        latest = runs / "latest"
        # a file with the name of the run, where links are not possible
        return runs / latest.read_text(encoding="utf-8").strip() if latest.is_file() else latest
    return root / asked if (root / asked).is_dir() else runs / asked
