"""`gonogo baseline export|import`: moves the baseline of an environment between histories, as a file."""

from __future__ import annotations

from pathlib import Path

from gonogo.core.errors import UsageError
from gonogo.core.runtime import Runtime
from gonogo.core.text import printable
from gonogo.history import BaselineContents, History, baseline_text, read_baseline, with_history
from gonogo.model.baseline import Baseline
from gonogo.records.load_baseline import baselines_of
from gonogo.records.run_folder import write_whole
from gonogo.secrets.masking import masker_for
from gonogo.traffic.analysis import TrafficBaseline
from gonogo.traffic.analysis.documents import READERS

MAX_FILE_BYTES = 512 * 1024 * 1024
_MAKE_ONE = "run the gate until the verdict is GO, deploy, then run `gonogo promoted`."


def export_baseline(environment: str | None, file: str, runtime: Runtime) -> None:
    """Write the baseline to `file` atomically; "-" is stdout. Raises UsageError without a baseline."""
    contents = with_history(runtime.root, runtime.environ, lambda history: _contents(history, environment))
    text = baseline_text(contents)
    if file == "-":
        runtime.stdout.write(text)
        return
    path = runtime.root / file
    if path.is_dir():
        raise UsageError(f"{file} is a folder, not a file.", where=file, fix="name a file in the folder.")
    write_whole(path, text, masker_for(None, runtime.environ))
    runtime.stdout.write(printable(f"exported: run {contents.run} of {contents.environment}, "
                                   f"{_kind(promoted=contents.promoted is not None)}, to {file}") + "\n")


def import_baseline(file: Path, runtime: Runtime) -> None:
    """Add the baseline in `file` to the history. Raises UsageError and changes nothing if the file is invalid."""
    contents = read_baseline(_bytes_of(runtime.root / file, str(file)), str(file))
    _refuse_unreadable(contents, str(file))
    current = with_history(runtime.root, runtime.environ, lambda history: history.import_baseline(contents))
    note = f"; {_kept_baseline(current, contents)}" if current is not None and current.run != contents.run else ""
    runtime.stdout.write(printable(f"imported: run {contents.run} of {contents.environment}, "
                                   f"{_kind(promoted=contents.promoted is not None)}{note}") + "\n")


def _contents(history: History, environment: str | None) -> BaselineContents:
    available = history.environments()
    if environment is None and len(available) != 1:
        what = "Several environments have a baseline." if available else "No environment has a baseline."
        raise UsageError(what, where="gonogo baseline export",
                         fix=f"choose one with --env: {', '.join(available)}." if available else _MAKE_ONE)
    wanted = environment or available[0]
    contents = history.export_baseline(wanted)
    if contents is None:
        raise UsageError(f"The environment '{wanted}' has no baseline.", where=f"--env {wanted}", fix=_MAKE_ONE)
    return contents


def _bytes_of(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"The file cannot be read: {error.strerror}.", where=where,
                         fix="name a readable file that `gonogo baseline export` wrote.") from error
    if len(raw) > MAX_FILE_BYTES:
        raise UsageError(f"The file is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=where,
                         fix="name a file that `gonogo baseline export` wrote.")
    return raw


def _refuse_unreadable(contents: BaselineContents, where: str) -> None:
    """Refuse an intact file whose baseline this version cannot compare with."""
    unreadable = [f"load → {profile}" for profile in contents.load
                  if profile not in baselines_of(contents.run, contents.load)]
    if contents.traffic is not None and TrafficBaseline.from_document(contents.traffic) is None:
        unreadable.append("traffic")
    unreadable += [f"documents → {kind}" for kind, read in READERS.items() if read(contents.documents) is None]
    if unreadable:
        raise UsageError("Another version of gonogo wrote the baseline.", where=f"{where}: baseline → {unreadable[0]}",
                         fix="use the same version of gonogo for export and import.")


def _kind(*, promoted: bool) -> str:
    return "promoted" if promoted else "a GO that is not promoted yet"


def _kept_baseline(current: Baseline, contents: BaselineContents) -> str:
    why = "a later GO" if not current.promoted else "promoted later" if contents.promoted else "promoted"
    return f"the baseline is still run {current.run} ({why})"
