"""Words on who broke whom: the first line of a NO-GO, and why no suspect is named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from gonogo.model.calls import Edge
from gonogo.model.findings import PluginParameters
from gonogo.model.suspects import (
    BlockedResource,
    BrokenContract,
    CallsPerRequest,
    ChangedCalls,
    ChangedShape,
    ClueEvidence,
    FailedCall,
    FailedUnderLoad,
    LastReached,
    NoSuspect,
    ReportedNeighbour,
    SlowerUnderLoad,
    Suspect,
    WrittenElsewhere,
)
from gonogo.report.wording.findings import plugin_words
from gonogo.report.wording.text import counted
from gonogo.report.wording.traffic import call_change_words, change_words, fault_words

_MAX_WHY = 600


def suspect_line(suspect: Suspect) -> str:
    """`web → customers: POST /api/customers: …`, the one sentence that a service team acts on."""
    return f"{suspect.component} → {suspect.peer}: {suspect.operation}: {suspect_why(suspect)}"


def suspect_why(suspect: Suspect) -> str:
    return "; ".join([*map(clue_words, suspect.clues), _changed(suspect.changed)])[:_MAX_WHY]


def no_suspect_line(why: NoSuspect) -> str:
    """Why a NO-GO names no suspect."""
    traces = [] if why.traced else ["no traces were recorded"]
    return "; ".join(["no suspect: no call of a failing scenario shows who broke whom", *traces, _changed(why.changed)])


@singledispatch
def clue_words(clue: ClueEvidence) -> str:
    """What one clue shows; each kind of evidence has a function below."""
    raise NotImplementedError(type(clue).__name__)


@clue_words.register
def _failed_call(clue: FailedCall) -> str:
    answered = f"answered {clue.status}" if clue.status else "gave no answer"
    text = f": {clue.error_text}" if clue.error_text else ""
    way = f" ({' → '.join(clue.way)})" if clue.way else ""
    return f"{clue.callee} {answered} to {clue.operation}{text}{way}"


@clue_words.register
def _broken_contract(clue: BrokenContract) -> str:
    return f"{clue.where}: {fault_words(clue.fault)} (contract of {clue.callee})"


@clue_words.register
def _changed_shape(clue: ChangedShape) -> str:
    return change_words(clue.where, clue.changes, clue.answers)


@clue_words.register
def _changed_calls(clue: ChangedCalls) -> str:
    return call_change_words(clue.change)


@clue_words.register
def _blocked(clue: BlockedResource) -> str:
    return f"the browser refused what {clue.component} sent: {clue.message}"


@clue_words.register
def _reported(clue: ReportedNeighbour) -> str:
    return f"a step asked {clue.component}: {clue.message}"


@clue_words.register
def _written_elsewhere(clue: WrittenElsewhere) -> str:
    at = f" at {clue.party}" if clue.party else ""
    return f"what {clue.component} sent to {clue.receiver} is not what the scenario expects{at}"


@clue_words.register
def _last_reached(clue: LastReached) -> str:
    what = (f"it is the last request of {clue.component}" if clue.sent
            else f"the answers of {clue.component} reach {clue.pages}")
    return f"{what}; no call failed, and no shape changed"


@clue_words.register
def _calls_per_request(clue: CallsPerRequest) -> str:
    was = "never" if clue.was is None else f"{clue.was:.2g}"
    return f"{_call(clue.edge)} {clue.per_request:.2g} times a request under load; was {was}"


@clue_words.register
def _failed_under_load(clue: FailedUnderLoad) -> str:
    cause = f" by an error of {clue.edge.callee} itself" if clue.own else ""
    return f"{_call(clue.edge)} failed {clue.failed} of {counted(clue.calls, 'time')} under load{cause}"


@clue_words.register
def _slower_under_load(clue: SlowerUnderLoad) -> str:
    caller, callee = clue.edge.caller, clue.edge.callee
    whose = f"{callee} itself took" if clue.of_callee else f"{caller} waits for {callee}, which took"
    return f"{whose} {clue.self_ms:.0f} ms for {clue.edge.operation} under load; was {clue.was_ms:.0f} ms"


@clue_words.register
def _of_plugin(clue: PluginParameters) -> str:
    return plugin_words(clue)


def _call(edge: Edge) -> str:
    return f"{edge.caller} → {edge.callee}: {edge.operation}"


def _changed(changed: Sequence[str] | None) -> str:
    if changed is None:
        return "no baseline to compare images with"
    if not changed:
        return "no image changed since the baseline"
    return f"changed since the baseline: {', '.join(changed)}"
