"""Messages on exchanges: broken contracts, changed shapes, edges that were not crossed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gonogo.model.calls import CallChange, ContractFault, FacetValue, GapCause, ShapeChange, UnrecordedCause
from gonogo.model.findings import EndpointSubject, Finding
from gonogo.model.rules.traffic import (
    ContractBroken,
    ContractNotChecked,
    EdgeNotCrossed,
    ExchangesNotRecorded,
    ShapeChanged,
    TracesMissing,
)
from gonogo.report.wording.findings import subject_words, words
from gonogo.report.wording.text import counted, joined

_TYPES = {"string": "a string", "integer": "an integer", "decimal": "a decimal number", "number": "a number",
          "boolean": "true or false", "object": "an object", "array": "an array", "headers": "headers",
          "query": "a query"}
_PRESENCE = {"present": "present", "missing": "missing", "always": "always present", "never": "never present",
             "seldom": "rarely present", "mostly": "mostly present"}
_KINDS = {"zero": "0", "positive": "above 0", "negative": "below 0", "no moment": "no timestamp",
          "no white space around": "without white space at its start or end", "no markup": "without markup",
          "within 2^53": "an exact number", "beyond 2^53": "a number beyond 2^53"}
_TEMPLATES = {"places": "{} decimal places", "spelling": "spelled {}", "size": "about 2^{} characters"}
_FAULTS = {"required": "missing", "json": "declared as JSON but not valid JSON",
           "type": "{value}; documented as {expected}", "enum": "{value}; documented as {expected}",
           "mediaType": "{value}; documented as {expected}", "format": "{value}; documented format {expected}",
           "pattern": "{value} does not match {expected}",
           "minimum": "{value}, below the minimum {expected}", "maximum": "{value}, above the maximum {expected}",
           "exclusiveMinimum": "{value}, not above {expected}", "exclusiveMaximum": "{value}, not below {expected}",
           "multipleOf": "{value}, not a multiple of {expected}", "minLength": "{value}, shorter than {expected}",
           "maxLength": "{value}, longer than {expected}", "minItems": "fewer than {expected} items",
           "maxItems": "more than {expected} items", "uniqueItems": "duplicate items",
           "additionalProperties": "not documented, and no additional properties are allowed",
           "oneOf": "{value} matches several documented alternatives; must match one",
           "status": "{value}; documented: {expected}"}


_NOT_WHOLE = "the body was not recorded whole"
_UNRECORDED = {
    UnrecordedCause.PASSED: "the exchanges of {count} that passed were not kept, e.g. {example!r}: a contract that "
                            "blocks needs `evidence: {{exchanges: always}}`",
    UnrecordedCause.UNREADABLE: "the recordings of {count} cannot be read, e.g. of {example!r}",
    UnrecordedCause.INCOMPLETE: "{exchanges} in the recordings of scenarios are damaged, e.g. of {example!r}",
    UnrecordedCause.NO_STAGE: "no stage of this environment records exchanges",
    UnrecordedCause.TAP: "the tap's record {example} has no exchange of this run, or damaged ones",
}


def gap_words(where: str, cause: GapCause, why: str) -> str:
    """`response.body: not checked: the body was not recorded whole (of 90000 bytes, …)`."""
    return f"{where}: not checked: {gap_reason(cause, why)}".removeprefix(": ")


def gap_reason(cause: GapCause, why: str) -> str:
    if cause is not GapCause.BODY:
        return why
    return f"{_NOT_WHOLE} ({why})" if why else _NOT_WHOLE


def unrecorded_words(cause: UnrecordedCause, count: int, example: str) -> str:
    return _UNRECORDED[cause].format(count=counted(count, "scenario"), exchanges=counted(count, "exchange"),
                                     example=example)


def fault_words(fault: ContractFault) -> str:
    """The value, then what is documented: `" Ana" does not match ^\\S`."""
    if fault.message or fault.keyword not in _FAULTS:
        return fault.message
    between = "and" if fault.keyword == "status" else "or"
    return _FAULTS[fault.keyword].format(value=fault.value or "missing",
                                         expected=joined(fault.expected, between) or "none")


def change_words(where: str, changes: Sequence[ShapeChange], answers: str = "") -> str:
    """`response.body.total: 0; was above 0`."""
    return f"{where}: {is_words(changes)}; was {was_words(changes, answers)}"


def is_words(changes: Iterable[ShapeChange]) -> str:
    return " and ".join(dict.fromkeys(_facet_values(change, change.now) for change in changes))


def was_words(changes: Iterable[ShapeChange], answers: str = "") -> str:
    was = " and ".join(dict.fromkeys(_was(change) for change in changes))
    return was + (f" in answers of {answers}" if answers else "")


def call_change_words(change: CallChange) -> str:
    """`gds: POST /pnrs answered 400; was 201`, `bookings → gds: DELETE /pnrs/[id] 0 times; was 1`."""
    edge = change.edge
    if change.kind == "status":
        return f"{edge.callee}: {edge.operation} answered {_statuses(change.now)}; was {_statuses(change.was)}"
    now, was = sum(change.now), sum(change.was)
    return f"{edge.caller} → {edge.callee}: {edge.operation} {counted(now, 'time')}; was {was}"


def _statuses(statuses: Iterable[int]) -> str:
    return joined(str(status) if status else "no answer" for status in statuses)


def _was(change: ShapeChange) -> str:
    if change.facet == "member":
        return (f"one of {', '.join(value.kind for value in change.was)}" if len(change.was) > 1
                else f"always {_facet_values(change, change.was)}")
    return _facet_values(change, change.was)


def _facet_values(change: ShapeChange, facet_values: Sequence[FacetValue]) -> str:
    match change.facet:
        case "presence":
            return joined(_PRESENCE.get(value.kind, value.kind) for value in facet_values)
        case "type":
            return joined(_type(value) for value in facet_values)
        case "format":
            return joined(map(_format, facet_values))
        case "order":
            return joined(f"around {value.kind}" for value in facet_values)
        case "sorted":
            return joined(map(_sorted, facet_values))
    template = _TEMPLATES.get(change.facet, "{}")
    return joined(template.format(_KINDS.get(value.kind, value.kind)) for value in facet_values)


def _type(value: FacetValue) -> str:
    name = _TYPES.get(value.kind, value.kind)
    return f"{name} ({joined(map(_format, value.formats))})" if value.formats else name


def _sorted(value: FacetValue) -> str:
    by = "".join(each.kind for each in value.formats)
    return f"sorted by {by}, {value.kind}" if by else value.kind


def _format(value: FacetValue) -> str:
    return f"{value.kind} of length {joined(map(str, value.lengths))}" if value.lengths else value.kind


@words(ContractBroken)
def _broken(parameters: ContractBroken, finding: Finding) -> str:
    known = ", also in the baseline" if parameters.known else ""
    return (f"{_endpoint(finding)}: {parameters.where}: {fault_words(parameters.fault)} "
            f"({counted(parameters.count, 'time')}{known})")


@words(ContractNotChecked)
def _not_checked(parameters: ContractNotChecked, finding: Finding) -> str:
    return (f"{_endpoint(finding)}: {gap_words(parameters.where, parameters.cause, parameters.why)} "
            f"({counted(parameters.count, 'time')})")


@words(ExchangesNotRecorded)
def _not_recorded(parameters: ExchangesNotRecorded, _finding: Finding) -> str:
    return f"contract not checked: {unrecorded_words(parameters.cause, parameters.count, parameters.example)}"


@words(ShapeChanged)
def _changed(parameters: ShapeChanged, finding: Finding) -> str:
    more = f", also at {counted(parameters.endpoints, 'more endpoint')}" if parameters.endpoints else ""
    return (f"{_endpoint(finding)}: {change_words(parameters.where, parameters.changes, parameters.answers)} "
            f"({parameters.count} of {parameters.total}{more})")


@words(EdgeNotCrossed)
def _not_crossed(parameters: EdgeNotCrossed, finding: Finding) -> str:
    changed = f"; {parameters.changed} changed since the baseline" if parameters.changed else ""
    elsewhere = (f"; {counted(parameters.elsewhere, 'call')} of it in traces that this run did not begin: let its "
                 "components continue traceparent, or link their spans") if parameters.elsewhere else ""
    return f"{subject_words(finding.subject)} was not called by any scenario or load profile{changed}{elsewhere}"


@words(TracesMissing)
def _without_traces(parameters: TracesMissing, _finding: Finding) -> str:
    foreign = f"; {counted(parameters.foreign, 'span')} came of other traces" if parameters.foreign else ""
    return ("the baseline's run had traces, this one has none: which components called which is unknown"
            f"{foreign}; look at their exporters, and at whether they continue traceparent")


def _endpoint(finding: Finding) -> str:
    subject = finding.subject
    assert isinstance(subject, EndpointSubject)  # noqa: S101  guaranteed by the rules
    return f"{subject.component} {subject.operation}".strip()
