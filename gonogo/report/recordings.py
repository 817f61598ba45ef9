"""What recordings of any tool say, in lines for people: who called whom, what breaks a contract, what has changed.

How they are read and compared is `recordings` and `joining`'s business; here is neither a file nor a verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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

Statuses = Mapping[Edge, Mapping[int, int]]  # how often each kind of call was answered how


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What is to be shown. `recordings` are by file; `wire` is what they say together; `earlier` is the file that they
    were compared with and `then` what was called there, "" and empty where they were not; `checked` says whether any
    callee has an OpenAPI document, `not_checked` why what was asked could not be told.
    """

    recordings: Mapping[str, Recording]
    now: Statuses
    wire: WireEvidence
    earlier: str = ""
    then: Statuses | None = None
    checked: bool = False
    not_checked: Sequence[str] = ()


def statuses_of(exchanges: Iterable[Exchange], endpoints: Endpoints) -> Statuses:
    """By edge; pages and what they are made of are one, unless they went wrong: nobody asks for forty scripts."""
    found: dict[Edge, Counter[int]] = {}
    for exchange in exchanges:
        edge = endpoints.edge(exchange)
        if is_of_a_page(exchange) and 0 < exchange.status < 400:
            edge = Edge(edge.caller, edge.callee, "", PAGES)
        found.setdefault(edge, Counter())[exchange.status] += 1
    return found


def recording_lines(told: RecordingSummary) -> list[str]:
    """Line by line; the last one has the figures."""
    lines = [*_files(told.recordings), *_endpoints(told.now, told.then or {}), *_contract(told), *_differences(told),
             *(f"not checked: {line}" for line in told.not_checked), _figures(told)]
    return ["".join(character if character.isprintable() else " " for character in line) for line in lines]


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


def _contract(told: RecordingSummary) -> Iterator[str]:
    for violation in told.wire.violations:
        yield f"contract: {_violation(violation, told)}"
    yield from (f"not documented: {place}" for place in undocumented_places(told.wire))


def _violation(violation: Violation, told: RecordingSummary) -> str:
    edge = violation.edge
    at_fault = caller_of(edge, told.wire) if violation.at_fault == edge.caller else violation.at_fault
    known = f", as in {told.earlier}" if violation.known else ""
    return (f"{at_fault} is at fault: {edge.callee} {edge.operation}: {violation.where}: "
            f"{fault_words(violation.fault)} ({counted(violation.count, 'time')}{known})")


def _differences(told: RecordingSummary) -> Iterator[str]:
    for each in told.wire.differences:
        yield (f"changed since {told.earlier}: {_name(each.edge)}: "
               f"{change_words(each.where, each.changes, each.answers)} ({each.count} of {each.total})")
    if told.then is not None:
        new, gone = sorted(told.now.keys() - told.then.keys()), sorted(told.then.keys() - told.now.keys())
        yield from (f"not in {told.earlier}: {_name(edge)}" for edge in new)
        yield from (f"only in {told.earlier}: {_name(edge)}" for edge in gone)
        rare = sorted(edge for edge in told.now.keys() & told.then.keys() if sum(told.then[edge].values()) < MIN_VALUES)
        if rare:
            yield (f"not checked: shapes of {counted(len(rare), 'endpoint')}, e.g. {_name(rare[0])}: fewer than "
                   f"{MIN_VALUES} calls in {told.earlier}")


def _figures(told: RecordingSummary) -> str:
    parts = [counted(sum(sum(answers.values()) for answers in told.now.values()), "exchange"),
             counted(sum(edge.endpoint != PAGES for edge in told.now), "endpoint"),
             counted(len(told.wire.violations), "violation") if told.checked else "no contract checked"]
    if told.then is not None:
        parts.append(counted(len(told.wire.differences), "difference"))
    return ", ".join(parts)


def _name(edge: Edge) -> str:
    return f"{edge.caller or '?'} → {edge.callee or '?'} {edge.operation.strip()}"
