"""`gonogo baseline export|import`: the baseline of an environment as a file, out of a history and into another."""

from __future__ import annotations

from pathlib import Path

from gonogo.core.errors import UsageError
from gonogo.core.runtime import Runtime
from gonogo.history import BaselineContents, History, baseline_text, read_baseline, with_history
from gonogo.model.baseline import Baseline
from gonogo.records.load_baseline import baselines_of
from gonogo.records.run_folder import write_whole
from gonogo.report.wording import printable
from gonogo.secrets.masking import masker_for
from gonogo.traffic.analysis import TrafficBaseline

MAX_FILE_BYTES = 512 * 1024 * 1024
_MAKE_ONE = "run the gate until it ends in GO, and `gonogo promoted` after the deployment."


def export_baseline(environment: str | None, file: str, runtime: Runtime) -> None:
    """Write it to `file`, in one step, "-" is stdout. Raises UsageError where there is no baseline."""
    contents = with_history(runtime.root, runtime.environ, lambda history: _contents(history, environment))
    text = baseline_text(contents)
    if file == "-":
        runtime.stdout.write(text)
        return
    path = runtime.root / file
    if path.is_dir():
        raise UsageError(f"{file} is a folder.", where=file, fix="name a file in it.")
    write_whole(path, text, masker_for(None, runtime.environ))
    runtime.stdout.write(printable(f"exported: run {contents.run} of {contents.environment}, "
                                   f"{_kind(promoted=contents.promoted is not None)}, to {file}") + "\n")


def import_baseline(file: Path, runtime: Runtime) -> None:
    """Take it into the history. Raises UsageError, and changes nothing, where the file is not a whole baseline."""
    contents = read_baseline(_bytes_of(runtime.root / file, str(file)), str(file))
    _refuse_unreadable(contents, str(file))
    now = with_history(runtime.root, runtime.environ, lambda history: history.adopt(contents))
    stays = f"; {_stays(now, contents)}" if now is not None and now.run != contents.run else ""
    runtime.stdout.write(printable(f"imported: run {contents.run} of {contents.environment}, "
                                   f"{_kind(promoted=contents.promoted is not None)}{stays}") + "\n")


def _contents(history: History, environment: str | None) -> BaselineContents:
    known = history.environments()
    if environment is None and len(known) != 1:
        what = "Several environments have a baseline." if known else "No environment has a baseline."
        raise UsageError(what, where="gonogo baseline export",
                         fix=f"choose one with --env: {', '.join(known)}." if known else _MAKE_ONE)
    wanted = environment or known[0]
    contents = history.exported(wanted)
    if contents is None:
        raise UsageError(f"The environment '{wanted}' has no baseline.", where=f"--env {wanted}", fix=_MAKE_ONE)
    return contents


def _bytes_of(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"The file cannot be read: {error.strerror}.", where=where,
                         fix="name a file that `gonogo baseline export` wrote.") from error
    if len(raw) > MAX_FILE_BYTES:
        raise UsageError(f"The file has more than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=where,
                         fix="name a file that `gonogo baseline export` wrote.")
    return raw


def _refuse_unreadable(contents: BaselineContents, where: str) -> None:
    """What this version could compare nothing with is no baseline, though the file is whole."""
    unreadable = [f"load → {profile}" for profile in contents.load
                  if profile not in baselines_of(contents.run, contents.load)]
    if contents.traffic is not None and TrafficBaseline.from_document(contents.traffic) is None:
        unreadable.append("traffic")
    if unreadable:
        raise UsageError("The baseline is of another version of gonogo.", where=f"{where}: baseline → {unreadable[0]}",
                         fix="export and import with the same version of gonogo.")


def _kind(*, promoted: bool) -> str:
    return "promoted" if promoted else "a GO that was not promoted yet"


def _stays(now: Baseline, contents: BaselineContents) -> str:
    why = "a later GO" if not now.promoted else "promoted later" if contents.promoted else "which was promoted"
    return f"run {now.run}, {why}, stays the baseline"
