"""`gonogo wire import`: HAR files of any tool, read and compared, told on stdout, and written anew where asked for.

It runs nothing and judges nothing. How what was found is worded is `report.recordings`' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gonogo.config import load_environment
from gonogo.core.errors import EvidenceError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.records.har import Recording, read_recording, write_har
from gonogo.records.har_entry import entry_of
from gonogo.report.recordings import RecordingSummary, recording_lines, statuses_of
from gonogo.secrets.masking import Masker, masker_for
from gonogo.traffic.analysis import AnalysisContext, Recorded, join


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the command line asks for. Without an environment, hosts are the parties, and there are no contracts."""

    files: tuple[Path, ...]
    caller: str
    environment_name: str | None = None
    earlier: Path | None = None
    out: Path | None = None


def import_recordings(request: ImportRequest, runtime: Runtime) -> None:
    """Read, write, tell. Raises UsageError where a file is none, or holds nothing that could be told or compared.

    An empty recording proves nothing, and is no success.
    """
    _refuse_out(request)
    context, masker = _context(request, runtime)
    recordings = {str(path): _read(path, context, request.caller, masker) for path in request.files}
    exchanges = [exchange for recording in recordings.values() for exchange in recording.exchanges]
    traffic_baseline = then = None
    if request.earlier is not None:
        before = _read(request.earlier, context, request.caller, masker).exchanges
        then, traffic_baseline = statuses_of(before, context.endpoints), join(Recorded((), before), context, None)[1]
    now = statuses_of(exchanges, context.endpoints)
    if then is not None and not now.keys() & then.keys():
        raise UsageError(
            f"Nothing that was called in {request.earlier} was called again: nothing can be compared.",
            where=f"--compare {request.earlier}",
            fix="record the same pages of the same hosts; with --env, components are known by their names.")
    wire, _ = join(Recorded((), exchanges), context, traffic_baseline)
    if request.out is not None:
        write_har(request.out, map(entry_of, exchanges), masker)
    callees = {edge.callee for edge in now}
    without = context.contracts.missing(callees)
    told = RecordingSummary(recordings, now, wire, earlier=request.earlier.name if request.earlier else "",
                earlier_statuses=then,
                checked=len(without) < len(callees), not_checked=_not_checked(request, without, wire.problems))
    runtime.stdout.write("".join(line + "\n" for line in recording_lines(told)))


def _context(request: ImportRequest, runtime: Runtime) -> tuple[AnalysisContext, Masker]:
    if request.environment_name is None:
        return AnalysisContext(), masker_for(None, runtime.environ)
    environment = load_environment(request.environment_name, runtime.root, runtime.environ)
    return AnalysisContext.of(environment, runtime.root), masker_for(environment, runtime.environ)


def _read(path: Path, context: AnalysisContext, caller: str, masker: Masker) -> Recording:
    try:
        recording = read_recording(path, context.parties.name_of, caller=caller, masker=masker)
    except EvidenceError as error:
        raise UsageError(error.what, where=error.where, fix=error.fix) from error
    if not recording.exchanges:
        why = ", ".join(f"{reason} ({count})" for reason, count in recording.left_out.items())
        raise UsageError(f"{path.name} holds no exchange{f': {why}' if why else ''}.", where=str(path),
                         fix="record while something is asked of the system, and export all of it.")
    return recording


def _refuse_out(request: ImportRequest) -> None:
    """What was recorded may hold more than what is written here: it is never written over."""
    out = request.out
    if out is None:
        return
    if out.is_dir():
        raise UsageError(f"{out} is a folder.", where=f"--out {out}", fix="name a file in it.")
    read = [*request.files, *([request.earlier] if request.earlier else [])]
    if any(out.resolve() == path.resolve() for path in read):
        raise UsageError(f"{out} is what is to be read.", where=f"--out {out}", fix="name another file.")


def _not_checked(request: ImportRequest, without_contract: tuple[str, ...], problems: tuple[str, ...]) -> list[str]:
    if request.environment_name is None:
        return ["contract: without --env there are no OpenAPI documents to check with"]
    missing = [f"contract: no OpenAPI document for {', '.join(without_contract)}"] if without_contract else []
    return [*missing, *problems]
