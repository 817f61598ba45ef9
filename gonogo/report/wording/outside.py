"""Messages on what people and partners got to see."""

from __future__ import annotations

from gonogo.model.findings import Finding
from gonogo.model.outside import ChangeKind, Place, PlaceKind
from gonogo.model.rules.outside import OutsideChanged, OutsideNotCompared
from gonogo.report.wording.findings import subject_words, words
from gonogo.report.wording.text import counted

_MAX_TEXT = 160


@words(OutsideChanged)
def _changed(parameters: OutsideChanged, finding: Finding) -> str:
    """`Ana pays: page /bookings/[id] of Ana: "departs 09:15"; was "departs 10:15"`."""
    seen = [*([f"{parameters.times} times"] if parameters.times > 1 else []),
            *([f"also in {counted(parameters.more, 'more scenario')}"] if parameters.more else []),
            *([] if parameters.proven else ["seen too seldom before to tell a change from what varies"])]
    difference = difference_words(parameters.change, parameters.now, parameters.was)
    return (f"{subject_words(finding.subject)}: {place_words(parameters.place)}: {parameters.where}: {difference}"
            + (f" ({'; '.join(seen)})" if seen else ""))


@words(OutsideNotCompared)
def _not_compared(parameters: OutsideNotCompared, _: Finding) -> str:
    more = f" (and {counted(parameters.count - 1, 'more reason')})" if parameters.count > 1 else ""
    return f"what people and partners saw is not known in full: {parameters.example}{more}"


def place_words(place: Place) -> str:
    """`page /bookings/[id] of Ana, "When she pays"`."""
    of = f" of {place.person}" if place.person else ""
    step = f", at {place.step!r}" if place.step else ""
    match place.kind:
        case PlaceKind.MAIL:
            return f"mail to {place.name}{_ordinal(place)}"
        case PlaceKind.ANSWER:
            return f"answer of {place.component} to {place.name}{of}{step}"
        case PlaceKind.PARTNER:
            return f"{place.name} at {place.component}{_ordinal(place)}"
        case PlaceKind.DOWNLOAD:
            return f"download{of}{step}"
        case PlaceKind.PAGE:
            return f"page {place.name}{of}{step}"


def _ordinal(place: Place) -> str:
    return f" ({place.ordinal})" if place.ordinal > 1 else ""


def difference_words(change: ChangeKind, now: str, was: str) -> str:
    """`"departs 09:15"; was "departs 10:15"`."""
    if not now:
        return f"{_quoted(was)} is gone"
    if not was:
        return f"{_quoted(now)} is new"
    if change is ChangeKind.COUNT:
        return f"{now}; was {was}"
    if now == was and change in (ChangeKind.REORDERED, ChangeKind.ORDER):
        return f"{_quoted(now)} is in another place"
    return f"{_quoted(now)}; was {_quoted(was)}"


def _quoted(text: str) -> str:
    return f'"{text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT - 1] + "…"}"'
