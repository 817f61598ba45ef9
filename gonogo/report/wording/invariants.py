"""Messages on what must hold in every system."""

from __future__ import annotations

from gonogo.model.findings import Finding
from gonogo.model.outside import PlaceKind
from gonogo.model.rules.invariants import (
    AccessLost,
    BrokenText,
    DataOfAnother,
    ForeignHost,
    Grown,
    Observed,
    PageBroken,
    ProtectionLost,
)
from gonogo.report.wording.findings import words
from gonogo.report.wording.outside import place_words
from gonogo.report.wording.text import counted


@words(DataOfAnother)
def _data_of_another(parameters: DataOfAnother, _: Finding) -> str:
    owner = f"by {parameters.owner}" if parameters.owner else "by a step"
    origin = f"{owner} in {parameters.elsewhere!r}" if parameters.elsewhere else owner
    verb = "gets" if parameters.place.kind is PlaceKind.PARTNER else "shows"
    return _at(parameters, f"{verb} what was put into {parameters.field!r} {origin}")


@words(ForeignHost)
def _foreign_host(parameters: ForeignHost, _: Finding) -> str:
    of = "of another environment" if parameters.other_environment else "which is not of this environment"
    verb = "loads from" if parameters.where == "request" else f"leads ({parameters.where.strip()}) to"
    return _at(parameters, f"{verb} the host {parameters.host}, {of}")


@words(ProtectionLost)
def _protection_lost(parameters: ProtectionLost, _: Finding) -> str:
    more = f", and {counted(parameters.endpoints - 1, 'more endpoint')}" if parameters.endpoints > 1 else ""
    name = _PROTECTIONS.get(parameters.protection, parameters.protection)
    if parameters.protection == "shared-cache":
        return _at(parameters, f"is private, and caches that people share may store it: "
                               f"Cache-Control {parameters.now or 'is gone'}; was {parameters.was}{more}")
    return _at(parameters, f"lost {name}: {parameters.now or 'none'}; was {parameters.was}{more}")


_PROTECTIONS = {"framing": "its protection against framing", "no-store": "Cache-Control: no-store"}


@words(Grown)
def _grown(parameters: Grown, _: Finding) -> str:
    place, seen_in = parameters.place, f"in {counted(parameters.runs, 'run')} before"
    now, was = f"{parameters.now:g}", f"{parameters.was:g}"
    match parameters.measure:
        case "calls":
            text = f"{parameters.caller} calls {place.component} {place.name} {now} times; was at most {was} {seen_in}"
        case "fan-out":
            text = (f"{parameters.caller} calls {place.component} {place.name} {now} times for one "
                    f"{parameters.within}; was at most {was} {seen_in}")
        case "bytes":
            text = f"{place.component} answers {place.name} with {now} bytes; was at most {was} {seen_in}"
        case "assets":
            text = f"its pages load {now} bytes; was at most {was} {seen_in}"
        case "endpoint-s":
            text = f"{place.component} answers {place.name} after {now} s; was at most {was} s {seen_in}"
        case _:
            text = f"{place.name!r} takes {now} s from the last action; was at most {was} s {seen_in}"
    return _noted(parameters, text)


@words(PageBroken)
def _page_broken(parameters: PageBroken, _: Finding) -> str:
    if parameters.cause == "error":
        return _at(parameters, f"has an uncaught error: {parameters.text}")
    place = parameters.place
    what = {"page": "a page", "part": "a part of a page"}.get(parameters.cause, "a call of a page")
    result = f"was answered {parameters.text}" if parameters.text.isdigit() else f"failed: {parameters.text}"
    of = f" of {place.person}" if place.person else ""
    return _noted(parameters, f"{what}{of} {result}: {place.component} {place.name}")


@words(BrokenText)
def _broken_text(parameters: BrokenText, _: Finding) -> str:
    return _at(parameters, f"shows {_SORTS.get(parameters.sort, parameters.sort)}: {parameters.text!r}")


_SORTS = {"object": "an object as text", "nothing": "nothing as a value", "template": "a part of a template",
          "entity": "an HTML entity", "encoding": "a wrong encoding", "translation": "a missing translation",
          "key": "a key for a text", "address": "a link to nothing"}


@words(AccessLost)
def _access_lost(parameters: AccessLost, _: Finding) -> str:
    match parameters.loss:
        case "name":
            text = f"has an element of the role {parameters.what} without a name for screen readers; it had one"
        case "heading":
            text = f"has a heading that is now plain text: {parameters.what!r}"
        case "title":
            text = "has lost its heading of level 1"
        case _:
            text = f"leaves out a level of headings: {parameters.what}"
    return _at(parameters, text)


def _at(parameters: Observed, text: str) -> str:
    """`page /orders of Ben shows … (Ben looks around, and 2 more scenarios; also in the baseline)`."""
    return _noted(parameters, f"{place_words(parameters.place)} {text}")


def _noted(parameters: Observed, text: str) -> str:
    scenario = parameters.scenario + (f", and {counted(parameters.more, 'more scenario')}" if parameters.more else "")
    notes = [*([scenario] if scenario else []), *(["also in the baseline"] if parameters.known else []),
             *([] if parameters.compared else ["without a baseline, it may be old"])]
    return f"{text} ({'; '.join(notes)})" if notes else text
