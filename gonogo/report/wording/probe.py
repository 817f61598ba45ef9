"""Messages on answers to requests that no scenario sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gonogo.model.findings import Finding
from gonogo.model.not_checked import (
    NotChecked,
    ProbeBaselineUnreadable,
    ProbeExcluded,
    ProbeLeftOut,
    ProbeNew,
    ProbeUnsigned,
    ProbeUnstable,
)
from gonogo.model.probing import STATUS, Change
from gonogo.model.rules.probe import ProbeAnswered, ProbeIncomplete, ProbeNoOperation, ProbeRefused, ProbeUnanswered
from gonogo.model.suspects import ProbeDiffers
from gonogo.report.wording.findings import words
from gonogo.report.wording.text import counted

_AT_PLACE = {
    "missing": "without {name}", "extra": "with {name}, which is not documented", "null": "with {name} null",
    "empty": "with an empty {name}", "empty list": "with an empty list {name}",
    "items": "with {detail} items in {name}",
    "type": "with {detail} as {name}", "long": "with {name} of {detail} characters",
    "text": "with an awkward {name} ({detail})",
}
_WHOLE = {"ordinary": "with ordinary values", "unsigned": "without a sign-in", "random": "with valid values at random"}


@words(ProbeAnswered)
def _answered(parameters: ProbeAnswered, finding: Finding) -> str:
    request = f"{parameters.operation} {change_words(parameters.change)}"
    more = parameters.requests - 1
    others = f" (and {counted(more, 'more request')})" if more else ""
    if finding.rule == "probe-unstable":
        return (f"{request}: {_now(parameters)}; was {_value(parameters.was)} in the baseline, although nothing of the "
                f"system has changed, or not each time{others}")
    if not parameters.was and parameters.where == STATUS:
        return f"{request}: {_now(parameters)}; no baseline has this request{others}"
    return f"{answer_words(parameters)}{others}"


def answer_words(answer: ProbeAnswered | ProbeDiffers) -> str:
    """`POST /api/items with an empty `name`: answered 500; was 422`."""
    return f"{answer.operation} {change_words(answer.change)}: {_now(answer)}; was {_value(answer.was)}"


@words(ProbeIncomplete)
def _incomplete(parameters: ProbeIncomplete, _: Finding) -> str:
    left = (f"{counted(parameters.left, 'request')} of the baseline could not be sent again within twice `probe: "
            "seconds:`") if parameters.left else ""
    unfilled = (f"{counted(parameters.unfilled, 'request')} of the baseline could not be sent again: the sign-in does "
                f"not return a value ({parameters.example})") if parameters.unfilled else ""
    return "; ".join(filter(None, [left, unfilled]))


@words(ProbeNoOperation)
def _no_operation(parameters: ProbeNoOperation, _: Finding) -> str:
    example = f": {parameters.example}" if parameters.example else ""
    return f"no operation of the OpenAPI documents can be probed{example}"


@words(ProbeRefused)
def _refused(parameters: ProbeRefused, _: Finding) -> str:
    return f"the environment does not permit {parameters.example}; {counted(parameters.count, 'request')} not sent"


@words(ProbeUnanswered)
def _unanswered(parameters: ProbeUnanswered, _: Finding) -> str:
    return f"the system stopped answering: after {counted(parameters.sent, 'request')} there was no answer any more"


def change_words(change: Change) -> str:
    """`with an empty `name``, `without `email``, `with an awkward `name` (apostrophe)`."""
    if not change.place:
        return _WHOLE.get(change.kind, f"with {change.kind}")
    return _AT_PLACE.get(change.kind, "with {name} {detail}").format(name=_name(change.place), detail=change.detail)


def probe_not_checked_words(item: NotChecked) -> str | None:
    """`probe: …` for what the probe stage did not check; None for other items."""
    words_of_kind = _NOT_CHECKED.get(type(item))
    return f"probe: {words_of_kind(item)}" if words_of_kind else None


_NOT_CHECKED: Mapping[type[NotChecked], Callable[[Any], str]] = {
    ProbeUnsigned: lambda _: "no `sign_in`: requests were sent as a stranger sends them",
    ProbeNew: lambda item: (f"{counted(item.requests, 'request')} that no baseline has; only server errors were looked "
                            "for, as warnings"),
    ProbeUnstable: lambda item: (f"{counted(item.requests, 'request')} whose answers differ from send to send, such as "
                                 f"those of {item.example}"),
    ProbeLeftOut: lambda item: f"{counted(item.count, 'operation')} cannot be probed: {item.example}",
    ProbeExcluded: lambda item: f"{counted(item.requests, 'request')} of the baseline left out by `only` or `except`",
    ProbeBaselineUnreadable: lambda item: (f"the requests of the baseline (run {item.run}) were written by another "
                                           "version of gonogo"),
}


def _now(parameters: ProbeAnswered | ProbeDiffers) -> str:
    now = parameters.is_now
    if parameters.where == STATUS:
        return "did not answer" if now == "0" else f"answered {now}"
    if parameters.where.startswith("response."):
        return f"{parameters.where} is {now}" if now else f"{parameters.where} is missing"
    return f"the {parameters.where} is {_value(now)}"


def _value(text: str) -> str:
    return "no answer" if text == "0" else text or "none"


def _name(place: str) -> str:
    where, _, name = place.partition(".")
    if where == "header":
        return f"header `{name}`"
    return f"`{name}`" if name else "body"

