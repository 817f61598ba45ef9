"""Messages on suspects: the first line of a NO-GO, or the reason why there is no suspect."""

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
    ChangedOutside,
    ChangedShape,
    ClueEvidence,
    FailedCall,
    FailedUnderLoad,
    LastReached,
    LoggedError,
    NoSuspect,
    ProbeDiffers,
    ReportedNeighbour,
    SlowerUnderLoad,
    Suspect,
    WrittenElsewhere,
)
from gonogo.report.wording.findings import plugin_words
from gonogo.report.wording.outside import difference_words, place_words
from gonogo.report.wording.probe import answer_words
from gonogo.report.wording.text import counted
from gonogo.report.wording.traffic import call_change_words, change_words, fault_words

_MAX_WHY = 600


def suspect_line(suspect: Suspect) -> str:
    """`web → customers: POST /api/customers: …`."""
    return f"{suspect.component} → {suspect.peer}: {suspect.operation}: {suspect_why(suspect)}"


def suspect_why(suspect: Suspect) -> str:
    return "; ".join([*map(clue_words, suspect.clues), _changed(suspect.changed)])[:_MAX_WHY]


def no_suspect_line(why: NoSuspect) -> str:
    """Why a NO-GO has no suspect, and which images changed."""
    traces = [] if why.traced else ["no traces were recorded"]
    return "; ".join(["no suspect: no recorded call explains the failure", *traces, _changed(why.changed)])


@singledispatch
def clue_words(clue: ClueEvidence) -> str:
    """The message of one clue; each kind of evidence has a function below."""
    raise NotImplementedError(type(clue).__name__)


@clue_words.register
def _failed_call(clue: FailedCall) -> str:
    answered = f"answered {clue.status} to" if clue.status else "did not answer"
    text = f": {clue.error_text}" if clue.error_text else ""
    way = f" ({' → '.join(clue.way)})" if clue.way else ""
    return f"{clue.callee} {answered} {clue.operation}{text}{way}"


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
    return f"the browser blocked a response from {clue.component}: {clue.message}"


@clue_words.register
def _reported(clue: ReportedNeighbour) -> str:
    return f"a step checked {clue.component}: {clue.message}"


@clue_words.register
def _written_elsewhere(clue: WrittenElsewhere) -> str:
    at = f" at {clue.party}" if clue.party else ""
    return f"{clue.component} sent data to {clue.receiver} that differs from what the scenario expects{at}"


@clue_words.register
def _logged_error(clue: LoggedError) -> str:
    return f"{clue.component} logged {clue.exception}: {clue.text}"


@clue_words.register
def _last_reached(clue: LastReached) -> str:
    reach = (f"this is the last request from {clue.component}" if clue.sent
             else f"answers from {clue.component} reach {clue.pages}")
    return f"{reach}; no call failed and no shape changed"


@clue_words.register
def _calls_per_request(clue: CallsPerRequest) -> str:
    was = "never" if clue.was is None else f"{clue.was:.2g}"
    return f"{_call(clue.edge)} {clue.per_request:.2g} times per request under load; was {was}"


@clue_words.register
def _failed_under_load(clue: FailedUnderLoad) -> str:
    cause = f" ({clue.edge.callee}'s own error)" if clue.own else ""
    return f"{_call(clue.edge)} failed {clue.failed} of {counted(clue.calls, 'time')} under load{cause}"


@clue_words.register
def _slower_under_load(clue: SlowerUnderLoad) -> str:
    caller, callee = clue.edge.caller, clue.edge.callee
    waiting = "" if clue.of_callee else f"{caller} waits for "
    return (f"{waiting}{callee}: {clue.edge.operation} self time {clue.self_ms:.0f} ms under load; was "
            f"{clue.was_ms:.0f} ms")


@clue_words.register
def _changed_outside(clue: ChangedOutside) -> str:
    return f"{place_words(clue.place)}: {clue.where}: {difference_words(clue.change, clue.now, clue.was)}"


@clue_words.register
def _probe_differs(clue: ProbeDiffers) -> str:
    return answer_words(clue)


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
