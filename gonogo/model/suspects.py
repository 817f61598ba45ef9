"""Suspects of a failure and their clues, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from gonogo.model.calls import CallChange, ContractFault, Edge, ShapeChange
from gonogo.model.findings import PluginParameters
from gonogo.model.outside import ChangeKind, Place
from gonogo.model.probing import Change


class Weight(IntEnum):
    """How strong a clue is; most steps are twice the one before."""

    REACHABLE = 1  # its answers reach the browser, where something was wrong
    QUERIED = 2  # the failing step queried a party that the component writes to
    CALLED_LESS = 4  # as a scenario that stops early does too
    LAST_PAGE = 8  # the page that the browser saw last was its own
    REFUSED = 16  # answered with 4xx, which it may always have been: there is no baseline to compare with
    CALLS_CHANGED = 32
    TRANSIENT_5XX = 64  # answered with 5xx until it was called again: other changes may follow from that
    LOGGED_ERROR = 96  # logged an exception that it did not log in the baseline; an answer may have hidden it
    BLOCKED = 128  # the browser would not run it, or not hand it to the page
    SHAPE_CHANGED = 256
    CONTRACT_BROKEN = 512
    ERROR_ORIGIN = 1024  # answered with 5xx or not at all, or with 4xx where it was not so in the baseline


@dataclass(frozen=True, slots=True)
class FailedCall:
    """`callee` answered `operation` with `status` (0: not at all); `way` are the components from the first caller down.

    `error_text` is the callee's error message.
    """

    callee: str
    operation: str
    status: int
    error_text: str = ""
    way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenContract:
    """What is not as `callee` documents it."""

    callee: str
    where: str
    fault: ContractFault


@dataclass(frozen=True, slots=True)
class ChangedShape:
    where: str
    changes: tuple[ShapeChange, ...]
    answers: str = ""


@dataclass(frozen=True, slots=True)
class ChangedCalls:
    change: CallChange


@dataclass(frozen=True, slots=True)
class BlockedResource:
    """What a browser refused of what `component` sent; `message` is the browser's reason."""

    component: str
    message: str


@dataclass(frozen=True, slots=True)
class ReportedNeighbour:
    """A step requested the state of `component`; `message` names the neighbour that is wrong there."""

    component: str
    message: str


@dataclass(frozen=True, slots=True)
class WrittenElsewhere:
    """What `component` sent to `receiver` is not what a step finds at `party`, "" where that is the receiver."""

    component: str
    receiver: str
    party: str = ""


@dataclass(frozen=True, slots=True)
class LoggedError:
    """`component` logged an error of the type `exception`; `text` is the first line of the record."""

    component: str
    exception: str
    text: str


@dataclass(frozen=True, slots=True)
class LastReached:
    """Nothing but that `component` took part in the last requests of the page; `sent` says that it sent them itself."""

    component: str
    pages: str
    sent: bool = False


@dataclass(frozen=True, slots=True)
class CallsPerRequest:
    """Under load: how often one request led to a call; `was` is None where it never did."""

    edge: Edge
    per_request: float
    was: float | None


@dataclass(frozen=True, slots=True)
class FailedUnderLoad:
    """`failed` of `calls`; `own` says that no call below explains them."""

    edge: Edge
    failed: int
    calls: int
    own: bool


@dataclass(frozen=True, slots=True)
class SlowerUnderLoad:
    """The callee's own time; `of_callee` says whether the callee is the suspect, or the caller that waits for it."""

    edge: Edge
    self_ms: float
    was_ms: float
    of_callee: bool


@dataclass(frozen=True, slots=True)
class ChangedOutside:
    """What people or partners saw at `where` of `place` was `was` in the baseline, "" for nothing."""

    place: Place
    change: ChangeKind
    where: str
    now: str
    was: str


@dataclass(frozen=True, slots=True)
class ProbeDiffers:
    """The answer to a probe, a request that no scenario sends, differs from the baseline's; as `ProbeAnswered`."""

    operation: str
    change: Change
    where: str
    was: str
    is_now: str


ClueEvidence = (FailedCall | BrokenContract | ChangedShape | ChangedCalls | BlockedResource | ReportedNeighbour
                | WrittenElsewhere | LoggedError | LastReached | CallsPerRequest | FailedUnderLoad | SlowerUnderLoad
                | ChangedOutside | ProbeDiffers | PluginParameters)


@dataclass(frozen=True, slots=True)
class Clue:
    """`component` may have broken `peer`: what about `operation` says so, and how strongly."""

    component: str
    peer: str
    operation: str
    weight: Weight
    evidence: ClueEvidence


@dataclass(frozen=True, slots=True)
class Suspect:
    """A component that may have broken a peer: the operation between them, and the clues, the strongest first.

    `changed` are the components that are not as in the baseline; None without one.
    """

    component: str
    peer: str
    operation: str
    clues: tuple[ClueEvidence, ...] = ()
    changed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class NoSuspect:
    """Why a NO-GO has no suspect: whether there were traces, and what has changed since the baseline (None without)."""

    traced: bool
    changed: tuple[str, ...] | None
