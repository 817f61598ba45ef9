"""Summarises recordings as lines: calls by edge, contract violations and changes.

`gonogo.gate.recordings` reads and compares them. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.core.text import printable
from gonogo.model.calls import Edge, Violation, WireEvidence
from gonogo.model.exchange import Exchange
from gonogo.records.har import Recording
from gonogo.report.wording.text import counted
from gonogo.report.wording.traffic import change_words, fault_words
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.pages import is_of_a_page
from gonogo.traffic.shapes.significance import MIN_VALUES
from gonogo.verdict.blame.flow import caller_of
from gonogo.verdict.rules.undocumented import undocumented_places

PAGES = "pages and their files"

Statuses = Mapping[Edge, Mapping[int, int]]  # edge → status → number of answers


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """The input of the summary. `recordings` are by file; `wire` is their joint evidence.

    `earlier` is the file that they were compared with ("" if none), `earlier_statuses` are its statuses (None if none).
    `checked` is whether any callee has an OpenAPI document; `not_checked` are lines on what could not be checked.
    """

    recordings: Mapping[str, Recording]
    statuses: Statuses
    wire: WireEvidence
    earlier: str = ""
    earlier_statuses: Statuses | None = None
    checked: bool = False
    not_checked: Sequence[str] = ()


def statuses_of(exchanges: Iterable[Exchange], endpoints: Endpoints) -> Statuses:
    """Statuses by edge; successful requests for pages and their files are one endpoint."""
    statuses: dict[Edge, Counter[int]] = {}
    for exchange in exchanges:
        edge = endpoints.edge(exchange)
        if is_of_a_page(exchange) and 0 < exchange.status < 400:
            edge = Edge(edge.caller, edge.callee, "", PAGES)
        statuses.setdefault(edge, Counter())[exchange.status] += 1
    return statuses


def recording_lines(summary: RecordingSummary) -> list[str]:
    """The summary as lines; the last one has the totals."""
    lines = [*_files(summary.recordings), *_endpoints(summary.statuses, summary.earlier_statuses or {}),
             *_contract(summary), *_differences(summary), *(f"not checked: {line}" for line in summary.not_checked),
             _totals(summary)]
    return list(map(printable, lines))


def _files(recordings: Mapping[str, Recording]) -> Iterator[str]:
    for name, recording in recordings.items():
        left_out = ", ".join(f"{why} ({count})" for why, count in
                             sorted(recording.left_out.items(), key=lambda each: (-each[1], each[0])))
        yield (f"{name}: {counted(len(recording.exchanges), 'exchange')}"
               f", recorded by {recording.tool or 'an unnamed tool'}"
               + (f"; left out: {left_out}" if left_out else ""))


def _endpoints(now: Statuses, then: Statuses) -> Iterator[str]:
    widest = max(len(_name(edge)) for edge in now) if now else 0
    for edge in sorted(now, key=lambda edge: (edge.caller, edge.callee, edge.endpoint, edge.method)):
        answers = now[edge]
        was = then.get(edge, answers)
        before = f"  was {_answers(was)}" if set(was) != set(answers) else ""
        yield f"{_name(edge):{widest}}  {sum(answers.values()):5}  {_answers(answers)}{before}"


def _answers(answers: Mapping[int, int]) -> str:
    return ", ".join((str(status) if status else "no answer") + (f" ×{count}" if len(answers) > 1 else "")
                     for status, count in sorted(answers.items()))


def _contract(summary: RecordingSummary) -> Iterator[str]:
    for violation in summary.wire.violations:
        yield f"contract: {_violation(violation, summary)}"
    yield from (f"not documented: {place}" for place in undocumented_places(summary.wire))


def _violation(violation: Violation, summary: RecordingSummary) -> str:
    edge = violation.edge
    at_fault = caller_of(edge, summary.wire) if violation.at_fault == edge.caller else violation.at_fault
    known = f", as in {summary.earlier}" if violation.known else ""
    return (f"{at_fault} is at fault: {edge.callee} {edge.operation}: {violation.where}: "
            f"{fault_words(violation.fault)} ({counted(violation.count, 'time')}{known})")


def _differences(summary: RecordingSummary) -> Iterator[str]:
    for each in summary.wire.differences:
        yield (f"changed since {summary.earlier}: {_name(each.edge)}: "
               f"{change_words(each.where, each.changes, each.answers)} ({each.count} of {each.total})")
    if summary.earlier_statuses is not None:
        statuses, earlier = summary.statuses, summary.earlier_statuses
        new, gone = sorted(statuses.keys() - earlier.keys()), sorted(earlier.keys() - statuses.keys())
        yield from (f"not in {summary.earlier}: {_name(edge)}" for edge in new)
        yield from (f"only in {summary.earlier}: {_name(edge)}" for edge in gone)
        rare = sorted(edge for edge in statuses.keys() & earlier.keys() if sum(earlier[edge].values()) < MIN_VALUES)
        if rare:
            yield (f"not checked: shapes of {counted(len(rare), 'endpoint')}, e.g. {_name(rare[0])}: fewer than "
                   f"{MIN_VALUES} calls in {summary.earlier}")


def _totals(summary: RecordingSummary) -> str:
    parts = [counted(sum(sum(answers.values()) for answers in summary.statuses.values()), "exchange"),
             counted(sum(edge.endpoint != PAGES for edge in summary.statuses), "endpoint"),
             counted(len(summary.wire.violations), "violation") if summary.checked else "no contract checked"]
    if summary.earlier_statuses is not None:
        parts.append(counted(len(summary.wire.differences), "difference"))
    return ", ".join(parts)


def _name(edge: Edge) -> str:
    return f"{edge.caller or '?'} → {edge.callee or '?'} {edge.operation.strip()}"
