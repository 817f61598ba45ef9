"""`gonogo wire import`: reads HAR files of any tool, prints a summary or comparison, and can merge them.

It runs and judges nothing. `report.recordings` words the output.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gonogo.config import load_environment
from gonogo.core.errors import EvidenceError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.documents import analysis_context
from gonogo.model.calls import WireEvidence
from gonogo.records.har import Recording, read_recording, write_har
from gonogo.records.har_entry import entry_of
from gonogo.report.recordings import RecordingSummary, recording_lines, statuses_of
from gonogo.report.wording.text import counted
from gonogo.report.wording.traffic import gap_words
from gonogo.secrets.masking import Masker, masker_for
from gonogo.traffic.analysis import AnalysisContext, Recorded, join


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The arguments. Without an environment, hosts are the parties and no contract is checked."""

    files: tuple[Path, ...]
    caller: str
    environment_name: str | None = None
    earlier: Path | None = None
    out: Path | None = None


def import_recordings(request: ImportRequest, runtime: Runtime) -> None:
    """Read, write and print. Raises UsageError for a file that is invalid or has no exchange to report or compare.
    """
    _refuse_out(request)
    context, masker = _context(request, runtime)
    recordings = {str(path): _read(path, context, request.caller, masker) for path in request.files}
    exchanges = [exchange for recording in recordings.values() for exchange in recording.exchanges]
    traffic_baseline = earlier = None
    if request.earlier is not None:
        before = _read(request.earlier, context, request.caller, masker).exchanges
        earlier, traffic_baseline = statuses_of(before, context.endpoints), join(Recorded((), before), context, None)[1]
    statuses = statuses_of(exchanges, context.endpoints)
    if earlier is not None and not statuses.keys() & earlier.keys():
        raise UsageError(
            f"The recordings and {request.earlier} have no call in common: nothing can be compared.",
            where=f"--compare {request.earlier}",
            fix="record the same pages of the same hosts, or map hosts to components with --env.")
    wire, _ = join(Recorded((), exchanges), context, traffic_baseline)
    if request.out is not None:
        write_har(request.out, map(entry_of, exchanges), masker)
    callees = {edge.callee for edge in statuses}
    without = context.contracts.missing(callees)
    summary = RecordingSummary(
        recordings, statuses, wire, earlier=request.earlier.name if request.earlier else "", earlier_statuses=earlier,
        checked=len(without) < len(callees), not_checked=_not_checked(request, without, wire))
    runtime.stdout.write("".join(line + "\n" for line in recording_lines(summary)))


def _context(request: ImportRequest, runtime: Runtime) -> tuple[AnalysisContext, Masker]:
    if request.environment_name is None:
        return AnalysisContext(), masker_for(None, runtime.environ)
    environment = load_environment(request.environment_name, runtime.root, runtime.environ)
    return analysis_context(environment, runtime), masker_for(environment, runtime.environ)


def _read(path: Path, context: AnalysisContext, caller: str, masker: Masker) -> Recording:
    try:
        recording = read_recording(path, context.parties.name_of, caller=caller, masker=masker)
    except EvidenceError as error:
        raise UsageError(error.what, where=error.where, fix=error.fix) from error
    if not recording.exchanges:
        why = ", ".join(f"{reason} ({count})" for reason, count in recording.left_out.items())
        raise UsageError(f"{path.name} has no usable exchange{f': {why}' if why else ''}.", where=str(path),
                         fix="record while the system receives requests, and export the whole recording.")
    return recording


def _refuse_out(request: ImportRequest) -> None:
    """Refuse to overwrite an input: it may have more than this command writes."""
    out = request.out
    if out is None:
        return
    if out.is_dir():
        raise UsageError(f"{out} is a folder, not a file.", where=f"--out {out}", fix="name a file in the folder.")
    read = [*request.files, *([request.earlier] if request.earlier else [])]
    if any(out.resolve() == path.resolve() for path in read):
        raise UsageError(f"{out} is also an input file.", where=f"--out {out}", fix="name another file.")


def _not_checked(request: ImportRequest, without_contract: tuple[str, ...], wire: WireEvidence) -> list[str]:
    if request.environment_name is None:
        return ["contract: without --env there are no OpenAPI documents to check with"]
    missing = [f"contract: no OpenAPI document for {', '.join(without_contract)}"] if without_contract else []
    gaps = [f"contract: {each.edge.callee} {each.edge.operation}: {gap_words(each.where, each.cause, each.why)} "
            f"({counted(each.count, 'time')})" for each in wire.unchecked]
    return [*missing, *wire.problems, *gaps]
