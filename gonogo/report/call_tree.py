"""The calls of one scenario as a tree that people read: step by step, with the call where the error began marked.

    Ana books the flight
      browser → gateway POST /api/bookings 502 184 ms  ← passed on
        gateway → bookings POST /bookings 502 180 ms  ← passed on
          bookings → gds POST /pnrs 400 12 ms  ← error origin: NM01 INVALID NAME FORMAT

Calls that follow one another and are alike are one line with their number, as a page that waits asks often. Which
call went wrong is told by `trace.failing_hop`, where the tree is kept by `calls_file`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gonogo.model.calls import Call

_ORIGIN = "← error origin"
_PASSED_ON = "← passed on"
_NO_STEP = "outside of a step"
_MAX_TEXT = 300
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One line; `is_origin` marks the call where the error began."""

    text: str
    is_origin: bool = False


_Alike = tuple[Call, ...]  # one line of the tree; more than one call where they differ in nothing but their times


def render_calls(calls: Sequence[Call], hop: Sequence[Call] = ()) -> str:
    """The tree of `calls`; `hop` is the way from one of them down to where the error began, empty where none did."""
    return "".join(line.text + "\n" for line in tree_lines(calls, hop))


def tree_lines(calls: Sequence[Call], hop: Sequence[Call] = ()) -> list[TreeLine]:
    lines: list[TreeLine] = []
    stepless = not any(call.step for call in calls)
    for step, of_step in groupby(calls, key=lambda call: call.step):
        if not stepless:
            lines.append(TreeLine(_in_one_line(step) or _NO_STEP))
        lines += _lines([(call,) for call in of_step], hop, 0 if stepless else 1)
    return lines


def _lines(calls: Iterable[_Alike], hop: Sequence[Call], depth: int) -> Iterator[TreeLine]:
    for _, several in groupby(calls, key=lambda alike: _look(alike[0], hop)):
        alike = tuple(call for each in several for call in each)
        below_hop = hop[1:] if _is_on(hop, alike[0]) else ()
        is_on_hop = _is_on(hop, alike[0])
        is_origin = is_on_hop and not below_hop
        yield TreeLine(_INDENT * depth + _line(alike, is_on_hop=is_on_hop, is_origin=is_origin), is_origin)
        yield from _lines(zip(*(call.calls for call in alike), strict=True), below_hop, depth + 1)


def _look(call: Call, hop: Sequence[Call]) -> Hashable:
    """What makes two calls one line. The way to what went wrong is like nothing else."""
    if _is_on(hop, call):
        return hop[0].started_s, hop[0].span_id
    return call.edge, call.status, call.error_text, call.late, tuple(_look(below, ()) for below in call.calls)


def _is_on(hop: Sequence[Call], call: Call) -> bool:
    """Whether `call` is the first of `hop`, which is told without what was well below it."""
    return bool(hop) and replace(call, calls=()) == replace(hop[0], calls=())


def _line(alike: _Alike, *, is_on_hop: bool, is_origin: bool) -> str:
    call, edge = alike[0], alike[0].edge
    parts = [f"{edge.caller or '?'} → {edge.callee} {edge.operation}", _status(call),
             f"×{len(alike)}" if len(alike) > 1 else "", _duration(alike),
             "(after the answer)" if call.late else ""]
    line = _in_one_line(" ".join(part for part in parts if part))
    error_text = _in_one_line(call.error_text)[:_MAX_TEXT] if call.failed else ""
    mark = "" if not is_on_hop else _ORIGIN if is_origin else _PASSED_ON if call.failed else ""
    told = ": ".join(part for part in (mark, error_text) if part)
    return f"{line}  {told}" if told else line


def _status(call: Call) -> str:
    if not call.edge.endpoint.startswith("/"):  # not HTTP: its numbers are made up
        return "failed" if call.failed else "ok"
    return str(call.status) if call.status else "no answer"


def _duration(alike: _Alike) -> str:
    """Empty where nobody measured it."""
    least, most = min(call.duration_ms for call in alike), max(call.duration_ms for call in alike)
    if not most:
        return ""
    return f"{most:.0f} ms" if f"{least:.0f}" == f"{most:.0f}" else f"{least:.0f}–{most:.0f} ms"


def _in_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in " ".join(text.split()))
